package dev.millrace.launcher.command;

import dev.millrace.launcher.result.SqlRows;
import dev.millrace.stack.StackConnections;
import dev.millrace.stack.error.StackErrors;
import dev.millrace.stack.process.Component;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ./millrace sql}. */
@Command(
    name = "sql",
    description = {
      "Run SQL statements in Postgres, in one transaction.",
      "--view prints the table of a pipeline as a view of Postgres, and runs nothing: the same columns,"
          + " names and types.",
      "Where PGHOST is set, PGHOST, PGPORT, PGDATABASE, PGUSER and PGPASSWORD say where; else the"
          + " running stack is meant."
    })
final class SqlCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private DataFolder dataFolder;

  @Parameters(
      arity = "0..1",
      paramLabel = "SQL",
      description = "Statements, separated by semicolons. Without any, they are read from stdin.")
  private String sql;

  @Option(
      names = "--max-rows",
      paramLabel = "ROWS",
      defaultValue = "1000",
      description = "How many rows of a result to show. Default: ${DEFAULT-VALUE}.")
  private int maxRows;

  @Option(
      names = "--view",
      paramLabel = "PIPELINE",
      description = "Print CREATE VIEW for the table of a pipeline file.")
  @SuppressWarnings("UnusedVariable") // the launcher acts on it
  private String pipeline;

  @Override
  public Integer call() throws SQLException {
    String statements = sql == null ? standardInput() : sql;
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      show(statement, statement.execute(statements));
      return 0;
    } catch (SQLException e) {
      throw StackErrors.statementRefused(e);
    }
  }

  private void show(Statement statement, boolean firstIsTable) throws SQLException {
    PrintWriter out = spec.commandLine().getOut();
    boolean isTable = firstIsTable;
    while (isTable || statement.getUpdateCount() != -1) {
      if (isTable) {
        try (ResultSet rows = statement.getResultSet()) {
          out.println(SqlRows.table(rows, maxRows));
        }
      } else {
        int count = statement.getUpdateCount();
        out.println(count == 1 ? "1 row changed" : count + " rows changed");
      }
      isTable = statement.getMoreResults();
    }
    out.flush();
  }

  private Connection connect() throws SQLException {
    String host = System.getenv("PGHOST");
    if (host == null || host.isEmpty()) {
      StackConnections stack = dataFolder.requireRunning(Component.POSTGRES).connections();
      return stack.connect();
    }
    String user = DataFolder.environment("PGUSER", "postgres");
    String url =
        "jdbc:postgresql://%s:%s/%s"
            .formatted(
                host,
                DataFolder.environment("PGPORT", "5432"),
                DataFolder.environment("PGDATABASE", "business_db"));
    return DriverManager.getConnection(url, user, DataFolder.environment("PGPASSWORD", ""));
  }

  private static String standardInput() {
    try {
      return new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
