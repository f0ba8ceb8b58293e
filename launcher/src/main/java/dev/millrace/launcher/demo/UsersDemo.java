package dev.millrace.launcher.demo;

import dev.millrace.launcher.result.CqlRows;
import dev.millrace.stack.process.Component;
import dev.millrace.stack.process.StackProcess;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Made-up users, from JSON in Kafka to a table in Cassandra. */
final class UsersDemo implements DemoScenario {

  private static final String TOPIC = "users_created";
  private static final int USERS_PER_SECOND = 20;
  private static final int SHOWN = 5;

  private static final List<String> CQL =
      List.of(
          "SELECT count(*) AS users FROM spark_streams.created_users",
          "SELECT id, first_name, last_name, email, registered_date"
              + " FROM spark_streams.created_users LIMIT "
              + SHOWN);

  @Override
  public String name() {
    return "users";
  }

  @Override
  public String title() {
    return "Kafka -> Spark -> Cassandra";
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
    StackProcess job =
        stage.startJob("users.yaml", List.of("--sink", stage.sink()), Map.of("KAFKA_TOPIC", TOPIC));
    stage.stack().awaitReady();
    int rate = stage.settings().rate().orElse(USERS_PER_SECOND);
    StackProcess simulator =
        stage.startSimulator(
            "users", TOPIC, List.of("--rate", Integer.toString(rate), "--rows", stage.rows()));
    stage.say().accept("Users are created, %d a second".formatted(rate));
    return new Play(job, Optional.of(simulator));
  }

  @Override
  public boolean hasProcessedAll(DemoStage stage) {
    return stage.hasReadAll(TOPIC);
  }

  @Override
  public void showResults(DemoStage stage) {
    stage.showCassandra(
        session ->
            CQL.stream()
                .map(cql -> cql + "\n" + CqlRows.table(session.execute(cql), SHOWN))
                .collect(Collectors.joining("\n\n")));
  }

  @Override
  public String farewell() {
    return """
          ./millrace demo
          ./millrace stack up --cassandra   a stack that stays, for ./millrace cql\
        """;
  }
}
