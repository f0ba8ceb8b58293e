package dev.millrace.launcher.command;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.DriverException;
import dev.millrace.launcher.result.CqlRows;
import dev.millrace.stack.LocalStack;
import dev.millrace.stack.error.StackErrors;
import dev.millrace.stack.process.Component;
import dev.millrace.stack.server.CassandraClient;
import java.io.PrintWriter;
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
      out.println(CqlRows.table(session.execute(cql), maxRows));
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
}
