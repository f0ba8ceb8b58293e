package dev.millrace.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.StackExtension;
import dev.millrace.config.Overrides;
import dev.millrace.config.Overrides.OutputChoice;
import dev.millrace.config.Overrides.TriggerOverride;
import dev.millrace.config.PipelineDefinition;
import dev.millrace.config.PipelineLoader;
import dev.millrace.simulator.Pace;
import dev.millrace.simulator.RideSimulation;
import dev.millrace.simulator.SimulationListener;
import dev.millrace.simulator.SimulationProgress;
import dev.millrace.simulator.SimulationSettings;
import dev.millrace.stack.LocalStack;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The shipped views, from Postgres through Debezium and Kafka, against what Postgres has. */
@ExtendWith(StackExtension.class)
class ViewsIT {

  private static final long SEED = 20261129;
  private static final List<String> OPEN = List.of("Requested", "Driver Assigned", "In Progress");

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"kafka", "parquet"})
  void equalPostgresOnceTheTopicIsDrained(String sink, LocalStack stack) throws Exception {
    String topic = "views-" + sink;
    stack.createTopic(topic, 3);
    long firstId = firstId(stack);
    play(stack, topic, firstId, SEED);
    run(stack, topic, sink);
    play(stack, topic, firstId, SEED + 1);
    run(stack, topic, sink);

    Map<String, Ride> rides = rides(stack, firstId);
    assertThat(rides).isNotEmpty();
    Map<String, Map<String, String>> mirror = result(stack, topic, sink, "mirror", "id");
    assertThat(mirror.keySet()).isEqualTo(rides.keySet());
    rides.forEach(
        (id, ride) -> {
          assertThat(mirror.get(id)).containsEntry("booking_status", ride.status());
          assertThat(number(mirror.get(id).get("booking_value"))).isEqualTo(ride.value());
        });
    assertThat(result(stack, topic, sink, "open-rides", "id").keySet())
        .containsExactlyInAnyOrderElementsOf(
            rides.entrySet().stream()
                .filter(each -> OPEN.contains(each.getValue().status()))
                .map(Map.Entry::getKey)
                .toList());
    Map<String, Totals> totals = new TreeMap<>();
    rides.values().stream()
        .filter(ride -> ride.status().equals("Completed"))
        .forEach(
            ride ->
                totals.merge(
                    ride.vehicle(),
                    new Totals(1, ride.value() == null ? 0 : ride.value()),
                    Totals::plus));
    Map<String, Totals> found = new TreeMap<>();
    result(stack, topic, sink, "completed-by-vehicle", "vehicle_type")
        .forEach(
            (vehicle, row) ->
                found.put(
                    vehicle,
                    new Totals(
                        Long.parseLong(row.get("rides")), Double.parseDouble(row.get("revenue")))));
    assertThat(found).isEqualTo(totals);
  }

  @Test
  void haveOnePositionAndStateThatResetRemoves(LocalStack stack) throws Exception {
    String topic = "views-reset";
    stack.createTopic(topic, 1);
    play(stack, topic, firstId(stack), SEED + 3);
    run(stack, topic, "parquet");
    Map<String, Map<String, String>> mirror = result(stack, topic, "parquet", "mirror", "id");
    PipelineReset reset = new PipelineReset(pipeline(stack, topic, "parquet"));

    assertThat(reset.positions())
        .contains(folder.resolve("checkpoints/ride-views/table.bookings").toString());
    reset.run(true);

    assertThat(folder.resolve("checkpoints/ride-views/table.bookings")).doesNotExist();
    assertThat(folder.resolve("output/mirror")).doesNotExist();
    run(stack, topic, "parquet");
    assertThat(result(stack, topic, "parquet", "mirror", "id")).isEqualTo(mirror);
  }

  @Test
  void showsWhatChangesOnTheConsole(LocalStack stack) throws Exception {
    String topic = "views-console";
    stack.createTopic(topic, 3);
    long firstId = firstId(stack);
    play(stack, topic, firstId, SEED + 2);

    String seen = run(stack, topic, "console");

    assertThat(seen)
        .contains("completed-by-vehicle, batch 0", "open-rides, batch 0", "mirror, batch 0")
        .containsPattern("vehicle_type +\\| rides +\\| revenue +\\| km")
        .containsPattern(" [+~] \\| ");
  }

  private record Ride(String status, String vehicle, Double value) {}

  /** Values are whole numbers or halves of rupees: their sums are exact. */
  private record Totals(long rides, double revenue) {
    Totals plus(Totals other) {
      return new Totals(rides + other.rides, revenue + other.revenue);
    }
  }

  private static Double number(String text) {
    return text == null ? null : Double.valueOf(text);
  }

  private static long firstId(LocalStack stack) throws SQLException {
    try (Connection connection = stack.connect();
        Statement statement = connection.createStatement();
        ResultSet id =
            statement.executeQuery(
                "SELECT nextval(pg_get_serial_sequence('%s', 'id')) + 1".formatted(table()))) {
      id.next();
      return id.getLong(1);
    }
  }

  private static String table() {
    return "public.business_ncr_ride_bookings";
  }

  /** Plays rides in Postgres, and copies what Debezium makes of them to the test's topic. */
  private static void play(LocalStack stack, String topic, long firstId, long seed)
      throws Exception {
    int before = stack.committedRecords(StackExtension.TOPIC).size();
    SimulationProgress played;
    try (Connection connection = stack.connect()) {
      System.out.println("simulated rides: seed " + seed);
      played =
          new RideSimulation(
                  connection,
                  new SimulationSettings(seed, 100, new Pace(200)),
                  SimulationListener.SILENT)
              .run();
    }
    long expected = before + played.inserted() + played.updated() + played.deleted();
    Awaitility.await()
        .atMost(Duration.ofMinutes(3))
        .until(() -> stack.committedRecords(StackExtension.TOPIC).size() == expected);
    List<ConsumerRecord<String, String>> changes =
        stack.committedRecords(StackExtension.TOPIC).stream()
            .filter(record -> ChangeTopic.parse(record.key()).get("id").asLong() >= firstId)
            .sorted(
                java.util.Comparator.comparingLong(
                    record -> ChangeTopic.parse(record.value()).get("__source_lsn").asLong()))
            .toList();
    int copied = stack.committedRecords(topic).size();
    ChangeTopic.write(stack, topic, changes.subList(copied, changes.size()));
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
                topic))
        .load(file, overrides)
        .definition();
  }

  /** What a reader that starts at the beginning holds in the end, by key. */
  private Map<String, Map<String, String>> result(
      LocalStack stack, String topic, String sink, String output, String key) {
    Map<String, Map<String, String>> held = new HashMap<>();
    if (sink.equals("kafka")) {
      for (ConsumerRecord<String, String> record : stack.committedRecords(topic + "." + output)) {
        String name = ChangeTopic.parse(record.key()).get(key).asText();
        if (record.value() == null) {
          assertThat(held.remove(name)).isNotNull();
        } else {
          held.put(name, flat(ChangeTopic.parse(record.value())));
        }
      }
    } else {
      for (Map<String, String> row :
          DeliveredRows.fromParquet(folder.resolve("output").resolve(output))) {
        if (row.get("op").equals("d")) {
          assertThat(held.remove(row.get(key))).isNotNull();
        } else {
          held.put(row.get(key), row);
        }
      }
    }
    return held;
  }

  private static Map<String, String> flat(JsonNode row) {
    Map<String, String> columns = new HashMap<>();
    row.fields()
        .forEachRemaining(
            field ->
                columns.put(
                    field.getKey(), field.getValue().isNull() ? null : field.getValue().asText()));
    return columns;
  }

  private static Map<String, Ride> rides(LocalStack stack, long firstId) throws SQLException {
    Map<String, Ride> rides = new HashMap<>();
    try (Connection connection = stack.connect();
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                """
                SELECT id, "ncr_ride_bookings.csv/booking+status",
                       "ncr_ride_bookings.csv/vehicle+type", "ncr_ride_bookings.csv/booking+value"
                FROM %s WHERE id >= %d
                """
                    .formatted(table(), firstId))) {
      while (rows.next()) {
        rides.put(
            rows.getString(1),
            new Ride(
                text(rows.getString(2)), text(rows.getString(3)), number(text(rows.getString(4)))));
      }
    }
    return rides;
  }

  /** The text of a bytes literal; null for what means null. */
  private static String text(String literal) {
    if (literal == null) {
      return null;
    }
    String text = literal.substring(2, literal.length() - 1);
    return List.of("", "null", "nan").contains(text) ? null : text;
  }
}
