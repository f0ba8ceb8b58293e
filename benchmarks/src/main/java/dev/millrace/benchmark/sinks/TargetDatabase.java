package dev.millrace.benchmark.sinks;

import dev.millrace.benchmark.sinks.SinkTopics.RowVersion;
import dev.millrace.benchmark.topic.TableFigures;
import dev.millrace.stack.LocalStack;
import dev.millrace.stack.process.Component;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A database of the stack's Postgres that the contenders write to, one after the other. */
final class TargetDatabase {

  private static final String NAME = "benchmark";

  // Of /proc/PID/stat, counted from the field after the command's name.
  private static final int USER_TIME = 11;
  private static final int SYSTEM_TIME_OF_CHILDREN = 14;

  // Linux reports processor time in hundredths of a second.
  private static final long NANOS_PER_TICK = TimeUnit.MILLISECONDS.toNanos(10);

  private final LocalStack stack;

  TargetDatabase(LocalStack stack) {
    this.stack = stack;
  }

  String url() {
    return "jdbc:postgresql://localhost:%d/%s"
        .formatted(stack.connections().port(Component.POSTGRES), NAME);
  }

  String user() {
    return stack.connections().postgresUser();
  }

  String password() {
    return stack.connections().postgresPassword();
  }

  /** Makes it empty; what Postgres still has to write of the last run is written. */
  void recreate() throws SQLException {
    try (Connection connection = stack.connect();
        Statement statement = connection.createStatement()) {
      statement.execute("DROP DATABASE IF EXISTS " + NAME + " WITH (FORCE)");
      statement.execute("CREATE DATABASE " + NAME);
      statement.execute("CHECKPOINT");
    }
  }

  Connection connect() throws SQLException {
    return DriverManager.getConnection(url(), user(), password());
  }

  /** What the contender's table holds. */
  TableFigures figures(TableLayout layout) throws SQLException {
    String sql =
        """
        SELECT count(*), coalesce(sum(id), 0),
          coalesce(sum((id %% %1$d) * (%2$s %% %1$d)) FILTER (WHERE %4$s), 0),
          count(*) FILTER (WHERE %4$s AND %3$s)
        FROM %5$s
        """
            .formatted(
                TableFigures.MODULUS,
                layout.updatedMicros(),
                layout.isCompleted(),
                layout.isKnown(),
                layout.table());
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet found = statement.executeQuery(sql)) {
      found.next();
      return new TableFigures(
          found.getLong(1), found.getLong(2), found.getLong(3), found.getLong(4));
    }
  }

  /** Whether the table is there and has all these rows as these changes have left them. */
  static boolean has(Connection connection, TableLayout layout, List<RowVersion> versions)
      throws SQLException {
    try (Statement statement = connection.createStatement()) {
      try (ResultSet table =
          statement.executeQuery("SELECT to_regclass('%s') IS NULL".formatted(layout.table()))) {
        table.next();
        if (table.getBoolean(1)) {
          return false;
        }
      }
      String rows =
          versions.stream()
              .map(row -> "(%d, %d)".formatted(row.id(), row.updatedMicros()))
              .collect(Collectors.joining(", "));
      String ids =
          versions.stream().map(row -> Long.toString(row.id())).collect(Collectors.joining(", "));
      try (ResultSet count =
          statement.executeQuery(
              "SELECT count(*) FROM %s WHERE id IN (%s) AND (id, %s) IN (%s)"
                  .formatted(layout.table(), ids, layout.updatedMicros(), rows))) {
        count.next();
        return count.getLong(1) == versions.size();
      }
    }
  }

  /** The processor time of the server's processes so far, those that have ended included. */
  long cpuNanoseconds() {
    ProcessHandle server =
        ProcessHandle.of(stack.process(Component.POSTGRES).identity().pid()).orElseThrow();
    return Stream.concat(Stream.of(server), server.descendants())
            .mapToLong(TargetDatabase::ticks)
            .sum()
        * NANOS_PER_TICK;
  }

  /** Of a process and of its children that have ended. */
  private static long ticks(ProcessHandle process) {
    try {
      String stat = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      long ticks = 0;
      for (int i = USER_TIME; i <= SYSTEM_TIME_OF_CHILDREN; i++) {
        ticks += Long.parseLong(fields[i]);
      }
      return ticks;
    } catch (IOException e) {
      // It has ended; its parent's figures have its time.
      return 0;
    }
  }
}
