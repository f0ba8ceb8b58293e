package dev.millrace.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.StackExtension;
import dev.millrace.config.parse.Overrides.OutputChoice;
import dev.millrace.stack.LocalStack;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Every kind of change, made in Postgres by hand, found once and typed by the shipped pipeline's
 * first output: through both connectors, in files and in Kafka.
 *
 * <p>The table and its topics are shared. The rows have ids that no sequence gives, and the changes
 * are told from those of others by their transactions.
 */
@ExtendWith(StackExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EachChangeOnceIT {

  private static final String UNWRAPPED = StackExtension.TOPIC;
  private static final String ENVELOPE = "business_full.public.business_ncr_ride_bookings";

  /** Below what a double holds exactly. */
  private static final long MOVED_FROM = -9007199254740993L;

  private static final long MOVED_TO = -9007199254740995L;
  private static final long REPEATED = Long.MIN_VALUE;

  private static final DateTimeFormatter MICROSECONDS =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX");

  /** What the expected values are about; the rest of a change differs from run to run. */
  private static final List<String> COLUMNS =
      List.of(
          "op",
          "id",
          "booking_date",
          "booking_id",
          "booking_status",
          "pickup_location",
          "driver_cancellation_reason",
          "booking_value",
          "ride_distance",
          "created_at_ts",
          "updated_at_ts",
          "snapshot");

  private final Map<Long, Commit> commits = new HashMap<>();

  @TempDir Path folder;

  /** When a transaction was made, to the millisecond, as a change states it. */
  private record Commit(Instant notBefore, Instant notAfter) {}

  @BeforeAll
  void changeRows(LocalStack stack) throws SQLException {
    stack.register(stack.connector("ride-bookings-envelope"));
    commit(
        stack,
        """
        INSERT INTO rides (id, [date], [booking+id], [booking+status], [pickup+location],
                           [booking+value], [ride+distance], created_at, updated_at)
        VALUES (-9007199254740993, $$b'2025-11-07'$$, $$b'"CNR5884300"'$$, $$b'Incomplete'$$,
                $$b'Caf\\xc3\\xa9 \\'Noir\\''$$, $$b'1138.0'$$, $$b'45.75'$$,
                '2025-11-07 11:29:32.953131', '2025-11-07 11:29:32.953132')
        """);
    commit(
        stack,
        """
        INSERT INTO rides (id, [booking+id], [booking+status], [booking+value], [ride+distance],
                           created_at, updated_at)
        VALUES (-9223372036854775808, $$b'"CNR""1"'$$, $$b'No Driver Found'$$, $$b'nan'$$,
                $$b'null'$$, '1969-12-31 23:59:59.999999', NULL)
        """);
    commit(
        stack,
        """
        UPDATE rides SET [booking+status] = $$b'Cancelled by Driver'$$, [booking+value] = NULL,
                         [driver+cancellation+reason] = $$b"Driver's fault"$$, updated_at = NULL
        WHERE id = -9007199254740993
        """);
    commit(stack, "UPDATE rides SET id = -9007199254740995 WHERE id = -9007199254740993");
    commit(
        stack,
        """
        UPDATE rides SET [booking+value] = $$b'0.1'$$ WHERE id = -9223372036854775808;
        UPDATE rides SET [booking+value] = $$b'200.25'$$, updated_at = '2025-11-07 00:00:00.000001'
        WHERE id = -9223372036854775808
        """);
    commit(stack, "DELETE FROM rides WHERE id = -9223372036854775808");
    commit(
        stack,
        """
        INSERT INTO rides (id, [ride+distance], created_at, updated_at)
        VALUES (-9223372036854775808, $$b'1e2'$$, '2025-11-07 12:00:00', '2025-11-07 12:00:00.1')
        """);
    commit(stack, "TRUNCATE rides");

    await(stack, UNWRAPPED, message -> message.path("__source_txId").asLong(), 9);
    await(stack, ENVELOPE, message -> message.path("source").path("txId").asLong(), 10);
  }

  /** What each row went through, oldest first. */
  private static Map<String, List<Map<String, Object>>> expected() {
    List<Object> first =
        Arrays.asList(
            MOVED_FROM,
            "2025-11-07",
            "CNR5884300",
            "Incomplete",
            "Café 'Noir'",
            null,
            1138.0,
            45.75,
            "2025-11-07T11:29:32.953131Z",
            "2025-11-07T11:29:32.953132Z",
            null);
    List<Object> cancelled =
        Arrays.asList(
            MOVED_FROM,
            "2025-11-07",
            "CNR5884300",
            "Cancelled by Driver",
            "Café 'Noir'",
            "Driver's fault",
            null,
            45.75,
            "2025-11-07T11:29:32.953131Z",
            null,
            null);
    List<Object> moved = new ArrayList<>(cancelled);
    moved.set(0, MOVED_TO);

    Map<String, List<Map<String, Object>>> changes = new HashMap<>();
    changes.put(
        Long.toString(MOVED_FROM),
        List.of(change("c", first), change("u", cancelled), deletion(MOVED_FROM)));
    changes.put(Long.toString(MOVED_TO), List.of(change("c", moved)));
    changes.put(
        Long.toString(REPEATED),
        List.of(
            change("c", repeated(null, null)),
            change("u", repeated(0.1, null)),
            change("u", repeated(200.25, "2025-11-07T00:00:00.000001Z")),
            deletion(REPEATED),
            change(
                "c",
                Arrays.asList(
                    REPEATED,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    100.0,
                    "2025-11-07T12:00:00.000000Z",
                    "2025-11-07T12:00:00.100000Z",
                    null))));
    return changes;
  }

  private static List<Object> repeated(Double bookingValue, String updatedAt) {
    return Arrays.asList(
        REPEATED,
        null,
        "CNR\"1",
        "No Driver Found",
        null,
        null,
        bookingValue,
        null,
        "1969-12-31T23:59:59.999999Z",
        updatedAt,
        null);
  }

  /** Of a deleted row Postgres tells the key. */
  private static Map<String, Object> deletion(long id) {
    List<Object> values = new ArrayList<>(Collections.nCopies(COLUMNS.size() - 1, null));
    values.set(0, id);
    return change("d", values);
  }

  private static Map<String, Object> change(String op, List<Object> values) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("op", op);
    for (int i = 0; i < values.size(); i++) {
      row.put(COLUMNS.get(i + 1), values.get(i));
    }
    return row;
  }

  @ParameterizedTest
  @CsvSource({"parquet, unwrapped", "kafka, unwrapped", "parquet, envelope", "kafka, envelope"})
  void findsEachChangeOnce(String sink, String shape, LocalStack stack) throws Exception {
    boolean isEnvelope = shape.equals("envelope");
    String topic = isEnvelope ? ENVELOPE : UNWRAPPED;
    TestPipeline pipeline =
        new TestPipeline(stack.bootstrapServers(), topic, folder.resolve(sink + "-" + shape), sink);

    String seen = pipeline.run(new OutputChoice.Named(List.of("bookings")));

    assertThat(seen).containsPattern("bookings -> %s, batch 0: .* \\+ 0 rejected".formatted(sink));
    List<Map<String, Object>> rows =
        sink.equals("kafka") ? fromKafka(stack, topic + "-bookings") : fromParquet(pipeline);
    Map<String, List<Map<String, Object>>> found =
        rows.stream()
            .filter(row -> commits.containsKey((Long) row.get("tx_id")))
            .collect(Collectors.groupingBy(row -> String.valueOf(row.get("id"))));

    Map<String, List<Map<String, Object>>> expected = expected();
    if (isEnvelope) {
      expected.put("null", List.of(change("t", Arrays.asList(new Object[11]))));
    }
    Map<String, List<Map<String, Object>>> shown = new HashMap<>();
    found.forEach((id, changes) -> shown.put(id, changes.stream().map(this::shown).toList()));
    assertThat(shown).isEqualTo(expected);
    found.values().forEach(this::checkOrigin);
  }

  /** Where and when the changes of one row were made. */
  private void checkOrigin(List<Map<String, Object>> changes) {
    assertThat(changes)
        .extracting(row -> (Long) row.get("lsn"))
        .doesNotContainNull()
        .isSorted()
        .doesNotHaveDuplicates();
    for (Map<String, Object> row : changes) {
      Commit commit = commits.get((Long) row.get("tx_id"));
      assertThat(Instant.parse((String) row.get("source_ts")))
          .as("source_ts of %s", row)
          .isBetween(commit.notBefore(), commit.notAfter());
    }
  }

  private Map<String, Object> shown(Map<String, Object> row) {
    Map<String, Object> shown = new LinkedHashMap<>();
    COLUMNS.forEach(
        column -> {
          assertThat(row).containsKey(column);
          shown.put(column, row.get(column));
        });
    return shown;
  }

  @Test
  void readsTheIssuesExample(LocalStack stack) throws Exception {
    String topic = "one-example";
    stack.createTopic(topic, 1);
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", stack.bootstrapServers()),
            new StringSerializer(),
            new StringSerializer())) {
      producer
          .send(
              new ProducerRecord<>(
                  topic,
                  "{\"id\":75204,\"ncr_ride_bookings.csv/booking+value\":\"b'1138.0'\","
                      + "\"ncr_ride_bookings.csv/ride+distance\":\"b'45.75'\","
                      + "\"created_at\":1762514972953131,\"__op\":\"r\"}"))
          .get();
    }
    TestPipeline pipeline =
        new TestPipeline(stack.bootstrapServers(), topic, folder.resolve(topic), "parquet");

    pipeline.run(new OutputChoice.First());

    assertThat(fromParquet(pipeline))
        .extracting(
            row ->
                Arrays.asList(
                    row.get("id"),
                    row.get("op"),
                    row.get("created_at_ts"),
                    row.get("updated_at_ts"),
                    row.get("booking_value"),
                    row.get("ride_distance")))
        .containsExactly(
            Arrays.asList(75204L, "r", "2025-11-07T11:29:32.953131Z", null, 1138.0, 45.75));
  }

  /** Runs statements in a transaction of their own; {@code [name]} is a column of the CSV file. */
  private void commit(LocalStack stack, String sql) throws SQLException {
    String statements =
        sql.replace("rides", "public.business_ncr_ride_bookings")
            .replaceAll("\\[([a-z+]+)]", "\"ncr_ride_bookings.csv/$1\"");
    try (Connection connection = stack.connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute(statements);
      long id;
      try (ResultSet result = statement.executeQuery("SELECT pg_current_xact_id()::text::bigint")) {
        result.next();
        id = result.getLong(1);
      }
      Instant before = Instant.now().truncatedTo(ChronoUnit.MILLIS);
      connection.commit();
      commits.put(id, new Commit(before, Instant.now()));
    }
  }

  /** Waits until the topic has so many changes of this test's transactions. */
  private void await(
      LocalStack stack,
      String topic,
      java.util.function.ToLongFunction<JsonNode> transaction,
      int expected) {
    Awaitility.await()
        .atMost(Duration.ofMinutes(3))
        .untilAsserted(
            () ->
                assertThat(
                        stack.committedRecords(topic).stream()
                            .map(ConsumerRecord::value)
                            .filter(value -> value != null)
                            .map(ChangeTopic::parse)
                            .filter(
                                message -> commits.containsKey(transaction.applyAsLong(message))))
                    .hasSize(expected));
  }

  private static List<Map<String, Object>> fromParquet(TestPipeline pipeline) throws SQLException {
    return ParquetFiles.query(
            pipeline.output("bookings"), "SELECT * FROM rows ORDER BY partition, \"offset\"")
        .stream()
        .map(
            row -> {
              row.replaceAll((name, value) -> plain(value));
              return row;
            })
        .toList();
  }

  private static Object plain(Object value) {
    if (value instanceof OffsetDateTime time) {
      return MICROSECONDS.format(time.withOffsetSameInstant(ZoneOffset.UTC));
    }
    return value instanceof java.time.LocalDate date ? date.toString() : value;
  }

  /** In the order in which a reader gets the records of a partition, and so of a key. */
  private static List<Map<String, Object>> fromKafka(LocalStack stack, String topic) {
    return stack.committedRecords(topic).stream()
        .map(
            record -> {
              Map<String, Object> row = new LinkedHashMap<>();
              ChangeTopic.parse(record.value())
                  .fields()
                  .forEachRemaining(field -> row.put(field.getKey(), plain(field.getValue())));
              return row;
            })
        .toList();
  }

  private static Object plain(JsonNode value) {
    if (value.isIntegralNumber()) {
      return value.longValue();
    }
    if (value.isFloatingPointNumber()) {
      return value.doubleValue();
    }
    return value.isNull() ? null : value.textValue();
  }
}
