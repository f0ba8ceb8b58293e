package dev.millrace.benchmark.contender;

import dev.millrace.benchmark.contender.StreamedRun.Batches;
import dev.millrace.benchmark.topic.TableFigures;
import dev.millrace.config.ColumnDefinition;
import dev.millrace.config.PipelineDefinition;
import dev.millrace.config.parse.Overrides;
import dev.millrace.config.parse.Overrides.OutputChoice;
import dev.millrace.config.parse.Overrides.TriggerOverride;
import dev.millrace.config.parse.PipelineLoader;
import dev.millrace.pipeline.PipelineRun;
import dev.millrace.pipeline.SinkConnectors;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.spark.sql.SparkSession;

/**
 * This job, exactly once: the shipped view {@code mirror}, which is the table itself, to Postgres
 * and to Iceberg, and the changes to Postgres, by key and a row for each.
 */
public final class MillraceSinks implements SinkContender {

  private final SparkSession session = SparkStream.session();
  private final Kafka kafka;
  private final Target target;
  private int looks;

  private MillraceSinks(Kafka kafka, Target target) {
    this.kafka = kafka;
    this.target = target;
  }

  /**
   * Serves.
   *
   * @param arguments bootstrap servers, partitions of the topics, JDBC URL, user, password
   */
  public static void main(String[] arguments) throws Exception {
    SinkContender.serve(
        new MillraceSinks(
            new Kafka(arguments[0], Integer.parseInt(arguments[1])),
            new Target(arguments[2], arguments[3], arguments[4])));
  }

  @Override
  public Batches run(SinkTask task) throws Exception {
    new PipelineRun(pipeline(task), new PrintWriter(System.err, true, StandardCharsets.UTF_8), 140)
        .runIn(session);
    return StreamedRun.nextBatches();
  }

  private PipelineDefinition pipeline(SinkTask task) {
    List<String> settings = new ArrayList<>();
    settings.add("source.kafka.max-offsets-per-trigger=" + task.changesPerBatch());
    return switch (task.kind()) {
      case "postgres-mirror" -> mirror(task, "postgres", settings);
      case "iceberg-mirror" -> mirror(task, "iceberg", settings);
      case "postgres-keyed" -> {
        settings.add("outputs.bookings.sql=SELECT " + columns() + " FROM changes");
        settings.add("outputs.bookings.key=[id]");
        yield load(task, "ride-bookings.yaml", "bookings", "postgres", settings);
      }
      case "postgres-changes" -> {
        settings.add("outputs.bookings.sql=SELECT " + columns() + ", op FROM changes");
        yield load(task, "ride-bookings.yaml", "bookings", "postgres", settings);
      }
      default -> throw new IllegalArgumentException(task.kind());
    };
  }

  private PipelineDefinition mirror(SinkTask task, String sink, List<String> settings) {
    settings.add("state.partitions=" + kafka.partitions());
    return load(task, "ride-views.yaml", "mirror", sink, settings);
  }

  private PipelineDefinition load(
      SinkTask task, String file, String output, String sink, List<String> settings) {
    Map<String, String> environment =
        Map.of(
            "KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrapServers(),
            "KAFKA_TOPIC", task.topic(),
            "OUTPUT_DIR", output(task).toString(),
            "CHECKPOINT_DIR", task.folder().resolve("checkpoints").toString(),
            "OUTPUT_POSTGRES_URL", target.url(),
            "OUTPUT_POSTGRES_USER", target.user(),
            "OUTPUT_POSTGRES_PASSWORD", target.password());
    Overrides overrides =
        new Overrides(
            new OutputChoice.Named(List.of(output)),
            Optional.of(sink),
            settings,
            Optional.of(TriggerOverride.AVAILABLE_NOW),
            Optional.empty());
    Path pipelines = Path.of(System.getProperty("millrace.home"), "pipelines");
    return new PipelineLoader(environment, SinkConnectors.STANDARD.kinds())
        .load(pipelines.resolve(file).toString(), overrides)
        .definition();
  }

  private static String columns() {
    return RidePipeline.table(1).columns().stream()
        .map(ColumnDefinition::name)
        .collect(Collectors.joining(", "));
  }

  private static Path output(SinkTask task) {
    return task.folder().resolve("output");
  }

  @Override
  public TableFigures icebergTable(SinkTask task) {
    return SinkContender.icebergTable(
        session, "look" + looks++, output(task).resolve("iceberg").toString(), "ride_views.mirror");
  }
}
