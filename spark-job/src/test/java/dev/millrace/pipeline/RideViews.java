package dev.millrace.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.stack.LocalStack;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * What the views of {@code pipelines/ride-views.yaml} have delivered, next to Postgres.
 *
 * @param sink {@code kafka}, {@code parquet}, {@code postgres} or {@code iceberg}
 * @param topics the begin of their names, for Kafka; for Postgres the schema of its tables, for
 *     Iceberg their namespace
 * @param folder of the outputs, for Parquet and Iceberg
 * @param firstId rides before it are none of this test's
 * @param prefix what the names of the outputs begin with
 * @param target the database that has the tables, for Postgres
 */
record RideViews(
    LocalStack stack,
    String sink,
    String topics,
    Path folder,
    long firstId,
    String prefix,
    Database target) {

  /** A database that a sink writes to. */
  interface Database {
    Connection connect() throws SQLException;
  }

  static final String TABLE = "public.business_ncr_ride_bookings";
  private static final List<String> OPEN = List.of("Requested", "Driver Assigned", "In Progress");

  /** The views under their own names, and tables in the stack's Postgres. */
  RideViews(LocalStack stack, String sink, String topics, Path folder, long firstId) {
    this(stack, sink, topics, folder, firstId, "", stack::connect);
  }

  /** Once all changes are read: each view equals what Postgres has. */
  void requireEqualToPostgres() throws SQLException {
    Map<String, Ride> rides = rides();
    assertThat(rides).isNotEmpty();
    Map<String, Map<String, String>> mirror = result("mirror", "id");
    assertThat(mirror.keySet()).isEqualTo(rides.keySet());
    rides.forEach(
        (id, ride) -> {
          assertThat(mirror.get(id)).containsEntry("booking_status", ride.status());
          assertThat(number(mirror.get(id).get("booking_value"))).isEqualTo(ride.value());
        });
    assertThat(result("open-rides", "id").keySet())
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
    result("completed-by-vehicle", "vehicle_type")
        .forEach(
            (vehicle, row) ->
                found.put(
                    vehicle,
                    new Totals(
                        Long.parseLong(row.get("rides")), Double.parseDouble(row.get("revenue")))));
    assertThat(found).isEqualTo(totals);
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

  /** The id that rides played from now on are at or above. */
  static long firstId(LocalStack stack) throws SQLException {
    try (Connection connection = stack.connect();
        Statement statement = connection.createStatement();
        ResultSet id =
            statement.executeQuery(
                "SELECT nextval(pg_get_serial_sequence('%s', 'id')) + 1".formatted(TABLE))) {
      id.next();
      return id.getLong(1);
    }
  }

  /** What a reader that starts at the beginning holds in the end, by key. */
  Map<String, Map<String, String>> result(String view, String key) {
    String output = prefix + view;
    Map<String, Map<String, String>> held = new HashMap<>();
    if (sink.equals("postgres")) {
      for (Map<String, String> row :
          DeliveredRows.fromPostgres(target, "%s.%s".formatted(topics, output.replace('-', '_')))) {
        assertThat(held.put(row.get(key), row)).isNull();
      }
    } else if (sink.equals("iceberg")) {
      for (Map<String, String> row :
          IcebergRows.read(folder.resolve("iceberg"), topics + "." + output.replace('-', '_'))) {
        assertThat(held.put(row.get(key), row)).isNull();
      }
    } else if (sink.equals("kafka")) {
      for (ConsumerRecord<String, String> record : stack.committedRecords(topics + "." + output)) {
        String name = ChangeTopic.parse(record.key()).get(key).asText();
        if (record.value() == null) {
          assertThat(held.remove(name)).isNotNull();
        } else {
          held.put(name, flat(ChangeTopic.parse(record.value())));
        }
      }
    } else {
      for (Map<String, String> row : DeliveredRows.fromParquet(folder.resolve(output))) {
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

  private Map<String, Ride> rides() throws SQLException {
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
                    .formatted(TABLE, firstId))) {
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
