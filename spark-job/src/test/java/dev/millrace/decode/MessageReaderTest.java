package dev.millrace.decode;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.StringType;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.config.TableDefinition;
import dev.millrace.error.data.DataError;
import dev.millrace.error.data.DataError.Code;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MessageReaderTest {

  private final Decoding rides = Decoding.of(Tables.rideBookings());
  private final Decoding people = Decoding.of(Tables.plain(Tables.column("name", StringType)));

  @Test
  void readsTheRideOfTheIssue() {
    Row row =
        rides.change(
            """
            {"id":75204,"ncr_ride_bookings.csv/booking+value":"b'1138.0'",\
            "ncr_ride_bookings.csv/ride+distance":"b'45.75'","created_at":1762514972953131,\
            "__op":"r"}""");

    assertThat(row.<Long>getAs("id")).isEqualTo(75204L);
    assertThat(row.<String>getAs("op")).isEqualTo("r");
    assertThat(row.<Timestamp>getAs("created_at").toInstant())
        .isEqualTo(Instant.parse("2025-11-07T11:29:32.953131Z"));
    assertThat(row.<Timestamp>getAs("updated_at")).isNull();
    assertThat(row.<Double>getAs("booking_value")).isEqualTo(1138.0);
    assertThat(row.<Double>getAs("ride_distance")).isEqualTo(45.75);
  }

  @Test
  void readsOneOfEachUnwrappedSample() {
    List<Row> rows = samples("one-of-each-unwrapped.jsonl");

    assertThat(rows)
        .containsExactly(
            RowFactory.create(
                1L, 1.0, "r", 26562512L, 756L, at("2026-11-21T04:03:59.204Z"), "first"),
            RowFactory.create(
                21L, null, "c", 26563016L, 758L, at("2026-11-21T04:04:36.400Z"), null),
            RowFactory.create(
                25L, 1138.0, "u", 26573840L, 759L, at("2026-11-21T04:04:36.439Z"), null),
            RowFactory.create(
                40L, 40.0, "d", 26579464L, 760L, at("2026-11-21T04:04:36.439Z"), null));
  }

  @Test
  void readsOneOfEachEnvelopeSample() {
    List<Row> rows = samples("one-of-each-envelope.jsonl");

    // The fifth message is the tombstone after the delete.
    assertThat(rows)
        .containsExactly(
            RowFactory.create(
                1L, 1.0, "r", 26562568L, 757L, at("2026-11-21T04:03:59.203730Z"), "first"),
            RowFactory.create(
                21L, null, "c", 26563016L, 758L, at("2026-11-21T04:04:36.400881Z"), null),
            RowFactory.create(
                25L, 1138.0, "u", 26573840L, 759L, at("2026-11-21T04:04:36.439328Z"), null),
            RowFactory.create(
                40L, 40.0, "d", 26579464L, 760L, at("2026-11-21T04:04:36.439873Z"), null),
            null,
            RowFactory.create(
                null, null, "t", 26606208L, 762L, at("2026-11-21T04:04:36.441170Z"), null));
  }

  @Test
  void readsARowAsTheSampleHoldsIt() {
    Samples.Message update = Samples.load("one-of-each-envelope.jsonl").get(2);

    Row row = rides.change(update.key(), update.value());

    assertThat(row)
        .isEqualTo(
            RowFactory.create(
                25L,
                "2024-03-23",
                "12:29:38",
                "CNR25",
                "Completed",
                "CID25",
                "Go Sedan",
                "Palam Vihar",
                "Jhilmil",
                8.3,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                1138.0,
                2.5,
                4.9,
                null,
                "UPI",
                at("2026-11-21T04:04:36.399399Z"),
                at("2026-11-21T04:04:36.437868Z"),
                "u",
                26573840L,
                759L,
                at("2026-11-21T04:04:36.439328Z"),
                null,
                row.getAs("unchanged")));
    // The table of the samples did not have them.
    assertThat(row.<Object>getList(row.fieldIndex("unchanged")))
        .containsExactly(
            "avg_ctat",
            "cancelled_rides_by_customer",
            "reason_for_cancelling_by_customer",
            "cancelled_rides_by_driver",
            "driver_cancellation_reason",
            "incomplete_rides",
            "incomplete_rides_reason",
            "customer_rating");
  }

  @Test
  void readsEverySample() {
    for (String name : List.of("unwrapped.jsonl", "envelope.jsonl")) {
      for (Samples.Message message : Samples.load(name)) {
        assertThat(rides.decode(message.key(), message.value()).getString(0))
            .as("%s, offset %d", name, message.offset())
            .isEqualTo(message.valueJson() == null ? Outcome.SKIPPED : Outcome.CHANGE);
      }
    }
  }

  @Test
  void rowsKeepTheirTextsWhenTheReaderGoesOn() {
    Row first = people.change("{\"id\":1,\"name\":\"line\\nbreak\",\"__op\":\"c\"}");
    MessageDecoder decoder =
        new MessageDecoder(Tables.plain(Tables.column("name", StringType)), Set.of("name"));
    MessageReader reader = MessageReader.of(decoder);
    var kept = reader.read(null, bytes("{\"id\":1,\"name\":\"line\\nbreak\",\"__op\":\"c\"}"));
    reader.read(null, bytes("{\"id\":2,\"name\":\"LINE\\nBREAK\",\"__op\":\"c\"}"));

    assertThat(first.<String>getAs("name")).isEqualTo("line\nbreak");
    assertThat(kept.getStruct(2, 1).getUTF8String(0)).hasToString("line\nbreak");
  }

  @Test
  void readsADeleteWithoutItsOldRowFromTheKey() {
    String delete = "{\"before\":null,\"after\":null,\"source\":{\"lsn\":7},\"op\":\"d\"}";

    assertThat(people.change(bytes("{\"id\":4}"), bytes(delete)))
        .isEqualTo(RowFactory.create(4L, null, "d", 7L, null, null, null, null));
    assertThat(
            people.change(
                bytes("{\"schema\":{\"type\":\"struct\"},\"payload\":{\"id\":4}}"), bytes(delete)))
        .isEqualTo(RowFactory.create(4L, null, "d", 7L, null, null, null, null));
    assertThat(people.reject(null, bytes(delete)).code()).isEqualTo(Code.INVALID_KEY);
    assertThat(people.reject(bytes("{\"id\":"), bytes(delete)).code()).isEqualTo(Code.INVALID_KEY);
    assertThat(people.reject(bytes("4"), bytes(delete)).code()).isEqualTo(Code.INVALID_KEY);
    assertThat(people.reject(bytes("{\"ID\":4}"), bytes(delete)))
        .isEqualTo(
            new DataError(
                Code.INVALID_KEY,
                "id",
                "Cannot tell which row was deleted: the message has no old row (`before`), and its"
                    + " key `{\"ID\":4}` has no value for \"id\". Declare in table.key the columns"
                    + " that Debezium puts into the key, or run ALTER TABLE ... REPLICA IDENTITY"
                    + " FULL."));
  }

  @Test
  void readsMessagesThatCarryTheirSchema() {
    String schema =
        "{\"schema\":{\"type\":\"struct\",\"fields\":[{\"field\":\"id\"}]},\"payload\":";

    assertThat(people.change(schema + "{\"id\":1,\"name\":\"a\",\"__op\":\"c\"}}"))
        .isEqualTo(people.change("{\"id\":1,\"name\":\"a\",\"__op\":\"c\"}"));
    assertThat(people.change(schema + "{\"before\":null,\"after\":{\"id\":1},\"op\":\"r\"}}"))
        .isEqualTo(people.change("{\"before\":null,\"after\":{\"id\":1},\"op\":\"r\"}"));
    assertThat(people.decode(schema + "null}").getString(0)).isEqualTo(Outcome.SKIPPED);
    assertThat(people.reject(schema + "[]}").code()).isEqualTo(Code.MISSING_OPERATION);
  }

  @Test
  void readsTablesWhoseColumnsAreNamedLikeDebeziumsFields() {
    TableDefinition table =
        Tables.plain(
            new dev.millrace.config.ColumnDefinition(
                "own_op", "op", StringType, dev.millrace.config.ColumnDefinition.TimeUnit.NONE),
            Tables.column("before", StringType),
            Tables.column("source", StringType),
            Tables.column("payload", StringType));
    Decoding decoding = Decoding.of(table);
    String row = "\"id\":1,\"op\":\"x\",\"before\":{\"id\":2},\"source\":null,\"payload\":\"p\"";
    Row expected =
        RowFactory.create(1L, "x", "{\"id\":2}", null, "p", "u", 9L, null, null, null, null);

    assertThat(decoding.change("{" + row + ",\"__op\":\"u\",\"__source_lsn\":9}"))
        .isEqualTo(expected);
    assertThat(
            decoding.change(
                "{\"before\":null,\"after\":{" + row + "},\"source\":{\"lsn\":9},\"op\":\"u\"}"))
        .isEqualTo(expected);
  }

  @Test
  void findsFieldsInAnyOrderAndHoweverTheyAreWritten() {
    Row expected = RowFactory.create(1L, "a", "c", 5L, null, null, null, null);

    assertThat(people.change("{\"__lsn\":5,\"__op\":\"c\",\"name\":\"a\",\"id\":1}"))
        .isEqualTo(expected);
    assertThat(people.change("{\"id\":1,\"name\":\"a\",\"__op\":\"c\",\"__lsn\":5}"))
        .isEqualTo(expected);
    assertThat(
            people.change(
                "{\"\\u0069d\":1,\"x\":{},\"na\\u006de\":\"a\",\"__op\":\"c\",\"__lsn\":5}"))
        .isEqualTo(expected);
    assertThat(
            people.change(" {\n\"id\" : 1 ,\t\"name\" : \"a\",\r\"__op\" :\"c\",\"__lsn\": 5 } "))
        .isEqualTo(expected);
    assertThat(
            people.change(
                "{\"op\":\"c\",\"source\":{\"lsn\":5},\"after\":{\"name\":\"a\",\"id\":1}}"))
        .isEqualTo(expected);
  }

  @Test
  void readsMoreFieldsThanItRemembers() {
    StringBuilder message = new StringBuilder("{");
    for (int i = 0; i < 10_000; i++) {
      message.append("\"f").append(i).append("\":").append(i).append(',');
    }
    message.append("\"id\":1,\"__op\":\"c\"}");

    for (int i = 0; i < 2; i++) {
      assertThat(people.change(message.toString()).<Long>getAs("id")).isEqualTo(1L);
    }
  }

  @Test
  void takesAnAbsentFieldForAValueThatWasNotSent() {
    Row row = people.change("{\"id\":1,\"__op\":\"c\"}");

    assertThat(row)
        .isEqualTo(
            RowFactory.create(1L, null, "c", null, null, null, null, row.getAs("unchanged")));
    assertThat(row.<Object>getList(row.fieldIndex("unchanged"))).containsExactly("name");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"__source_ts_ms":5,"__source_ts_us":6001}   | 1970-01-01T00:00:00.006001Z
          {"__source_ts_us":null,"__source_ts_ms":5}   | 1970-01-01T00:00:00.005Z
          {"__ts_ms":5}                                |
          """)
  void takesTheSourcesTimeAsFineAsItIsSent(String fields, Instant expected) {
    Row row = people.change(fields.replace("}", ",\"id\":1,\"__op\":\"c\"}"));

    assertThat(row.<Timestamp>getAs("source_ts"))
        .isEqualTo(expected == null ? null : Timestamp.from(expected));
  }

  @Test
  void skipsATombstone() {
    assertThat(people.decode(bytes("{\"id\":1}"), null))
        .isEqualTo(RowFactory.create(Outcome.SKIPPED, null, null, null));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      emptyValue = "",
      textBlock =
          """
          ''                                             | EMPTY_MESSAGE
          {"id":1,"__op":"c"                             | INVALID_JSON
          {"id":1,"__op":"c"} x                          | INVALID_JSON
          Hello                                          | INVALID_JSON
          null                                           | NOT_AN_OBJECT
          [{"id":1,"__op":"c"}]                          | NOT_AN_OBJECT
          {"id":1,"id":1,"__op":"c"}                     | DUPLICATE_FIELD
          {"after":{"id":1,"id":2},"op":"c"}             | DUPLICATE_FIELD
          {"after":{"id":1},"after":null,"op":"c"}       | DUPLICATE_FIELD
          {"id":1}                                       | MISSING_OPERATION
          {"id":1,"op":"c"}                              | MISSING_OPERATION
          {"id":1,"op":"c","before":"x"}                 | MISSING_OPERATION
          {"after":{"id":1}}                             | MISSING_OPERATION
          {"id":1,"__op":"i"}                            | INVALID_OPERATION
          {"id":1,"__op":"m"}                            | INVALID_OPERATION
          {"id":1,"__op":null}                           | INVALID_OPERATION
          {"id":1,"__op":1}                              | INVALID_OPERATION
          {"after":{"id":1},"op":"create"}               | INVALID_OPERATION
          {"id":1,"__op":"c","__deleted":"true"}         | INVALID_OPERATION
          {"id":1,"__op":"d","__deleted":"false"}        | INVALID_OPERATION
          {"before":{"id":1},"after":null,"op":"u"}      | MISSING_ROW
          {"before":null,"after":null,"op":"r"}          | MISSING_ROW
          {"id":"one","__op":"c"}                        | INVALID_VALUE
          {"id":1,"__op":"c","__source_lsn":"here"}      | INVALID_VALUE
          {"id":1,"__op":"c","__source_txId":1.5}        | OUT_OF_RANGE
          """)
  void rejectsAMessage(String message, Code code) {
    assertThat(people.reject(message).code()).isEqualTo(code);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"op\":\"t\",\"before\":null,\"after\":null}", "{\"__op\":\"t\"}"})
  void readsATruncateWithoutARow(String message) {
    assertThat(people.change(message))
        .isEqualTo(RowFactory.create(null, null, "t", null, null, null, null, null));
  }

  @Test
  void goesOnAfterARejectAsIfNothingHadBeen() {
    String good = "{\"id\":1,\"name\":\"a\",\"__op\":\"c\"}";
    Row expected = people.change(good);

    for (int length = 0; length < good.length(); length++) {
      people.reject(good.substring(0, length));
      assertThat(people.change(good)).isEqualTo(expected);
    }
  }

  @Test
  void saysWhatIsWrongWhereAndHowToMendIt() {
    assertThat(people.reject("{\"id\":1,\"__op\":\"c\",}"))
        .isEqualTo(
            new DataError(
                Code.INVALID_JSON,
                null,
                "Cannot read the message's value as a JSON object: expected a field name in double"
                    + " quotes at byte 19 of 20, near `{\"id\":1,\"__op\":\"c\",}`. Set"
                    + " value.converter=org.apache.kafka.connect.json.JsonConverter in the"
                    + " connector, and look for other producers on the topic."));
    assertThat(people.reject("{\"id\":1}").message())
        .isEqualTo(
            "Cannot tell which operation made this message: it has neither `__op` nor, as an"
                + " envelope, `op` with `before` or `after` in `{\"id\":1}`. Set"
                + " transforms.unwrap.add.fields=op,source.lsn,source.ts_ms,source.txId,"
                + "source.snapshot in the connector.");
    assertThat(people.reject("{\"id\":99999999999999999999,\"__op\":\"c\"}").message())
        .isEqualTo(
            "Cannot read column id from field \"id\": found `99999999999999999999`, expected"
                + " bigint; it is out of the type's range. Declare a wider type for the column.");
    assertThat(people.reject("{\"id\":\"__debezium_unavailable_value\",\"__op\":\"u\"}"))
        .isEqualTo(
            new DataError(
                Code.UNAVAILABLE_VALUE,
                "id",
                "Cannot read column id from field \"id\": found"
                    + " `\"__debezium_unavailable_value\"`, expected bigint; it is Debezium's"
                    + " placeholder for an unchanged value that Postgres did not send. Run ALTER"
                    + " TABLE ... REPLICA IDENTITY FULL."));
  }

  @Test
  void refusesAQueryOrATableThatMakesNoSense() {
    TableDefinition table = Tables.plain(Tables.column("name", StringType));

    assertThatThrownBy(() -> new MessageDecoder(table, Set.of("surname")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no such columns in the table: [surname]");
    assertThatThrownBy(
            () -> new MessageDecoder(Tables.plain(Tables.column("op", LongType)), Set.of("id")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("two columns are named op");
  }

  /** id, booking_value and where the change comes from; null for what is not a change. */
  private List<Row> samples(String name) {
    return Samples.load(name).stream()
        .map(message -> rides.decode(message.key(), message.value()).getStruct(2))
        .map(
            row ->
                row == null
                    ? null
                    : RowFactory.create(
                        row.getAs("id"),
                        row.getAs("booking_value"),
                        row.getAs("op"),
                        row.getAs("lsn"),
                        row.getAs("tx_id"),
                        row.getAs("source_ts"),
                        row.getAs("snapshot")))
        .toList();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  private static Timestamp at(String instant) {
    return Timestamp.from(Instant.parse(instant));
  }
}
