package dev.millrace.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.StackExtension;
import dev.millrace.config.PipelineDefinition;
import dev.millrace.config.parse.Overrides;
import dev.millrace.config.parse.Overrides.OutputChoice;
import dev.millrace.config.parse.Overrides.TriggerOverride;
import dev.millrace.config.parse.PipelineLoader;
import dev.millrace.pipeline.command.PipelineReset;
import dev.millrace.stack.LocalStack;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The shipped views, from Postgres through Debezium and Kafka, against what Postgres has. */
@ExtendWith(StackExtension.class)
class ViewsIT {

  private static final long SEED = 20261129;

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"kafka", "parquet"})
  void equalPostgresOnceTheTopicIsDrained(String sink, LocalStack stack) throws Exception {
    String topic = "views-" + sink;
    stack.createTopic(topic, 3);
    long firstId = RideViews.firstId(stack);
    play(stack, topic, SEED);
    run(stack, topic, sink);
    play(stack, topic, SEED + 1);
    run(stack, topic, sink);

    views(stack, topic, sink, firstId).requireEqualToPostgres();
  }

  @Test
  void haveOnePositionAndStateThatResetRemoves(LocalStack stack) throws Exception {
    String topic = "views-reset";
    stack.createTopic(topic, 1);
    play(stack, topic, SEED + 3);
    run(stack, topic, "parquet");
    Map<String, Map<String, String>> mirror =
        views(stack, topic, "parquet", 0).result("mirror", "id");
    PipelineReset reset = new PipelineReset(pipeline(stack, topic, "parquet"));

    assertThat(reset.positions())
        .contains(folder.resolve("checkpoints/ride-views/table.bookings").toString());
    reset.run(true);

    assertThat(folder.resolve("checkpoints/ride-views/table.bookings")).doesNotExist();
    assertThat(folder.resolve("output/mirror")).doesNotExist();
    run(stack, topic, "parquet");
    assertThat(views(stack, topic, "parquet", 0).result("mirror", "id")).isEqualTo(mirror);
  }

  @Test
  void showsWhatChangesOnTheConsole(LocalStack stack) throws Exception {
    String topic = "views-console";
    stack.createTopic(topic, 3);
    play(stack, topic, SEED + 2);

    String seen = run(stack, topic, "console");

    assertThat(seen)
        .contains("completed-by-vehicle, batch 0", "open-rides, batch 0", "mirror, batch 0")
        .containsPattern("vehicle_type +\\| rides +\\| revenue +\\| km")
        .containsPattern(" [+~] \\| ");
  }

  private RideViews views(LocalStack stack, String topic, String sink, long firstId) {
    return new RideViews(stack, sink, topic, folder.resolve("output"), firstId);
  }

  /** Plays rides in Postgres, and copies what Debezium makes of them to the test's topic. */
  private static void play(LocalStack stack, String topic, long seed) throws Exception {
    ChangeTopic.write(stack, topic, PlayedRides.changes(stack, seed, 100));
  }

  private String run(LocalStack stack, String topic, String sink) throws InterruptedException {
    StringWriter seen = new StringWriter();
    new PipelineRun(pipeline(stack, topic, sink), new PrintWriter(seen, true), 200).run();
    return seen.toString();
  }

  private PipelineDefinition pipeline(LocalStack stack, String topic, String sink) {
    Overrides overrides =
        new Overrides(
            new OutputChoice.All(),
            Optional.of(sink),
            List.of("source.kafka.max-offsets-per-trigger=150"),
            Optional.of(TriggerOverride.AVAILABLE_NOW),
            Optional.of(folder.resolve("checkpoints").toString()));
    String file =
        Path.of(System.getProperty("millrace.home"), "pipelines", "ride-views.yaml").toString();
    return new PipelineLoader(
            Map.of(
                "KAFKA_BOOTSTRAP_SERVERS",
                stack.bootstrapServers(),
                "KAFKA_TOPIC",
                topic,
                "OUTPUT_DIR",
                folder.resolve("output").toString(),
                "OUTPUT_TOPIC",
                topic),
            SinkConnectors.STANDARD.kinds())
        .load(file, overrides)
        .definition();
  }
}
