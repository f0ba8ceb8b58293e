package dev.millrace.launcher.demo;

import dev.millrace.stack.process.Component;
import dev.millrace.stack.process.StackProcess;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Users as JSON messages, to one folder of Parquet files for each interval. */
final class IntervalDemo implements DemoScenario {

  private static final String TOPIC = "users_created";
  private static final int USERS_PER_SECOND = 50;
  private static final String INTERVAL = "5s";

  /** One message in fifty can't be read, to show what happens to it. */
  private static final String MALFORMED = "0.02";

  @Override
  public String name() {
    return "interval";
  }

  @Override
  public String title() {
    return "Kafka -> Spark -> Parquet by interval";
  }

  @Override
  public Set<Component> sources() {
    return Set.of(Component.KAFKA);
  }

  @Override
  public String defaultSink() {
    return "parquet";
  }

  @Override
  public Play begin(DemoStage stage) {
    stage.createTopic(TOPIC);
    StackProcess job =
        stage.startJob(
            "interval.yaml",
            List.of("--sink", stage.sink()),
            Map.of("KAFKA_TOPIC", TOPIC, "INTERVAL", INTERVAL));
    int rate = stage.settings().rate().orElse(USERS_PER_SECOND);
    StackProcess simulator =
        stage.startSimulator(
            "users",
            TOPIC,
            List.of(
                "--rate",
                Integer.toString(rate),
                "--rows",
                stage.rows(),
                "--malformed",
                MALFORMED));
    stage.say().accept("Users arrive, %d a second, some of them malformed".formatted(rate));
    stage.stack().awaitReady();
    return new Play(job, Optional.of(simulator));
  }

  @Override
  public boolean hasProcessedAll(DemoStage stage) {
    return stage.hasReadAll(TOPIC);
  }

  @Override
  public void showResults(DemoStage stage) {
    new OutputListing(stage).show();
  }

  @Override
  public String farewell() {
    return """
          ./millrace demo interval --sink orc
          ./millrace demo files      files that appear in a folder, to Parquet\
        """;
  }
}
