package dev.millrace.benchmark.latency;

import java.sql.Array;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Asks for rows by id until each is there. */
final class PostgresObserver extends Observer {

  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

  private final Connection connection;
  private final String table;
  private final boolean lacksIndex;
  private final UnseenRows unseen = new UnseenRows();
  private PreparedStatement query;

  /**
   * @param lacksIndex whether the contender's table is without an index on {@code id}: it gets one
   *     as soon as it is there
   */
  PostgresObserver(String url, String user, String password, String table, boolean lacksIndex)
      throws SQLException {
    super("reader of " + table);
    this.table = table;
    this.lacksIndex = lacksIndex;
    this.connection = DriverManager.getConnection(url, user, password);
  }

  @Override
  void look(Times wanted) throws SQLException {
    if (query != null || isThere()) {
      List<Integer> indexes = unseen.of(wanted);
      if (!indexes.isEmpty()) {
        ask(indexes.stream().map(index -> wanted.firstId() + index).toArray(Long[]::new));
      }
    }
    LockSupport.parkNanos(PAUSE_NANOS);
  }

  private void ask(Long... ids) throws SQLException {
    Array parameter = connection.createArrayOf("bigint", ids);
    query.setArray(1, parameter);
    try (ResultSet found = query.executeQuery()) {
      long now = System.nanoTime();
      while (found.next()) {
        seen(found.getLong(1), now);
      }
    }
    parameter.free();
  }

  private boolean isThere() throws SQLException {
    try (Statement statement = connection.createStatement()) {
      try (ResultSet found =
          statement.executeQuery("SELECT to_regclass('%s') IS NOT NULL".formatted(table))) {
        found.next();
        if (!found.getBoolean(1)) {
          return false;
        }
      }
      if (lacksIndex) {
        statement.execute("CREATE INDEX ON " + table + " (id)");
      }
    }
    query = connection.prepareStatement("SELECT id FROM " + table + " WHERE id = ANY (?)");
    return true;
  }

  @Override
  void release() throws SQLException {
    connection.close();
  }
}
