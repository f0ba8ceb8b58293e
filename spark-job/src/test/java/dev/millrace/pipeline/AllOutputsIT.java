package dev.millrace.pipeline;

import static java.util.stream.Collectors.averagingDouble;
import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import dev.millrace.StackExtension;
import dev.millrace.config.parse.Overrides.OutputChoice;
import dev.millrace.pipeline.ChangeTopic.Message;
import dev.millrace.stack.LocalStack;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The five outputs of the shipped pipeline on simulated rides, in two runs one after the other,
 * against what an independent fold of the topic, and Postgres itself, say.
 */
@ExtendWith(StackExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AllOutputsIT {

  private static final long SEED = 20261121;
  private static final int RIDES = 300;

  /** Windows that close within the test's few seconds of changes. */
  private static final String SHORT_WINDOWS =
      "outputs.changes-per-minute.sql=SELECT window(source_ts, '1 second') AS w, op, count(*) AS"
          + " changes FROM changes GROUP BY 1, 2";

  private static final String SHORT_DELAY = "outputs.changes-per-minute.watermark.delay=1 second";

  private final Map<Long, List<String>> postgres = new TreeMap<>();
  private List<ConsumerRecord<String, String>> changes;

  @TempDir Path folder;

  @BeforeAll
  void playRides(LocalStack stack) throws Exception {
    try (Connection connection = stack.connect()) {
      long firstId =
          number(
              connection,
              "SELECT nextval(pg_get_serial_sequence('%s', 'id')) + 1".formatted(table()));
      changes = PlayedRides.changes(stack, SEED, RIDES);
      try (Statement statement = connection.createStatement();
          ResultSet rows =
              statement.executeQuery(
                  """
                  SELECT id, "ncr_ride_bookings.csv/booking+status",
                         "ncr_ride_bookings.csv/booking+value", "ncr_ride_bookings.csv/date",
                         to_char(updated_at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
                  FROM %s WHERE id >= %d
                  """
                      .formatted(table(), firstId))) {
        while (rows.next()) {
          postgres.put(
              rows.getLong(1),
              List.of(rows.getString(2), rows.getString(3), rows.getString(4), rows.getString(5)));
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"parquet, 1", "kafka, 3", "parquet, 4"})
  void deliversTheFiveOutputs(String sink, int partitions, LocalStack stack) throws Exception {
    String topic = "rides-%s-%d".formatted(sink, partitions);
    stack.createTopic(topic, partitions);
    TestPipeline pipeline =
        new TestPipeline(stack.bootstrapServers(), topic, folder.resolve(topic), sink)
            .with(SHORT_WINDOWS)
            .with(SHORT_DELAY);

    ChangeTopic.write(stack, topic, changes.subList(0, changes.size() / 2));
    pipeline.run(new OutputChoice.All());
    ChangeTopic.write(stack, topic, changes.subList(changes.size() / 2, changes.size()));
    String seen = pipeline.run(new OutputChoice.All());

    List<Message> messages = ChangeTopic.read(stack, topic);
    assertThat(messages).hasSameSizeAs(changes);
    assertThat(seen)
        .contains("read = ")
        .containsPattern(
            "bookings -> %s, batch 1: .* \\+ 0 rejected \\+ 0 skipped".formatted(sink));
    Function<String, List<Map<String, String>>> output =
        sink.equals("kafka")
            ? name -> DeliveredRows.fromKafka(stack, topic + "-" + name)
            : name -> DeliveredRows.fromParquet(pipeline.output(name));
    checkBookings(output.apply("bookings"), messages);
    checkHighValue(output.apply("high-value"), messages);
    checkAverages(output.apply("average-by-operation"), messages);
    checkWindows(output.apply("changes-per-minute"), messages);
    checkNumbered(output.apply("numbered"), messages);
  }

  @Test
  void showsTheFiveOutputsOnTheConsole(LocalStack stack) throws Exception {
    String topic = "rides-console-3";
    stack.createTopic(topic, 3);
    ChangeTopic.write(stack, topic, changes);

    String seen =
        new TestPipeline(stack.bootstrapServers(), topic, folder.resolve(topic), "console")
            .with(SHORT_WINDOWS)
            .with(SHORT_DELAY)
            .run(new OutputChoice.All());

    List<Message> messages = ChangeTopic.read(stack, topic);
    long highValues =
        messages.stream()
            .filter(each -> each.number("booking+value") != null)
            .filter(each -> each.number("booking+value") > 1000)
            .count();
    long operations = messages.stream().map(AllOutputsIT::op).distinct().count();
    assertThat(seen)
        .contains(
            "bookings, batch 0: %,d rows".formatted(messages.size()),
            "high-value, batch 0: %,d rows".formatted(highValues),
            "numbered, batch 0: %,d rows".formatted(messages.size()),
            "average-by-operation, batch 0: %d rows".formatted(operations))
        .containsPattern("changes-per-minute, batch \\d+: \\d+ rows\\n w +\\| op \\| changes\\n")
        .contains("... and %,d more rows".formatted(messages.size() - 20));
  }

  private void checkBookings(List<Map<String, String>> rows, List<Message> messages) {
    assertThat(rows)
        .extracting(row -> row.get("partition") + "-" + row.get("offset"))
        .containsExactlyInAnyOrderElementsOf(
            messages.stream().map(each -> each.partition() + "-" + each.offset()).toList());

    Map<Long, Map<String, String>> folded = new TreeMap<>();
    rows.stream()
        .sorted(
            java.util.Comparator.comparingInt(
                    (Map<String, String> row) -> Integer.parseInt(row.get("partition")))
                .thenComparingLong(row -> Long.parseLong(row.get("offset"))))
        .forEach(
            row -> {
              long id = Long.parseLong(row.get("id"));
              if (row.get("op").equals("d")) {
                folded.remove(id);
              } else {
                folded.put(id, row);
              }
            });
    Map<Long, List<String>> literals = new TreeMap<>();
    folded.forEach(
        (id, row) ->
            literals.put(
                id,
                List.of(
                    "b'" + row.get("booking_status") + "'",
                    row.get("booking_value") == null
                        ? "b'nan'"
                        : "b'" + row.get("booking_value") + "'",
                    "b'" + row.get("booking_date") + "'",
                    row.get("updated_at_ts"))));
    assertThat(literals).isEqualTo(postgres);
  }

  private static void checkHighValue(List<Map<String, String>> rows, List<Message> messages) {
    assertThat(rows)
        .extracting(row -> row.get("id") + row.get("op") + row.get("booking_value"))
        .containsExactlyInAnyOrderElementsOf(
            messages.stream()
                .filter(each -> each.number("booking+value") != null)
                .filter(each -> each.number("booking+value") > 1000)
                .map(
                    each ->
                        each.value().get("id").asText() + op(each) + each.number("booking+value"))
                .toList())
        .isNotEmpty();
  }

  private static void checkAverages(List<Map<String, String>> rows, List<Message> messages) {
    Map<String, String> last = new HashMap<>();
    rows.forEach(row -> last.put(row.get("op"), row.get("avg_booking")));
    Map<String, Double> expected =
        messages.stream()
            .filter(each -> each.number("booking+value") != null)
            .collect(
                groupingBy(
                    AllOutputsIT::op, averagingDouble(each -> each.number("booking+value"))));
    assertThat(last.keySet())
        .isEqualTo(
            messages.stream().map(AllOutputsIT::op).collect(java.util.stream.Collectors.toSet()));
    last.forEach(
        (op, average) -> {
          if (expected.containsKey(op)) {
            assertThat(Double.parseDouble(average))
                .as(op)
                .isEqualTo(expected.get(op), offset(1e-6));
          } else {
            assertThat(average).as(op).isNull();
          }
        });
  }

  /** A window is there once it ended a second before the newest change. */
  private static void checkWindows(List<Map<String, String>> rows, List<Message> messages) {
    long newest = messages.stream().mapToLong(AllOutputsIT::sourceMillis).max().orElseThrow();
    Map<String, Long> expected =
        messages.stream()
            .filter(each -> second(each).plusSeconds(2).toEpochMilli() <= newest)
            .collect(groupingBy(each -> second(each) + op(each), TreeMap::new, counting()));
    assertThat(rows)
        .extracting(row -> row.get("start") + row.get("op") + " " + row.get("changes"))
        .containsExactlyInAnyOrderElementsOf(
            expected.entrySet().stream()
                .map(each -> each.getKey() + " " + each.getValue())
                .toList())
        .isNotEmpty();
  }

  /** Each of the two batches numbers its changes of an operation from one. */
  private static void checkNumbered(List<Map<String, String>> rows, List<Message> messages) {
    assertThat(rows)
        .extracting(row -> row.get("partition") + "-" + row.get("offset"))
        .containsExactlyInAnyOrderElementsOf(
            messages.stream().map(each -> each.partition() + "-" + each.offset()).toList());
    Map<String, List<Integer>> numbers = new TreeMap<>();
    rows.forEach(
        row ->
            numbers
                .computeIfAbsent(row.get("op"), op -> new ArrayList<>())
                .add(Integer.valueOf(row.get("row_number"))));
    numbers.forEach(
        (op, found) -> {
          long firsts = found.stream().filter(number -> number == 1).count();
          assertThat(firsts).as("batches with %s", op).isBetween(1L, 2L);
          int inOne = found.stream().mapToInt(number -> number).max().orElseThrow();
          List<Integer> expected = new ArrayList<>();
          for (int number = 1; number <= inOne; number++) {
            expected.add(number);
          }
          for (int number = 1; number <= found.size() - inOne; number++) {
            expected.add(number);
          }
          assertThat(found).as(op).containsExactlyInAnyOrderElementsOf(expected);
        });
  }

  private static String op(Message message) {
    return message.value().get("__op").asText();
  }

  private static long sourceMillis(Message message) {
    return message.value().get("__source_ts_ms").asLong();
  }

  private static Instant second(Message message) {
    return Instant.ofEpochSecond(sourceMillis(message) / 1000);
  }

  private static String table() {
    return "public.business_ncr_ride_bookings";
  }

  private static long number(Connection connection, String sql) throws java.sql.SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      result.next();
      return result.getLong(1);
    }
  }
}
