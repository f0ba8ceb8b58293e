package dev.millrace.launcher.demo;

import dev.millrace.stack.LocalStack;
import dev.millrace.stack.process.Component;
import dev.millrace.stack.process.StackProcess;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Ride bookings, from Postgres to live views of the table, which in the end are compared with what
 * Postgres makes of the same SQL. The Spark job starts as soon as the broker is up, next to
 * Connect: the two take the longest.
 */
final class RidesDemo implements DemoScenario {

  private static final String TOPIC = "business_postgres.public.business_ncr_ride_bookings";
  private static final int CHANGES_PER_SECOND = 50;
  private static final String PIPELINE = "ride-views.yaml";

  /** About a minute of them, where the user asks for no number and no time. */
  private static final long RIDES = 600;

  @Override
  public String name() {
    return "rides";
  }

  @Override
  public String title() {
    return "Postgres -> Debezium -> Kafka -> Spark";
  }

  @Override
  public Set<Component> sources() {
    return Set.of(Component.POSTGRES, Component.KAFKA, Component.CONNECT);
  }

  @Override
  public String defaultSink() {
    return "console";
  }

  @Override
  public Play begin(DemoStage stage) {
    LocalStack stack = stage.stack();
    stage.createTopic(TOPIC);
    StackProcess job = startJob(stage);
    stack.awaitReady();
    stack.register(stack.connector("ride-bookings"));
    stage.say().accept("Connector registered, a row has crossed from Postgres to Kafka");
    int rate = stage.settings().rate().orElse(CHANGES_PER_SECOND);
    StackProcess simulator = startSimulator(stage, rate);
    stage.say().accept("Ride bookings arrive, %d changes a second".formatted(rate));
    return new Play(job, Optional.of(simulator));
  }

  @Override
  public boolean hasProcessedAll(DemoStage stage) {
    return stage.hasReadAll(TOPIC);
  }

  /** The last changes may still be on their way. */
  @Override
  public void showResults(DemoStage stage) {
    stage.say().accept("Postgres runs the SQL of the views: both results");
    stage.verify(PIPELINE, Map.of("KAFKA_TOPIC", TOPIC));
    stage.say().accept("The views are equal to Postgres");
    stage.showPostgres("SELECT * FROM completed_by_vehicle ORDER BY vehicle_type");
  }

  @Override
  public String farewell() {
    return """
          ./millrace demo --sink postgres   a table for each view; or iceberg, kafka, cassandra, parquet
          ./millrace stack up               a stack that stays, for ./millrace sql and ./millrace kafka\
        """;
  }

  private static StackProcess startJob(DemoStage stage) {
    String sink = stage.sink();
    List<String> flags = new ArrayList<>(List.of("--all-outputs", "--sink", sink));
    if (sink.equals("console")) {
      // Time to read a batch before the next one scrolls it away.
      flags.addAll(List.of("--set", "trigger.interval=3s", "--set", "sinks.console.rows=8"));
    }
    return stage.startJob(PIPELINE, flags, Map.of("KAFKA_TOPIC", TOPIC));
  }

  private static String rows(DemoStage stage) {
    boolean hasEnd = stage.settings().rows().isPresent() || stage.settings().time().isPresent();
    return hasEnd ? stage.rows() : Long.toString(RIDES);
  }

  private static StackProcess startSimulator(DemoStage stage, int rate) {
    LocalStack stack = stage.stack();
    return stage.startSimulator(
        List.of(
            "--quiet",
            "--rate",
            Integer.toString(rate),
            "--seed",
            Long.toString(stage.settings().seed()),
            "--rows",
            rows(stage),
            "--jdbc-url",
            stack.jdbcUrl(),
            "--user",
            stack.connections().postgresUser()),
        Map.of("POSTGRES_PASSWORD", stack.connections().postgresPassword()));
  }
}
