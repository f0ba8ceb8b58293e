package dev.millrace.source;

import dev.millrace.config.PostgresDefinition;
import java.sql.Array;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Queries of one snapshot of a database, which see nothing that commits later. Driver only. */
public final class PostgresQuery implements AutoCloseable {

  private final Connection connection;

  private PostgresQuery(Connection connection) {
    this.connection = connection;
  }

  /** Opens a session that only reads; the first query takes the snapshot. */
  public static PostgresQuery open(PostgresDefinition postgres) throws SQLException {
    Connection connection =
        PostgresSample.connect(postgres.url(), postgres.user(), postgres.password());
    try {
      connection.setAutoCommit(false);
      connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      try (Statement statement = connection.createStatement()) {
        statement.execute("SET intervalstyle = 'iso_8601'");
      }
      return new PostgresQuery(connection);
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  /**
   * The rows of a query. A timestamp with a zone is an {@link java.time.Instant}, an interval its
   * text in ISO 8601, an array a list; other values are as the driver has them.
   */
  public List<List<Object>> rows(String sql) throws SQLException {
    List<List<Object>> rows = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet found = statement.executeQuery(sql)) {
      int columns = found.getMetaData().getColumnCount();
      while (found.next()) {
        List<Object> row = new ArrayList<>();
        for (int column = 1; column <= columns; column++) {
          row.add(value(found, column));
        }
        rows.add(row);
      }
    }
    return rows;
  }

  private static Object value(ResultSet found, int column) throws SQLException {
    String type = found.getMetaData().getColumnTypeName(column);
    if (type.equals("timestamptz")) {
      OffsetDateTime time = found.getObject(column, OffsetDateTime.class);
      return time == null ? null : time.toInstant();
    }
    if (type.equals("date")) {
      return found.getObject(column, java.time.LocalDate.class);
    }
    if (type.equals("interval")) {
      return found.getString(column);
    }
    Object value = found.getObject(column);
    if (found.getMetaData().getColumnType(column) == Types.ARRAY && value instanceof Array array) {
      return Arrays.asList((Object[]) array.getArray());
    }
    return value;
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
