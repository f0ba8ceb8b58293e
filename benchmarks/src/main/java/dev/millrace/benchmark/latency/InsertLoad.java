package dev.millrace.benchmark.latency;

import dev.millrace.simulator.Pace;
import dev.millrace.simulator.PacedLoop;
import dev.millrace.simulator.RideRows;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.LongStream;

/**
 * Inserts rides at a rate, and notes when each was committed. A row is a transaction; rows that
 * fell due while Postgres committed others share the next one.
 */
final class InsertLoad implements AutoCloseable {

  private static final String TABLE = "business_ncr_ride_bookings";
  private static final int SEED = 42;
  private static final int LARGEST_TRANSACTION = 500;

  private final Connection connection;
  private final PreparedStatement insert;
  private final RideRows rides = new RideRows(SEED);

  InsertLoad(Connection connection) throws SQLException {
    this.connection = connection;
    connection.setAutoCommit(false);
    List<String> columns = textColumns(connection);
    this.insert =
        connection.prepareStatement(
            "INSERT INTO %s (id, %s) VALUES (?%s)"
                .formatted(
                    TABLE,
                    String.join(", ", columns),
                    String.join("", Collections.nCopies(columns.size(), ", ?"))));
  }

  /** The table's columns of text, in its order, quoted. */
  private static List<String> textColumns(Connection connection) throws SQLException {
    List<String> columns = new ArrayList<>();
    try (ResultSet found = connection.getMetaData().getColumns(null, "public", TABLE, "%")) {
      while (found.next()) {
        if (found.getString("TYPE_NAME").equals("text")) {
          columns.add('"' + found.getString("COLUMN_NAME") + '"');
        }
      }
    }
    return columns;
  }

  /** Inserts the rows of a series, {@code rate} of them a second; returns after the last commit. */
  void run(Times committed, int rate) throws SQLException {
    new PacedLoop(new Pace(rate), LARGEST_TRANSACTION)
        .run(
            LongStream.range(committed.firstId(), committed.firstId() + committed.count())
                .iterator(),
            (List<Long> ids) -> {
              for (long id : ids) {
                add(id);
              }
              insert.executeBatch();
              connection.commit();
              long now = System.nanoTime();
              ids.forEach(id -> committed.note(id, now));
            });
  }

  private void add(long id) throws SQLException {
    insert.setLong(1, id);
    int parameter = 2;
    for (String value : rides.next()) {
      insert.setString(parameter++, value == null ? "b'null'" : literal(value));
    }
    insert.addBatch();
  }

  /** As the table's loader writes it. */
  private static String literal(String value) {
    StringBuilder literal = new StringBuilder("b\"");
    for (byte each : value.getBytes(StandardCharsets.UTF_8)) {
      if (each >= ' ' && each < 127) {
        literal.append((char) each);
      } else {
        literal.append("\\x%02x".formatted(each));
      }
    }
    return literal.append('"').toString();
  }

  @Override
  public void close() throws SQLException {
    insert.close();
    connection.close();
  }
}
