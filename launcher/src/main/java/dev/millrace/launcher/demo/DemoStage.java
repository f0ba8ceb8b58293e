package dev.millrace.launcher.demo;

import com.datastax.oss.driver.api.core.CqlSession;
import dev.millrace.launcher.error.LauncherErrors;
import dev.millrace.launcher.result.SqlRows;
import dev.millrace.stack.LocalStack;
import dev.millrace.stack.LocalStackOptions;
import dev.millrace.stack.error.StackErrors;
import dev.millrace.stack.process.Component;
import dev.millrace.stack.process.LogTail;
import dev.millrace.stack.process.StackProcess;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Where a demo is played: a stack, a folder of its own, and what the user asked for.
 *
 * @param folder holds data, logs and output of this run, and of no earlier one
 * @param sink the kind of sink that the results go to
 * @param say prints a line with the time since the demo began
 */
public record DemoStage(
    LocalStack stack, Path folder, DemoSettings settings, String sink, Consumer<String> say) {

  static final String CASSANDRA = "cassandra";
  static final String POSTGRES = "postgres";

  private static final int PARTITIONS = 3;
  private static final int SHOWN = 10;

  /** The most that a generator counts to: longer than anybody looks on. */
  private static final long FOREVER = Integer.MAX_VALUE;

  /** Runs a shipped pipeline, its checkpoints and its output in the demo's folder. */
  StackProcess startJob(String pipeline, List<String> flags, Map<String, String> environment) {
    say.accept("Starting the Spark job");
    List<String> command =
        new ArrayList<>(
            List.of(millrace(), "run", home().resolve("pipelines").resolve(pipeline).toString()));
    command.addAll(flags);
    Map<String, String> all = new HashMap<>(environment);
    all.putAll(places());
    return stack.startCompanion("spark-job", command, all, StackProcess.Output.TERMINAL);
  }

  /**
   * Compares the views of a shipped pipeline, whose job runs on this stage, with Postgres and with
   * what their sinks hold, and prints the results.
   *
   * @throws StackException where they differ and remain so
   */
  void verify(String pipeline, Map<String, String> environment) {
    Map<String, String> all = new HashMap<>(environment);
    all.putAll(places());
    all.put("MILLRACE_HEAP", "1g");
    all.put("POSTGRES_URL", stack.jdbcUrl());
    all.put("POSTGRES_USER", stack.connections().postgresUser());
    all.put("POSTGRES_PASSWORD", stack.connections().postgresPassword());
    StackProcess verification =
        stack.startCompanion(
            "verify",
            List.of(
                millrace(),
                "verify",
                home().resolve("pipelines").resolve(pipeline).toString(),
                "--sink",
                sink,
                "--wait",
                "60s",
                "--max-rows",
                "8"),
            all,
            StackProcess.Output.TERMINAL);
    int exitCode = verification.onExit().join().exitCode().orElse(1);
    if (exitCode != 0) {
      throw LauncherErrors.notVerified(exitCode, LogTail.of(verification.log(), 3).strip());
    }
  }

  /** Where a job of this stage finds servers and folders, as variables of its environment. */
  private Map<String, String> places() {
    String password = stack.connections().postgresPassword();
    return Map.of(
        "MILLRACE_BUILD", "never",
        "KAFKA_BOOTSTRAP_SERVERS", stack.bootstrapServers(),
        "CASSANDRA_CONTACT_POINTS", stack.connections().cassandra(),
        // The sink writes next to the table that is captured, which is the only one that is.
        "OUTPUT_POSTGRES_URL", stack.jdbcUrl(),
        "OUTPUT_POSTGRES_USER", stack.connections().postgresUser(),
        "OUTPUT_POSTGRES_PASSWORD", password,
        "PGPASSWORD", password,
        "CHECKPOINT_DIR", checkpoints().toString(),
        "OUTPUT_DIR", output().toString());
  }

  /** Runs {@code millrace simulate}, which is quiet and ends once it has made all rows. */
  StackProcess startSimulator(List<String> arguments, Map<String, String> environment) {
    List<String> command = new ArrayList<>(List.of(millrace(), "simulate"));
    command.addAll(arguments);
    Map<String, String> all = new HashMap<>(environment);
    all.put("MILLRACE_BUILD", "never");
    all.put("KAFKA_BOOTSTRAP_SERVERS", stack.bootstrapServers());
    return stack.startCompanion("simulator", command, all, StackProcess.Output.LOG);
  }

  /** The same for messages of a topic, drawn from the seed that the user chose. */
  StackProcess startSimulator(String messages, String topic, List<String> flags) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                messages, "--quiet", "--topic", topic, "--seed", Long.toString(settings.seed())));
    arguments.addAll(flags);
    return startSimulator(arguments, Map.of());
  }

  /** Makes a topic, as soon as Kafka answers. */
  void createTopic(String topic) {
    stack.awaitReady(Component.KAFKA);
    stack.createTopic(topic, PARTITIONS);
  }

  /** Whether the job has read all that is in a topic, and has delivered it. */
  boolean hasReadAll(String topic) {
    return new CheckpointProgress(checkpoints(), topic).hasReached(stack.endOffsets(topic));
  }

  /**
   * Prints statements with the first rows of their results, of Cassandra where that is the sink.
   */
  void showCassandra(Function<CqlSession, String> results) {
    if (sink.equals(CASSANDRA)) {
      try (CqlSession session = stack.connectToCassandra()) {
        say.accept(results.apply(session));
      }
    }
  }

  /** Prints a query and its result, where Postgres is the sink. */
  void showPostgres(String query) {
    if (sink.equals(POSTGRES)) {
      try (Connection connection = stack.connect();
          Statement statement = connection.createStatement();
          ResultSet rows = statement.executeQuery(query)) {
        say.accept(query + System.lineSeparator() + SqlRows.table(rows, SHOWN));
      } catch (SQLException e) {
        throw StackErrors.statementRefused(e);
      }
    }
  }

  /** How many rows to make, as an argument. */
  String rows() {
    return Long.toString(settings.rows().orElse(FOREVER));
  }

  Path checkpoints() {
    return folder.resolve("checkpoints");
  }

  Path output() {
    return folder.resolve("output");
  }

  private static String millrace() {
    return home().resolve("millrace").toString();
  }

  private static Path home() {
    return LocalStackOptions.homeFromSystemProperty();
  }
}
