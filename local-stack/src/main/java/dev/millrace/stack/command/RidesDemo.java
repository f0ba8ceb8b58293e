package dev.millrace.stack.command;

import dev.millrace.stack.LocalStack;
import dev.millrace.stack.process.Component;
import dev.millrace.stack.process.StackProcess;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Ride bookings, from Postgres to cleaned rows. The Spark job starts as soon as the broker is up,
 * next to Connect: the two take the longest.
 */
final class RidesDemo implements DemoScenario {

  private static final String TOPIC = "business_postgres.public.business_ncr_ride_bookings";
  private static final int CHANGES_PER_SECOND = 50;
  private static final String COLUMNS_FOR_A_TERMINAL =
      "SELECT id, op, booking_id, booking_status, vehicle_type, pickup_location, booking_value,"
          + " ride_distance, updated_at_ts FROM changes";

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

  @Override
  public String farewell() {
    return """
          ./millrace demo --sink parquet
          ./millrace stack up        a stack that stays, for ./millrace sql and ./millrace kafka\
        """;
  }

  private static StackProcess startJob(DemoStage stage) {
    String sink = stage.sink();
    List<String> flags =
        new ArrayList<>(
            List.of("--output", "bookings", "--output", "average-by-operation", "--sink", sink));
    if (sink.equals("console")) {
      flags.addAll(List.of("--set", "outputs.bookings.sql=" + COLUMNS_FOR_A_TERMINAL));
      // Time to read a batch before the next one scrolls it away.
      flags.addAll(List.of("--set", "trigger.interval=3s", "--set", "sinks.console.rows=10"));
    }
    return stage.startJob("ride-bookings.yaml", flags, Map.of("KAFKA_TOPIC", TOPIC));
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
            stage.rows(),
            "--jdbc-url",
            stack.jdbcUrl(),
            "--user",
            stack.connections().postgresUser()),
        Map.of("POSTGRES_PASSWORD", stack.connections().postgresPassword()));
  }
}
