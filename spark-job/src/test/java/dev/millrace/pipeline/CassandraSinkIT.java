package dev.millrace.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.StackExtension;
import dev.millrace.config.parse.Overrides.OutputChoice;
import dev.millrace.stack.LocalStack;
import dev.millrace.stack.process.Component;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A table in Cassandra that mirrors one of Postgres'. */
@ExtendWith(StackExtension.class)
class CassandraSinkIT {

  private static final OutputChoice BOOKINGS = new OutputChoice.First();

  @TempDir Path folder;

  @Test
  void equalsPostgresThroughKillsOfJobAndCassandra(LocalStack stack) throws Exception {
    CassandraTables tables = CassandraTables.of(stack);
    long seed = System.nanoTime();
    System.out.printf("kills in the middle of a batch, sink cassandra: seed %d%n", seed);
    Random random = new Random(seed);
    // Other tests have left changes in the topic that Postgres knows nothing of.
    TestPipeline pipeline =
        pipeline(stack, StackExtension.TOPIC, "crash")
            .from(stack.endOffsets(StackExtension.TOPIC))
            .with("source.kafka.max-offsets-per-trigger=100");
    deleteAll(stack);

    try (PlayedRides rides = new PlayedRides(stack, seed)) {
      try (JobProcess job = JobProcess.start(pipeline, "--output=bookings", List.of())) {
        job.awaitCommitAfter("bookings", 0);
        LockSupport.parkNanos(Duration.ofMillis(random.nextInt(300)).toNanos());
        stack.kill(Component.CASSANDRA);
        job.awaitBatchInFlight("bookings");
        long inFlight = job.newest("bookings", "offsets");
        stack.restart(Component.CASSANDRA);
        job.awaitCommitAfter("bookings", inFlight);
        // A task may be served again before the driver's own session has found the server.
        Awaitility.await()
            .atMost(Duration.ofMinutes(3))
            .untilAsserted(
                () ->
                    assertThat(job.seen())
                        .contains("is gone; requests wait and are tried again", "answers again"));
        job.awaitBatchInFlight("bookings");
        LockSupport.parkNanos(Duration.ofMillis(random.nextInt(300)).toNanos());
        job.kill();
      }
      assertThat(rides.end().deleted()).isPositive();
    }
    pipeline.with("source.kafka.max-offsets-per-trigger=100000").run(BOOKINGS);

    Map<Long, Map<String, String>> postgres = postgresBookings(stack);
    assertThat(cassandraBookings(tables, postgres)).isEqualTo(postgres);
  }

  @Test
  void keepsTheNewestVersionOfARow(LocalStack stack) throws Exception {
    CassandraTables tables = CassandraTables.of(stack);
    stack.createTopic("versions", 1);
    TestPipeline pipeline = pipeline(stack, "versions", "versions");
    ChangeTopic.write(
        stack,
        "versions",
        List.of(
            change(1, "r", 100, "Requested", null),
            change(1, "u", 101, "Completed", "18.5"),
            change(2, "c", 102, "Requested", "20.0"),
            change(3, "c", 103, "Requested", "30.0"),
            change(3, "d", 104, "Requested", "30.0"),
            change(4, "c", 105, "Requested", "40.0"),
            change(4, "d", 106, "Requested", "40.0"),
            change(4, "c", 107, "Requested", null)));
    pipeline.run(BOOKINGS);
    ChangeTopic.write(
        stack,
        "versions",
        List.of(
            // Makes a value null; then Debezium, started again, delivers the last changes again.
            change(2, "u", 108, "Completed", null),
            change(3, "c", 103, "Requested", "30.0"),
            change(3, "d", 104, "Requested", "30.0"),
            change(4, "c", 105, "Requested", "40.0"),
            change(4, "d", 106, "Requested", "40.0"),
            change(4, "c", 107, "Requested", null),
            change(2, "u", 108, "Completed", null)));
    pipeline.run(BOOKINGS);

    List<Map<String, Object>> expected =
        List.of(
            Map.of("id", 1L, "booking_status", "Completed", "booking_value", 18.5),
            Map.of("id", 2L, "booking_status", "Completed"),
            Map.of("id", 4L, "booking_status", "Requested"));
    String rows = "SELECT id, booking_status, booking_value FROM versions.bookings";
    assertThat(tables.query(rows)).containsExactlyInAnyOrderElementsOf(expected);

    new TestPipeline(stack.bootstrapServers(), "versions", folder.resolve("again"), "cassandra")
        .with("sinks.cassandra.contact-points=" + stack.connections().cassandra())
        .with("sinks.cassandra.keyspace=versions")
        .run(BOOKINGS);
    assertThat(tables.query(rows)).containsExactlyInAnyOrderElementsOf(expected);
  }

  @Test
  void leavesAsItIsWhatAnUpdateDidNotTouch(LocalStack stack) throws Exception {
    CassandraTables tables = CassandraTables.of(stack);
    stack.createTopic("untouched", 1);
    TestPipeline pipeline =
        pipeline(stack, "untouched", "untouched")
            .with("table.before=true")
            .with("table.replica-identity=full");
    ChangeTopic.write(
        stack,
        "untouched",
        List.of(
            change(1, "c", 100, "Requested", "18.5"),
            change(2, "c", 101, "Requested", "20.0"),
            change(3, "c", 102, "Requested", null)));
    pipeline.run(BOOKINGS);
    // Older than any change: only a null that is written removes them.
    tables.execute(
        "UPDATE untouched.bookings USING TIMESTAMP 1 SET vehicle_type = 'by hand' WHERE id = 2",
        "UPDATE untouched.bookings USING TIMESTAMP 1 SET vehicle_type = 'by hand' WHERE id = 3");
    ChangeTopic.write(
        stack,
        "untouched",
        List.of(
            // A status that is stored apart (TOAST), and that the update did not touch.
            message(1, row(1, "\"__debezium_unavailable_value\"", literal("19.5"), "u", 103)),
            // Its fare became null; it never had a vehicle.
            envelope(2, 104, row(2, literal("Requested"), literal("20.0")), row(2, "null", "null")),
            // Nobody knows how it was before.
            change(3, "u", 105, "Completed", null)));
    pipeline.run(BOOKINGS);

    assertThat(
            tables.query(
                "SELECT id, booking_status, booking_value, vehicle_type FROM untouched.bookings"))
        .containsExactlyInAnyOrder(
            Map.of("id", 1L, "booking_status", "Requested", "booking_value", 19.5),
            Map.of("id", 2L, "vehicle_type", "by hand"),
            Map.of("id", 3L, "booking_status", "Completed"));
    // The newer value has the higher timestamp, by as many offsets as are between them.
    assertThat(
            tables.query(
                "SELECT writetime(booking_status) AS status, writetime(booking_value) AS fare"
                    + " FROM untouched.bookings WHERE id = 1"))
        .singleElement()
        .satisfies(at -> assertThat((Long) at.get("fare")).isEqualTo((Long) at.get("status") + 3));
  }

  @Test
  void leavesNoTombstonesForNullsOfInsertedRows(LocalStack stack) throws Exception {
    CassandraTables tables = CassandraTables.of(stack);
    stack.createTopic("inserts", 1);
    ChangeTopic.write(
        stack,
        "inserts",
        IntStream.range(0, 50).mapToObj(id -> change(id, "c", 100 + id, null, null)).toList());

    pipeline(stack, "inserts", "inserts").run(BOOKINGS);

    assertThat(tables.query("SELECT * FROM inserts.bookings")).hasSize(50);
    // Its histogram counts from 1; a tombstone for each null would add up to more than a thousand.
    assertThat(
            tables.query(
                "SELECT max FROM system_views.tombstones_per_read"
                    + " WHERE keyspace_name = 'inserts' AND table_name = 'bookings'"))
        .containsExactly(Map.of("max", 1.0));
  }

  @Test
  void namesEveryColumnInWhichTableAndPipelineDisagree(LocalStack stack) {
    CassandraTables tables = CassandraTables.of(stack);
    tables.createKeyspace("other");
    tables.execute(
        "CREATE TABLE other.high_value (id text, at timestamp, op int, PRIMARY KEY (id, at))");
    stack.createTopic("other", 1);
    TestPipeline pipeline = pipeline(stack, "other", "other");

    assertThatThrownBy(() -> pipeline.run(new OutputChoice.Named(List.of("high-value"))))
        .hasMessage(
            "output high-value: the table other.high_value does not fit: the output lacks 'at'"
                + " (timestamp), which is part of the table's primary key; changes are stored by the"
                + " key [id], and the table's primary key is [id, at]; the output's column 'id' is"
                + " bigint, the table's is text; the output's column 'booking_value' (double) is none"
                + " of the table. Change the output's SQL or key, or the table.");
    assertThatThrownBy(() -> pipeline.with("sinks.cassandra.create=never").run(BOOKINGS))
        .hasMessageContaining("has no table other.bookings. Create it, or let Millrace do so")
        .hasMessageContaining("CREATE TABLE IF NOT EXISTS other.bookings (id bigint, ");
    assertThatThrownBy(
            () ->
                pipeline
                    .with("sinks.cassandra.create=never")
                    .with("sinks.cassandra.keyspace=nowhere")
                    .run(BOOKINGS))
        .hasMessageContaining("has no keyspace 'nowhere'. Create it, or let Millrace do so");
  }

  /** Returns when Kafka has the deletes, too. */
  private static void deleteAll(LocalStack stack) throws SQLException {
    Map<Integer, Long> before = stack.endOffsets(StackExtension.TOPIC);
    try (Connection connection = stack.connect();
        Statement statement = connection.createStatement()) {
      int deleted = statement.executeUpdate("DELETE FROM business_ncr_ride_bookings");
      PlayedRides.await(stack, before, deleted);
    }
  }

  private TestPipeline pipeline(LocalStack stack, String topic, String keyspace) {
    return new TestPipeline(stack.bootstrapServers(), topic, folder, "cassandra")
        .with("sinks.cassandra.contact-points=" + stack.connections().cassandra())
        .with("sinks.cassandra.keyspace=" + keyspace);
  }

  private static ConsumerRecord<String, String> change(
      long id, String op, long lsn, String status, String value) {
    return message(id, row(id, literal(status), literal(value), op, lsn));
  }

  /** An update in the shape that has the row before, too. */
  private static ConsumerRecord<String, String> envelope(
      long id, long lsn, String before, String after) {
    return message(
        id,
        "{\"before\":{%s},\"after\":{%s},\"source\":{\"lsn\":%d},\"op\":\"u\"}"
            .formatted(before, after, lsn));
  }

  private static ConsumerRecord<String, String> message(long id, String value) {
    return new ConsumerRecord<>("", 0, 0, "{\"id\":%d}".formatted(id), value);
  }

  private static String row(long id, String status, String value, String op, long lsn) {
    return "{%s,\"__op\":\"%s\",\"__source_lsn\":%d,\"__deleted\":\"%s\"}"
        .formatted(row(id, status, value), op, lsn, op.equals("d"));
  }

  /** The fields of a row, their values as JSON. */
  private static String row(long id, String status, String value) {
    return "\"id\":%d,\"ncr_ride_bookings.csv/booking+status\":%s,\"ncr_ride_bookings.csv/booking+value\":%s,\"ncr_ride_bookings.csv/vehicle+type\":null"
        .formatted(id, status, value);
  }

  private static String literal(String text) {
    return text == null ? "null" : "\"b'" + text + "'\"";
  }

  /** The table's text columns by id, decoded; nulls are left out. */
  private static Map<Long, Map<String, String>> postgresBookings(LocalStack stack)
      throws SQLException {
    Map<Long, Map<String, String>> bookings = new HashMap<>();
    try (Connection connection = stack.connect();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT * FROM business_ncr_ride_bookings")) {
      while (rows.next()) {
        Map<String, String> values = new HashMap<>();
        for (int column = 1; column <= rows.getMetaData().getColumnCount(); column++) {
          String name = rows.getMetaData().getColumnLabel(column);
          if (NAMES.containsKey(name) && rows.getString(column) != null) {
            String text = rows.getString(column);
            String inner = text.substring(2, text.length() - 1).replace("\"", "");
            if (!List.of("", "null", "nan").contains(inner)) {
              values.put(NAMES.get(name), inner);
            }
          }
        }
        bookings.put(rows.getLong("id"), values);
      }
    }
    return bookings;
  }

  private static final Map<String, String> NAMES =
      Map.of(
          "ncr_ride_bookings.csv/booking+id", "booking_id",
          "ncr_ride_bookings.csv/booking+status", "booking_status",
          "ncr_ride_bookings.csv/vehicle+type", "vehicle_type",
          "ncr_ride_bookings.csv/date", "booking_date",
          "ncr_ride_bookings.csv/reason+for+cancelling+by+customer", "customer_cancellation_reason",
          "ncr_ride_bookings.csv/driver+cancellation+reason", "driver_cancellation_reason",
          "ncr_ride_bookings.csv/booking+value", "booking_value",
          "ncr_ride_bookings.csv/ride+distance", "ride_distance",
          "ncr_ride_bookings.csv/customer+rating", "customer_rating",
          "ncr_ride_bookings.csv/payment+method", "payment_method");

  /** The same of the mirror; numbers are written as Postgres' texts where they are equal. */
  private static Map<Long, Map<String, String>> cassandraBookings(
      CassandraTables tables, Map<Long, Map<String, String>> postgres) {
    Map<Long, Map<String, String>> bookings = new HashMap<>();
    for (Map<String, Object> row : tables.query("SELECT * FROM crash.bookings")) {
      Map<String, String> expected = postgres.getOrDefault((Long) row.get("id"), Map.of());
      Map<String, String> values = new HashMap<>();
      for (String column : NAMES.values()) {
        if (row.containsKey(column)) {
          Object value = row.get(column);
          String text = expected.get(column);
          boolean isSameNumber =
              value instanceof Double number && text != null && number.equals(Double.valueOf(text));
          values.put(column, isSameNumber ? text : value.toString());
        }
      }
      bookings.put((Long) row.get("id"), values);
    }
    return bookings;
  }
}
