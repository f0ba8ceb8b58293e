package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.StackExtension;
import dev.millrace.cli.RidesCommand.Ended;
import dev.millrace.pipeline.ParquetFiles;
import dev.millrace.stack.LocalStack;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What happens to messages that can't be read, and to their neighbours, on the real stack. */
@ExtendWith(StackExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BadInputIT {

  private static final String BAD = "bad-input";
  private static final String SET_CONVERTER =
      " Set value.converter=org.apache.kafka.connect.json.JsonConverter in the connector, and look"
          + " for other producers on the topic.";

  /** The value of each message of {@link #BAD}; its place in the list is its offset. */
  private static final List<byte[]> MESSAGES = new ArrayList<>();

  static {
    add("{\"id\":0,\"__op\":\"c\"}");
    add("{\"id\":1,\"__op\":\"c\",}");
    add("{\"id\":2,\"__op\":\"c\",\"ncr_ride_bookings.csv/booking+va");
    add("");
    add("hello");
    MESSAGES.add(new byte[] {'{', '"', (byte) 0xff, 0, '"', '}'});
    add("{\"before\":null,\"after\":{\"id\":6},\"op\":\"c\"}");
    add("[{\"id\":7,\"__op\":\"c\"}]");
    add("{\"id\":8,\"__op\":\"x\"}");
    add("{\"id\":9,\"ncr_ride_bookings.csv/booking+value\":\"b'11\",\"__op\":\"u\"}");
    add("{\"id\":10,\"ncr_ride_bookings.csv/booking+value\":\"b'eleven'\",\"__op\":\"u\"}");
    MESSAGES.add(null);
    add("{\"id\":12,\"__op\":\"c\"}");
  }

  @TempDir Path folder;

  private RidesCommand command;

  private static void add(String message) {
    MESSAGES.add(message.getBytes(StandardCharsets.UTF_8));
  }

  @BeforeAll
  void produce(LocalStack stack) throws Exception {
    command = new RidesCommand(stack.bootstrapServers());
    stack.createTopic(BAD, 1);
    command.produce(BAD, MESSAGES);
  }

  @Test
  void deliversTheGoodAndKeepsTheBad() throws SQLException {
    Path place = folder.resolve("messages");

    Ended first = command.run(BAD, place, "--sink", "parquet");

    assertThat(first.err()).isEmpty();
    assertThat(first.exitCode()).isZero();
    assertThat(first.out()).contains(": 13 read = 3 changes + 9 rejected + 1 skipped, ");
    assertThat(RidesCommand.ids(place)).containsExactly(0L, 6L, 12L);
    List<Map<String, Object>> rejects = rejects(place);
    assertThat(rejects)
        .extracting(row -> row.get("offset") + " " + row.get("code") + " " + row.get("column"))
        .containsExactly(
            "1 INVALID_JSON null",
            "2 INVALID_JSON null",
            "3 EMPTY_MESSAGE null",
            "4 INVALID_JSON null",
            "5 INVALID_UTF8 null",
            "7 NOT_AN_OBJECT null",
            "8 INVALID_OPERATION null",
            "9 INVALID_LITERAL booking_value",
            "10 INVALID_VALUE booking_value");
    assertThat(rejects)
        .extracting(row -> row.get("value"))
        .containsExactlyElementsOf(
            IntStream.of(1, 2, 3, 4, 5, 7, 8, 9, 10)
                .mapToObj(MESSAGES::get)
                .map(HexFormat.of().withUpperCase()::formatHex)
                .toList());
    assertThat(rejects)
        .extracting(row -> row.get("message"))
        .containsExactly(
            "Cannot read the message's value as a JSON object: expected a field name in double"
                + " quotes at byte 19 of 20, near `{\"id\":1,\"__op\":\"c\",}`."
                + SET_CONVERTER,
            "Cannot read the message's value as a JSON object: it ends in the middle at byte 52 of"
                + " 52, near `p\":\"c\",\"ncr_ride_bookings.csv/booking+va`."
                + SET_CONVERTER,
            "The message's value is empty: 0 bytes, where a tombstone would have none at all."
                + " Debezium writes no such message; look for another producer on the topic.",
            "Cannot read the message's value as a JSON object: expected a value at byte 0 of 5,"
                + " near `hello`."
                + SET_CONVERTER,
            "Cannot read the message's value as a JSON object: the bytes are not UTF-8 at byte 2 of"
                + " 6, near `{\"\uFFFD\\x00\"}`."
                + SET_CONVERTER,
            "Cannot read the message's value as a JSON object: expected an object at byte 0 of 21,"
                + " near `[{\"id\":7,\"__op\":\"c\"}]`."
                + SET_CONVERTER,
            "Cannot take operation `x`: expected \"c\", \"u\", \"d\", \"r\" or \"t\". Take the"
                + " messages that change no row off the topic with skipped.operations or a filter"
                + " in the connector.",
            "Cannot read column booking_value from field \"ncr_ride_bookings.csv/booking+value\":"
                + " found `\"b'11\"`, expected double; the bytes literal has no closing quote. Set"
                + " table.text-encoding=none if the text is not a bytes literal.",
            "Cannot read column booking_value from field \"ncr_ride_bookings.csv/booking+value\":"
                + " found `\"b'eleven'\"`, expected double; it is not of this type. Declare the"
                + " column as string to keep it, or add it to table.null-tokens if it means null.");
    assertThat(rejects)
        .allSatisfy(
            row -> {
              assertThat(row).containsEntry("topic", BAD).containsEntry("partition", 0);
              assertThat(row).containsEntry("pipeline", "ride-bookings");
            });

    Ended second = command.run(BAD, place, "--sink", "parquet");

    assertThat(second.exitCode()).isZero();
    assertThat(second.out()).doesNotContain(" read = ");
    assertThat(RidesCommand.ids(place)).containsExactly(0L, 6L, 12L);
    assertThat(rejects(place)).isEqualTo(rejects);
  }

  @Test
  void goesOnWithoutTheValueOnErrorNull() throws SQLException {
    Path place = folder.resolve("null");

    Ended ended = command.run(BAD, place, "--sink", "parquet", "--set", "table.on-error=null");

    assertThat(ended.err()).isEmpty();
    assertThat(ended.exitCode()).isZero();
    assertThat(ended.out()).contains(": 13 read = 5 changes + 7 rejected + 1 skipped, ");
    assertThat(
            ParquetFiles.query(
                place.resolve("output/bookings"),
                "SELECT id FROM rows WHERE op = 'u' AND booking_value IS NULL ORDER BY id"))
        .extracting(row -> row.get("id"))
        .containsExactly(9L, 10L);
    assertThat(rejects(place)).hasSize(7);
  }

  @Test
  void endsAtTheFirstBadMessageOnErrorFail() {
    Path place = folder.resolve("fail");

    Ended ended = command.run(BAD, place, "--sink", "parquet", "--set", "table.on-error=fail");

    assertThat(ended.exitCode()).isEqualTo(1);
    assertThat(ended.err().lines())
        .containsExactly(
            "error: output bookings: stopped at topic bad-input partition 0 offset 1: Cannot read"
                + " the message's value as a JSON object: expected a field name in double quotes"
                + " at byte 19 of 20, near `{\"id\":1,\"__op\":\"c\",}`. Set"
                + " value.converter=org.apache.kafka.connect.json.JsonConverter in the connector,"
                + " and look for other producers on the topic. The query ends at such a message"
                + " because table.on-error is fail; --set table.on-error=reject sends it to the"
                + " dead letters and continues.");
    assertThat(place.resolve("output/bookings/batch=0")).doesNotExist();
  }

  /** The batches after the first are delivered by its plan, and each is counted by itself. */
  @Test
  void deliversAndCountsEachBatchByItself(LocalStack stack) throws SQLException {
    Path place = folder.resolve("batches");

    Ended ended =
        command.run(
            BAD, place, "--sink", "kafka", "--set", "source.kafka.max-offsets-per-trigger=5");

    assertThat(ended.err()).isEmpty();
    assertThat(ended.out().lines().filter(line -> line.contains(", batch ")))
        .extracting(line -> line.replaceAll("^.*, (batch .*), in .*$", "$1"))
        .containsExactly(
            "batch 0: 5 read = 1 changes + 4 rejected + 0 skipped",
            "batch 1: 5 read = 1 changes + 4 rejected + 0 skipped",
            "batch 2: 3 read = 1 changes + 1 rejected + 1 skipped");
    assertThat(stack.committedRecords(BAD + "-bookings"))
        .extracting(record -> record.value().replaceAll(".*\"id\":(\\d+).*", "$1"))
        .containsExactlyInAnyOrder("0", "6", "12");
    assertThat(
            ParquetFiles.query(
                place.resolve("output/dead-letters/query=bookings-kafka"),
                "SELECT \"offset\" FROM rows ORDER BY \"offset\""))
        .extracting(row -> row.get("offset"))
        .containsExactly(1L, 2L, 3L, 4L, 5L, 7L, 8L, 9L, 10L);
  }

  /** A total order takes a sample first, a limit stops early, a join reads twice, none reads. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT id FROM changes ORDER BY id DESC",
        "SELECT id FROM changes LIMIT 1",
        "SELECT a.id FROM changes AS a JOIN changes AS b ON a.id = b.id",
        "SELECT id FROM changes WHERE 1 = 0"
      })
  void countsEachMessageOnceWhateverTheQueryReads(String sql) {
    Path place = folder.resolve("counts-" + Integer.toHexString(sql.hashCode()));

    Ended ended =
        command.run(
            BAD,
            place,
            "--output",
            "numbered",
            "--sink",
            "kafka",
            "--set",
            "outputs.numbered.sql=" + sql,
            "--set",
            "sinks.kafka.topic=" + place.getFileName());

    assertThat(ended.err()).isEmpty();
    assertThat(ended.out()).contains(": 13 read = 3 changes + 9 rejected + 1 skipped, ");
    // The output's own query delivers the dead letters: no second one reads the topic.
    assertThat(place.resolve("output/dead-letters/query=numbered-kafka/batch=0")).exists();
    assertThat(place.resolve("checkpoints/ride-bookings"))
        .isDirectoryNotContaining("glob:**/dead-letters*");
  }

  @Test
  void previewsCleanedRowsRejectsAndTombstones(LocalStack stack) {
    Path place = folder.resolve("preview");

    Ended ended = command.execute(BAD, place, List.of("preview", RidesCommand.FILE, "-n", "5"));

    assertThat(ended.err()).isEmpty();
    assertThat(ended.exitCode()).isZero();
    assertThat(ended.out())
        .contains(
            "bookings: 1 row of the last 5 messages of bad-input",
            " id | booking_date | ",
            " 12 | null         | ",
            "rejected  bad-input 0/8  INVALID_OPERATION  Cannot take operation ",
            "rejected  bad-input 0/9  INVALID_LITERAL  ",
            "rejected  bad-input 0/10  INVALID_VALUE  ",
            "skipped   bad-input 0/11  a tombstone, which is not a change",
            "5 read = 1 changes + 3 rejected + 1 skipped; nothing was written");
    assertThat(place).doesNotExist();
    stack.createTopic("bad-input-none", 1);
    assertThat(
            command.execute("bad-input-none", place, List.of("preview", RidesCommand.FILE)).out())
        .startsWith("No message was found in topic bad-input-none at ");
    Ended missing =
        command.execute("bad-input-missing", place, List.of("preview", RidesCommand.FILE));
    assertThat(missing.exitCode()).isZero();
    assertThat(missing.out()).startsWith("There is no topic bad-input-missing at ");
  }

  private static List<Map<String, Object>> rejects(Path place) throws SQLException {
    return ParquetFiles.query(
        place.resolve("output/dead-letters/query=bookings-parquet"),
        """
        SELECT code, "column", message, pipeline, topic, partition, "offset", hex(value) AS value
        FROM rows ORDER BY "offset"
        """);
  }
}
