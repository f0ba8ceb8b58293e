package dev.millrace.pipeline;

import dev.millrace.StackExtension;
import dev.millrace.stack.LocalStack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The three views of {@code pipelines/ride-views.yaml}, each once for every sink, in one pipeline:
 * {@code kafka-mirror}, {@code iceberg-mirror}, ... They share one state.
 *
 * @param target the Postgres of the sink of that name
 * @param topics what the names of the topics begin with
 */
record SeveralSinks(LocalStack stack, TargetPostgres target, Path folder, String topics) {

  static final List<String> SINKS = List.of("parquet", "kafka", "postgres", "iceberg");

  private static final String NAME = "several";

  /** Writes the pipeline's file. */
  static SeveralSinks written(LocalStack stack, TargetPostgres target, Path folder, String topics)
      throws IOException {
    String shipped =
        Files.readString(
            Path.of(System.getProperty("millrace.home"), "pipelines", "ride-views.yaml"));
    int outputs = shipped.indexOf("\noutputs:\n") + "\noutputs:\n".length();
    int sinks = shipped.indexOf("\nsinks:\n");
    String views = shipped.substring(outputs, sinks);
    String forEachSink =
        SINKS.stream()
            .map(
                sink ->
                    views
                        .replaceAll("(?m)^  ([a-z-]+):$", "  " + sink + "-$1:")
                        .replace("${SINK:-console}", sink))
            .collect(Collectors.joining());
    Files.writeString(
        folder.resolve(NAME + ".yaml"),
        (shipped.substring(0, outputs) + forEachSink + shipped.substring(sinks))
            .replace("name: ride-views", "name: " + NAME));
    return new SeveralSinks(stack, target, folder, topics);
  }

  /** Starts a run, which begins at these offsets. */
  JobProcess start(Map<Integer, Long> begin, String... flags) throws IOException {
    TestPipeline from = new TestPipeline("", StackExtension.TOPIC, folder, "parquet").from(begin);
    List<String> all = new ArrayList<>();
    from.settings().forEach(setting -> all.addAll(List.of("--set", setting)));
    all.addAll(List.of(flags));
    return JobProcess.start(
        folder.resolve(NAME + ".yaml"),
        folder,
        Map.of(
            "KAFKA_BOOTSTRAP_SERVERS",
            stack.bootstrapServers(),
            "KAFKA_TOPIC",
            StackExtension.TOPIC,
            "OUTPUT_DIR",
            folder.resolve("output").toString(),
            "OUTPUT_TOPIC",
            topics,
            "OUTPUT_POSTGRES_URL",
            target.url(),
            "OUTPUT_POSTGRES_PASSWORD",
            target.password(),
            "CHECKPOINT_DIR",
            folder.resolve("checkpoints").toString()),
        all.toArray(String[]::new));
  }

  /** The folder of the state and of the position. */
  Path checkpoint() {
    return folder.resolve("checkpoints").resolve(NAME).resolve("table.bookings");
  }

  /** What a sink holds. */
  RideViews views(String sink, long firstId) {
    String names =
        switch (sink) {
          case "postgres" -> "public";
          case "iceberg" -> "ride_views";
          default -> topics;
        };
    return new RideViews(
        stack, sink, names, folder.resolve("output"), firstId, sink + "-", target::connect);
  }

  /** The newest batch that one view of a sink has; -1 for none. */
  long batch(String sink, String view) throws SQLException {
    String output = sink + "-" + view;
    return switch (sink) {
      case "parquet" -> newestBatch(folder.resolve("output").resolve(output));
      case "kafka" ->
          stack
              .committedRecords(
                  String.join(".", "millrace", NAME, output, topics + "." + output, "marks"))
              .stream()
              .map(mark -> mark.value())
              // Next to the marks is who writes them.
              .filter(value -> value.matches("\\d+ \\d+"))
              .mapToLong(value -> Long.parseLong(value.split(" ", -1)[0]))
              .max()
              .orElse(-1);
      case "postgres" -> marked(output.replace('-', '_'));
      case "iceberg" ->
          IcebergRows.batch(
              folder.resolve("output/iceberg"), "ride_views." + output.replace('-', '_'));
      default -> throw new IllegalArgumentException(sink);
    };
  }

  private static long newestBatch(Path batches) {
    String[] names = batches.toFile().list((parent, name) -> name.matches("batch=\\d+"));
    return names == null
        ? -1
        : Arrays.stream(names)
            .mapToLong(name -> Long.parseLong(name.substring("batch=".length())))
            .max()
            .orElse(-1);
  }

  private long marked(String table) throws SQLException {
    try (Connection connection = target.connect();
        Statement statement = connection.createStatement();
        ResultSet found =
            statement.executeQuery(
                "SELECT batch FROM millrace_marks WHERE target = '%s'".formatted(table))) {
      return found.next() ? found.getLong(1) : -1;
    }
  }
}
