package dev.millrace.stack.command;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.DriverException;
import com.datastax.oss.driver.api.core.cql.ColumnDefinition;
import com.datastax.oss.driver.api.core.cql.ResultSet;
import com.datastax.oss.driver.api.core.cql.Row;
import dev.millrace.stack.LocalStack;
import dev.millrace.stack.error.StackErrors;
import dev.millrace.stack.process.Component;
import dev.millrace.stack.server.CassandraClient;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ./millrace cql}. */
@Command(
    name = "cql",
    description = {
      "Run a CQL statement in Cassandra.",
      "Where CASSANDRA_HOST is set, CASSANDRA_HOST, CASSANDRA_PORT, CASSANDRA_DC,"
          + " CASSANDRA_USERNAME and CASSANDRA_PASSWORD say where; else the running stack is meant."
    })
final class CqlCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private DataFolder dataFolder;

  @Parameters(paramLabel = "CQL", description = "One statement.")
  private String cql;

  @Option(
      names = "--max-rows",
      paramLabel = "ROWS",
      defaultValue = "1000",
      description = "How many rows of a result to show. Default: ${DEFAULT-VALUE}.")
  private int maxRows;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    try (CqlSession session = connect(dataFolder)) {
      out.println(table(session.execute(cql), maxRows));
      out.flush();
      return 0;
    } catch (DriverException e) {
      throw StackErrors.cqlRefused(e);
    }
  }

  /** A session with the Cassandra that the environment names, else with the running stack's. */
  static CqlSession connect(DataFolder dataFolder) {
    String host = DataFolder.environment("CASSANDRA_HOST", "");
    if (!host.isEmpty()) {
      return CassandraClient.open(
          host + ":" + DataFolder.environment("CASSANDRA_PORT", "9042"),
          DataFolder.environment("CASSANDRA_DC", CassandraClient.DATACENTER),
          DataFolder.environment("CASSANDRA_USERNAME", ""),
          DataFolder.environment("CASSANDRA_PASSWORD", ""));
    }
    LocalStack stack = dataFolder.requireRunning(Component.CASSANDRA);
    return CassandraClient.open(stack.connections().cassandra());
  }

  /** The rows in columns, values as CQL writes them, texts without quotes. */
  static String table(ResultSet result, int maxRows) {
    if (result.getColumnDefinitions().size() == 0) {
      return "done";
    }
    List<String> heading = new ArrayList<>();
    for (ColumnDefinition column : result.getColumnDefinitions()) {
      heading.add(column.getName().asInternal());
    }
    List<List<String>> rows = new ArrayList<>();
    long count = 0;
    for (Row row : result) {
      if (count++ < maxRows) {
        List<String> cells = new ArrayList<>();
        for (int column = 0; column < heading.size(); column++) {
          cells.add(cell(row, column));
        }
        rows.add(cells);
      }
    }
    String shown = rows.size() < count ? ", the first %d shown".formatted(rows.size()) : "";
    return "%s%n(%d %s%s)"
        .formatted(TextTable.of(heading, rows), count, count == 1 ? "row" : "rows", shown);
  }

  private static String cell(Row row, int column) {
    Object value = row.getObject(column);
    return value == null ? "NULL" : value.toString();
  }
}
