package dev.millrace.launcher.demo;

import dev.millrace.launcher.result.SongsReport;
import dev.millrace.stack.LocalStackOptions;
import dev.millrace.stack.process.Component;
import dev.millrace.stack.process.StackProcess;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Songs that people listen to, joined with a CSV of songs, from Kafka to a table in Cassandra. */
final class SongsDemo implements DemoScenario {

  private static final String TOPIC = "songs_played";
  private static final int SONGS_PER_MINUTE = 30;
  private static final String LISTENER = "Guest";

  @Override
  public String name() {
    return "songs";
  }

  @Override
  public String title() {
    return "Kafka and a CSV -> Spark -> Cassandra";
  }

  @Override
  public Set<Component> sources() {
    return Set.of(Component.KAFKA);
  }

  @Override
  public String defaultSink() {
    return DemoStage.CASSANDRA;
  }

  @Override
  public Play begin(DemoStage stage) {
    stage.createTopic(TOPIC);
    Path songs = LocalStackOptions.homeFromSystemProperty().resolve("pipelines/data/songs.csv");
    StackProcess job =
        stage.startJob(
            "songs.yaml",
            List.of("--sink", stage.sink()),
            Map.of("KAFKA_TOPIC", TOPIC, "INTERVAL", "5s", "SONGS_CSV", songs.toString()));
    stage.stack().awaitReady();
    int pace = stage.settings().rate().orElse(SONGS_PER_MINUTE);
    StackProcess simulator =
        stage.startSimulator(
            "songs",
            TOPIC,
            List.of(
                "--name",
                LISTENER,
                "--songs-per-minute",
                Integer.toString(pace),
                "--rows",
                Long.toString(stage.settings().rows().orElse(0L))));
    stage.say().accept("Twenty people listen, each to %d songs a minute".formatted(pace));
    return new Play(job, Optional.of(simulator));
  }

  @Override
  public boolean hasProcessedAll(DemoStage stage) {
    return stage.hasReadAll(TOPIC);
  }

  @Override
  public void showResults(DemoStage stage) {
    stage.showCassandra(
        session -> SongsReport.hourUpTo(Instant.now(), LISTENER).over(session, SongsReport.FEW));
  }

  @Override
  public String farewell() {
    return """
          ./millrace demo users
          ./millrace stack up --cassandra   a stack that stays, for ./millrace report songs\
        """;
  }
}
