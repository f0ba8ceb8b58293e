package dev.millrace.benchmark;

import dev.millrace.benchmark.contender.PlainSparkStream;
import dev.millrace.benchmark.latency.LatencyProbe;
import dev.millrace.benchmark.latency.LatencyResult;
import dev.millrace.benchmark.measure.JavaPrograms;
import dev.millrace.benchmark.report.LatencyChart;
import dev.millrace.benchmark.report.LatencyTable;
import dev.millrace.benchmark.report.Machine;
import dev.millrace.stack.LocalStack;
import dev.millrace.stack.process.Component;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ./millrace benchmark latency}. */
@Command(
    name = "latency",
    description = {
      "From the commit of a row in Postgres until a reader of the sink sees it: this job, exactly",
      "once, and the least that a Spark user would write, each alone with Postgres, Kafka and",
      "Connect. Writes table, chart and data into benchmarks/results."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class LatencyCommand implements Callable<Integer> {

  private static final String CONNECTOR = "ride-bookings";
  private static final String TOPIC = "business_postgres.public.business_ncr_ride_bookings";
  private static final String CLI = "dev.millrace.cli.Millrace";

  /** This job with a row for each change, and with a view that is the table. */
  private static final String CHANGES = "millrace";

  private static final String VIEW = "millrace-view";

  private static final String DATABASE = "reports";
  private static final long IDS_OF_A_CONTENDER = 100_000_000;
  private static final long TOPIC_WAIT_SECONDS = 120;

  @Spec private CommandSpec spec;
  @Mixin private MeasureOptions options;

  @Option(
      names = "--rates",
      split = ",",
      paramLabel = "N",
      description = "Inserts a second. Default: 100, 1000 and 5000.")
  private List<Integer> rates = List.of(100, 1_000, 5_000);

  @Option(
      names = "--seconds",
      paramLabel = "N",
      description = "How long each rate is kept up. Default: ${DEFAULT-VALUE}.")
  private int seconds = 30;

  @Option(
      names = "--warm-up-seconds",
      paramLabel = "N",
      description = "Of 1,000 inserts a second before that. Default: ${DEFAULT-VALUE}.")
  private int warmUpSeconds = 30;

  @Option(
      names = "--sinks",
      split = ",",
      paramLabel = "SINK",
      description = "Only these: kafka, parquet, cassandra, postgres, iceberg. Default: all.")
  private List<String> sinks = List.of("kafka", "parquet", "cassandra", "postgres", "iceberg");

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Settings of this job's pipeline, to try them out.")
  private List<String> settings = List.of();

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    List<LatencyResult> results = new ArrayList<>();
    JavaPrograms programs = new JavaPrograms(MeasureOptions.home(), options.jobFlags());
    try (LocalStack stack = options.startStack(out)) {
      if (sinks.contains("cassandra")) {
        stack.addCassandra();
      }
      stack.register(stack.connector(CONNECTOR));
      stack.execute("INSERT INTO business_ncr_ride_bookings DEFAULT VALUES");
      awaitTopic(stack);
      int number = 1;
      for (String sink : sinks) {
        for (String contender : contenders(sink)) {
          results.addAll(measure(stack, programs, sink, contender, number++, out));
        }
      }
    } finally {
      // What was measured before a failure took its time, too.
      if (!results.isEmpty()) {
        write(results, programs, out);
      }
    }
    return 0;
  }

  private void write(List<LatencyResult> results, JavaPrograms programs, PrintWriter out)
      throws IOException {
    Machine machine = Machine.thisOne(MeasureOptions.home());
    String table =
        LatencyTable.of(
            results, machine, programs.flags(), MeasureOptions.today(), seconds, warmUpSeconds);
    Files.createDirectories(options.resultsFolder());
    Path file = options.resultsFolder().resolve(MeasureOptions.today() + "-latency");
    Files.writeString(Path.of(file + ".md"), table);
    Files.writeString(Path.of(file + ".svg"), LatencyChart.of(results));
    out.println(table);
    out.flush();
  }

  private static List<String> contenders(String sink) {
    return switch (sink) {
      // Spark has no sink for Cassandra of its own.
      case "cassandra" -> List.of(CHANGES);
      case "postgres", "iceberg" -> List.of(CHANGES, VIEW, "spark");
      default -> List.of(CHANGES, "spark");
    };
  }

  private static void awaitTopic(LocalStack stack) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(TOPIC_WAIT_SECONDS);
    while (stack.endOffsets(TOPIC).isEmpty()) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException(
            "Debezium has not made the topic " + TOPIC + " within " + TOPIC_WAIT_SECONDS + " s");
      }
      TimeUnit.MILLISECONDS.sleep(200);
    }
  }

  private List<LatencyResult> measure(
      LocalStack stack,
      JavaPrograms programs,
      String sink,
      String contender,
      int number,
      PrintWriter out)
      throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("millrace-latency-");
    String place =
        switch (sink) {
          case "kafka" -> "latency-" + contender;
          case "parquet" -> folder.resolve("output/bookings").toString();
          case "postgres" -> newDatabase(stack);
          case "iceberg" -> folder.resolve("output/iceberg").toString();
          default -> stack.connections().cassandra();
        };
    if (sink.equals("kafka")) {
      stack.createTopic(place, stack.endOffsets(TOPIC).size());
    }
    Process job =
        contender.startsWith("millrace")
            ? startMillrace(stack, programs, sink, contender, place, folder)
            : startSpark(stack, programs, sink, place, folder);
    try {
      return probe(
          stack, programs, sink, contender, place, folder, job, number * IDS_OF_A_CONTENDER, out);
    } finally {
      job.destroy();
      job.waitFor();
    }
  }

  /** The URL of an empty database of the same server: its rows are not captured. */
  private static String newDatabase(LocalStack stack) {
    stack.execute("DROP DATABASE IF EXISTS " + DATABASE + " WITH (FORCE)");
    stack.execute("CREATE DATABASE " + DATABASE);
    return "jdbc:postgresql://localhost:%d/%s"
        .formatted(stack.connections().port(Component.POSTGRES), DATABASE);
  }

  private Process startMillrace(
      LocalStack stack,
      JavaPrograms programs,
      String sink,
      String contender,
      String place,
      Path folder)
      throws IOException {
    boolean isView = contender.equals(VIEW);
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "run",
                MeasureOptions.home()
                    .resolve(isView ? "pipelines/ride-views.yaml" : "pipelines/ride-bookings.yaml")
                    .toString(),
                "--output",
                isView ? "mirror" : "bookings",
                "--sink",
                sink,
                "--set",
                "source.kafka.starting-offsets=" + offsets(stack),
                // A row for each change, which plain Spark writes, too.
                "--set",
                "sinks.postgres.guard=none"));
    settings.forEach(setting -> arguments.addAll(List.of("--set", setting)));
    ProcessBuilder builder = new ProcessBuilder(programs.command(CLI, arguments));
    builder
        .environment()
        .putAll(
            Map.of(
                "KAFKA_BOOTSTRAP_SERVERS",
                stack.bootstrapServers(),
                "OUTPUT_DIR",
                folder.resolve("output").toString(),
                "CHECKPOINT_DIR",
                folder.resolve("checkpoints").toString(),
                "CASSANDRA_CONTACT_POINTS",
                stack.connections().cassandra(),
                "OUTPUT_POSTGRES_PASSWORD",
                stack.connections().postgresPassword()));
    if (sink.equals("postgres")) {
      builder.environment().put("OUTPUT_POSTGRES_URL", place);
    }
    if (sink.equals("kafka")) {
      builder.environment().put("OUTPUT_TOPIC", place);
    }
    return start(builder, folder);
  }

  private static Process startSpark(
      LocalStack stack, JavaPrograms programs, String sink, String place, Path folder)
      throws IOException {
    return start(
        new ProcessBuilder(
            programs.command(
                PlainSparkStream.class.getName(),
                List.of(
                    sink,
                    stack.bootstrapServers(),
                    TOPIC,
                    offsets(stack),
                    place,
                    folder.resolve("checkpoint").toString(),
                    stack.connections().postgresUser(),
                    stack.connections().postgresPassword()))),
        folder);
  }

  private static Process start(ProcessBuilder builder, Path folder) throws IOException {
    return builder.redirectErrorStream(true).redirectOutput(folder.resolve("log").toFile()).start();
  }

  /** The ends of the topic now: no contender reads what the one before it was sent. */
  private static String offsets(LocalStack stack) {
    return stack.endOffsets(TOPIC).entrySet().stream()
        .map(end -> "\"%d\":%d".formatted(end.getKey(), end.getValue()))
        .collect(Collectors.joining(",", "{\"" + TOPIC + "\":{", "}}"));
  }

  private List<LatencyResult> probe(
      LocalStack stack,
      JavaPrograms programs,
      String sink,
      String contender,
      String place,
      Path folder,
      Process job,
      long firstId,
      PrintWriter out)
      throws IOException, InterruptedException {
    List<String> arguments =
        Stream.concat(
                Stream.of(
                    stack.jdbcUrl(),
                    stack.connections().postgresUser(),
                    stack.connections().postgresPassword(),
                    stack.bootstrapServers(),
                    TOPIC,
                    sink,
                    contender,
                    place,
                    Long.toString(firstId),
                    Integer.toString(warmUpSeconds),
                    Integer.toString(seconds)),
                rates.stream().map(rate -> Integer.toString(rate)))
            .toList();
    Path log = MeasureOptions.home().resolve("benchmarks/target/latency-" + sink + ".log");
    Process process =
        new ProcessBuilder(programs.command(LatencyProbe.class.getName(), arguments))
            .redirectError(log.toFile())
            .start();
    // Without it nothing arrives any more.
    CompletableFuture<Void> end = job.onExit().thenRun(process::destroy);
    List<LatencyResult> results = new ArrayList<>();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (LatencyResult.isIn(line)) {
          LatencyResult result = LatencyResult.parse(line);
          results.add(result);
          out.println(LatencyTable.line(result));
          out.flush();
        }
      }
    }
    int exitCode = process.waitFor();
    end.cancel(false);
    if (exitCode != 0) {
      Path jobLog = folder.resolve("log");
      throw new IllegalStateException(
          job.isAlive()
              ? "The measurement has failed. Logs: " + log + " and " + jobLog
              : contender + " has ended while it was measured:\n" + Files.readString(jobLog));
    }
    return results;
  }
}
