package dev.millrace.benchmark.contender;

import dev.millrace.benchmark.topic.RideMessages;
import dev.millrace.config.ColumnDefinition;
import dev.millrace.config.PipelineDefinition;
import dev.millrace.config.ReplicaIdentity;
import dev.millrace.config.TableDefinition;
import dev.millrace.config.parse.Overrides;
import dev.millrace.config.parse.Overrides.OutputChoice;
import dev.millrace.config.parse.Overrides.TriggerOverride;
import dev.millrace.config.parse.PipelineLoader;
import dev.millrace.pipeline.SinkConnectors;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The shipped pipeline, {@code pipelines/ride-bookings.yaml}, on a topic of the benchmark's. */
public final class RidePipeline {

  private RidePipeline() {}

  /** The pipeline of a task: the table's columns and {@code op} of each change, to Parquet. */
  static PipelineDefinition load(Contender.Task task, Path folder) {
    String columns =
        table(1).columns().stream().map(ColumnDefinition::name).collect(Collectors.joining(", "));
    return load(
        Map.of(
            "KAFKA_BOOTSTRAP_SERVERS",
            task.bootstrapServers(),
            "KAFKA_TOPIC",
            task.topic(),
            "OUTPUT_DIR",
            folder.resolve("output").toString(),
            "CHECKPOINT_DIR",
            folder.resolve("checkpoint").toString()),
        List.of("outputs.bookings.sql=SELECT " + columns + ", op FROM changes"));
  }

  /** The shipped table, each of its columns so often; see {@link RideMessages#fieldName}. */
  public static TableDefinition table(int copies) {
    TableDefinition shipped = load(Map.of(), List.of()).table();
    List<ColumnDefinition> columns = new ArrayList<>();
    for (int i = 0; i < copies; i++) {
      int copy = i;
      shipped
          .columns()
          .forEach(
              column ->
                  columns.add(
                      new ColumnDefinition(
                          RideMessages.fieldName(column.name(), copy),
                          RideMessages.fieldName(column.from(), copy),
                          column.type(),
                          column.unit())));
    }
    // The other contenders read all columns of every message, and so must this one.
    return new TableDefinition(
            shipped.key(), shipped.textEncoding(), shipped.nullTokens(), shipped.onError(), columns)
        .with(ReplicaIdentity.FULL);
  }

  /** The same pipeline on another table. */
  static PipelineDefinition with(TableDefinition table, PipelineDefinition pipeline) {
    return new PipelineDefinition(
        pipeline.name(),
        pipeline.source(),
        table,
        pipeline.outputs(),
        pipeline.deadLetters(),
        pipeline.trigger(),
        pipeline.sparkConf(),
        pipeline.checkpoints(),
        pipeline.lookups());
  }

  private static PipelineDefinition load(Map<String, String> environment, List<String> settings) {
    Path file = Path.of(System.getProperty("millrace.home"), "pipelines", "ride-bookings.yaml");
    Overrides overrides =
        new Overrides(
            new OutputChoice.First(),
            Optional.of("parquet"),
            settings,
            Optional.of(TriggerOverride.AVAILABLE_NOW),
            Optional.empty());
    return new PipelineLoader(environment, SinkConnectors.STANDARD.kinds())
        .load(file.toString(), overrides)
        .definition();
  }
}
