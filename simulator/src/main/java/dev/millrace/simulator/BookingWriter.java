package dev.millrace.simulator;

import static java.util.stream.Collectors.joining;

import dev.millrace.simulator.RideChange.Operation;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes changes to the table, one transaction a call. The only class that knows SQL.
 *
 * <p>Ids come from the table's own sequence, so a simulation continues after the rows that exist.
 * The session's time zone is set to UTC: {@code created_at} and {@code updated_at} have none of
 * their own. Auto-commit is off while the writer is open; closing brings it back and leaves the
 * connection open.
 */
final class BookingWriter implements AutoCloseable {

  static final String TABLE = "public.business_ncr_ride_bookings";

  private static final String NEW_IDS =
      "SELECT nextval(pg_get_serial_sequence('" + TABLE + "', 'id')) FROM generate_series(1, ?)";

  private static final String INSERT =
      "INSERT INTO %s (id, %s) VALUES (?, %s)"
          .formatted(
              TABLE,
              Arrays.stream(BookingColumn.values())
                  .map(BookingWriter::quoted)
                  .collect(joining(", ")),
              Arrays.stream(BookingColumn.values()).map(column -> "?").collect(joining(", ")));

  private static final String UPDATE =
      "UPDATE %s SET %s, updated_at = now() WHERE id = ?"
          .formatted(
              TABLE,
              BookingColumn.changing().stream()
                  .map(column -> quoted(column) + " = ?")
                  .collect(joining(", ")));

  private static final String DELETE = "DELETE FROM %s WHERE id = ?".formatted(TABLE);

  private final Connection connection;
  private final PreparedStatement newIds;
  private final PreparedStatement insert;
  private final PreparedStatement update;
  private final PreparedStatement delete;
  private final Map<Long, Long> idByRide = new HashMap<>();

  private BookingWriter(
      Connection connection,
      PreparedStatement newIds,
      PreparedStatement insert,
      PreparedStatement update,
      PreparedStatement delete) {
    this.connection = connection;
    this.newIds = newIds;
    this.insert = insert;
    this.update = update;
    this.delete = delete;
  }

  /** How many rows the changes met. A row that somebody else deleted is met by no later change. */
  record Written(long inserted, long updated, long deleted) {}

  static BookingWriter open(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET TIME ZONE 'UTC'");
    }
    connection.setAutoCommit(false);
    return new BookingWriter(
        connection,
        connection.prepareStatement(NEW_IDS),
        connection.prepareStatement(INSERT),
        connection.prepareStatement(UPDATE),
        connection.prepareStatement(DELETE));
  }

  /**
   * Writes the changes and commits. All inserts go first, then all updates, then all deletes, each
   * kind in the given order: no ride's own order is disturbed, and a call costs five round trips at
   * most.
   *
   * @throws SQLException after which nothing of these changes is in the table and the writer is of
   *     no further use
   */
  Written write(List<RideChange> changes) throws SQLException {
    try {
      long inserted = insert(only(Operation.INSERT, changes));
      long updated = update(only(Operation.UPDATE, changes));
      long deleted = delete(only(Operation.DELETE, changes));
      connection.commit();
      changes.stream()
          .filter(RideChange::isLast)
          .map(RideChange::rideNumber)
          .forEach(idByRide::remove);
      return new Written(inserted, updated, deleted);
    } catch (SQLException failure) {
      try {
        connection.rollback();
      } catch (SQLException alsoFailed) {
        failure.addSuppressed(alsoFailed);
      }
      throw failure;
    }
  }

  private long insert(List<RideChange> changes) throws SQLException {
    if (changes.isEmpty()) {
      return 0;
    }
    List<Long> ids = newIds(changes.size());
    for (int i = 0; i < changes.size(); i++) {
      RideChange change = changes.get(i);
      idByRide.put(change.rideNumber(), ids.get(i));
      insert.setLong(1, ids.get(i));
      int parameter = 2;
      for (BookingColumn column : BookingColumn.values()) {
        insert.setString(parameter++, change.row().get(column));
      }
      insert.addBatch();
    }
    insert.executeBatch();
    return changes.size();
  }

  private long update(List<RideChange> changes) throws SQLException {
    if (changes.isEmpty()) {
      return 0;
    }
    for (RideChange change : changes) {
      int parameter = 1;
      for (BookingColumn column : BookingColumn.changing()) {
        update.setString(parameter++, change.row().get(column));
      }
      update.setLong(parameter, idByRide.get(change.rideNumber()));
      update.addBatch();
    }
    return Arrays.stream(update.executeBatch()).sum();
  }

  private long delete(List<RideChange> changes) throws SQLException {
    if (changes.isEmpty()) {
      return 0;
    }
    for (RideChange change : changes) {
      delete.setLong(1, idByRide.get(change.rideNumber()));
      delete.addBatch();
    }
    return Arrays.stream(delete.executeBatch()).sum();
  }

  private List<Long> newIds(int count) throws SQLException {
    newIds.setInt(1, count);
    List<Long> ids = new ArrayList<>(count);
    try (ResultSet rows = newIds.executeQuery()) {
      while (rows.next()) {
        ids.add(rows.getLong(1));
      }
    }
    return ids;
  }

  private static List<RideChange> only(Operation operation, List<RideChange> changes) {
    return changes.stream().filter(change -> change.operation() == operation).toList();
  }

  private static String quoted(BookingColumn column) {
    return '"' + column.columnName() + '"';
  }

  @Override
  public void close() throws SQLException {
    try (newIds;
        insert;
        update;
        delete) {
      if (!connection.isClosed()) {
        connection.rollback(); // auto-commit would commit what an unexpected exception cut short
        connection.setAutoCommit(true);
      }
    }
  }
}
