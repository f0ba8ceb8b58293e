package dev.millrace.stack.command;

import com.datastax.oss.driver.api.core.CqlSession;
import dev.millrace.stack.LocalStackOptions;
import dev.millrace.stack.process.Component;
import dev.millrace.stack.process.StackProcess;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Made-up users, from JSON in Kafka to a table in Cassandra. */
final class UsersDemo implements DemoScenario {

  private static final String TOPIC = "users_created";
  private static final int PARTITIONS = 3;
  private static final int USERS_PER_SECOND = 20;

  @Override
  public String name() {
    return "users";
  }

  @Override
  public String title() {
    return "Kafka -> Spark -> Cassandra";
  }

  @Override
  public LocalStackOptions stack(LocalStackOptions options) {
    return options.withCassandra();
  }

  @Override
  public Play begin(DemoStage stage) {
    stage.stack().awaitReady(Component.KAFKA);
    stage.stack().createTopic(TOPIC, PARTITIONS);
    StackProcess job =
        stage.startJob(
            "users.yaml",
            List.of("--sink", stage.settings().sink().orElse("cassandra")),
            Map.of(
                "KAFKA_TOPIC",
                TOPIC,
                "CASSANDRA_CONTACT_POINTS",
                stage.stack().connections().cassandra()));
    stage.stack().awaitReady();
    int rate = stage.settings().rate().orElse(USERS_PER_SECOND);
    StackProcess simulator =
        stage.startSimulator(
            List.of(
                "users",
                "--quiet",
                "--topic",
                TOPIC,
                "--rate",
                Integer.toString(rate),
                "--seed",
                Long.toString(stage.settings().seed()),
                "--rows",
                stage.rows()),
            Map.of());
    stage.say().accept("Users are created, %d a second".formatted(rate));
    return new Play(job, Optional.of(simulator));
  }

  @Override
  public boolean hasProcessedAll(DemoStage stage) {
    return new CheckpointProgress(stage.checkpoints(), TOPIC)
        .hasReached(stage.stack().endOffsets(TOPIC));
  }

  @Override
  public void showResults(DemoStage stage) {
    if (!stage.settings().sink().orElse("cassandra").equals("cassandra")) {
      return;
    }
    try (CqlSession session = stage.stack().connectToCassandra()) {
      for (String cql :
          List.of(
              "SELECT count(*) AS users FROM spark_streams.created_users",
              "SELECT id, first_name, last_name, email, registered_date"
                  + " FROM spark_streams.created_users LIMIT 5")) {
        stage
            .say()
            .accept(cql + System.lineSeparator() + CqlCommand.table(session.execute(cql), 5));
      }
    }
  }

  @Override
  public String farewell() {
    return """
          ./millrace demo
          ./millrace stack up --cassandra   a stack that stays, for ./millrace cql\
        """;
  }
}
