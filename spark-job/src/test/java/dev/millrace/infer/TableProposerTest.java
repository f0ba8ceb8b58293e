package dev.millrace.infer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.config.ColumnDefinition;
import dev.millrace.config.TableDefinition;
import dev.millrace.config.parse.Overrides;
import dev.millrace.config.parse.PipelineLoader;
import dev.millrace.decode.MessageForm;
import dev.millrace.decode.Samples;
import dev.millrace.event.SampledMessage;
import dev.millrace.pipeline.SinkConnectors;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TableProposerTest {

  private static final String ENVELOPE_SCHEMA =
      """
      {"type":"struct","fields":[
        {"type":"struct","optional":true,"field":"before","fields":[%1$s]},
        {"type":"struct","optional":true,"field":"after","fields":[%1$s]},
        {"type":"struct","field":"source","fields":[{"type":"int64","field":"lsn"}]},
        {"type":"string","field":"op"}]}""";

  private static TopicSample rides(String file) {
    return TopicSample.of(
        Samples.load(file).stream()
            .map(message -> new SampledMessage(message.key(), message.value()))
            .toList());
  }

  private static SampledMessage message(String key, String value) {
    return new SampledMessage(
        key == null ? null : key.getBytes(UTF_8), value == null ? null : value.getBytes(UTF_8));
  }

  /** Unwrapped rows without schemas, each an object's inner text. */
  private static TopicSample rows(String... rows) {
    return TopicSample.of(
        Stream.of(rows).map(row -> message(null, "{" + row + ",\"__op\":\"c\"}")).toList());
  }

  private static String line(ProposedTable table, String column) {
    return table
        .toYaml()
        .lines()
        .filter(line -> line.startsWith("    " + column + ":"))
        .findFirst()
        .map(String::strip)
        .orElse("no column " + column);
  }

  /** What is proposed for the field v, without its name. */
  private static String proposed(String... values) {
    return line(
            TableProposer.byValues(
                rows(Stream.of(values).map(value -> "\"v\":" + value).toArray(String[]::new))),
            "v")
        .replaceFirst("v: ", "");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "unwrapped.jsonl",
        "envelope.jsonl",
        "one-of-each-unwrapped.jsonl",
        "one-of-each-envelope.jsonl"
      })
  void readsEveryRideThatItProposesColumnsFrom(String file) {
    TopicSample sample = rides(file);

    ProposedTable table = TableProposer.byValues(sample);

    DecodedSample decoded = DecodedSample.of(sample, table.toDefinition());
    assertThat(decoded.firstReject()).isEmpty();
    assertThat(decoded.changes() + decoded.skipped()).isEqualTo(sample.size());
    assertThat(decoded.changes()).isGreaterThan(3);
  }

  @Test
  void proposesTheColumnsOfTheRides() {
    assertThat(TableProposer.byValues(rides("unwrapped.jsonl")).toYaml())
        .isEqualToNormalizingNewlines(
            """
            table:
              key: [id]
              text-encoding: python-bytes
              null-tokens: ["nan"]
              columns:
                id: {type: bigint}
                date: {from: ncr_ride_bookings.csv/date, type: date, unit: iso}
                time: {from: ncr_ride_bookings.csv/time, type: string}
                booking_id: {from: ncr_ride_bookings.csv/booking+id, type: string}
                booking_status: {from: ncr_ride_bookings.csv/booking+status, type: string}
                customer_id: {from: ncr_ride_bookings.csv/customer+id, type: string}
                vehicle_type: {from: ncr_ride_bookings.csv/vehicle+type, type: string}
                pickup_location: {from: ncr_ride_bookings.csv/pickup+location, type: string}
                drop_location: {from: ncr_ride_bookings.csv/drop+location, type: string}
                avg_vtat: {from: ncr_ride_bookings.csv/avg+vtat, type: double}
                booking_value: {from: ncr_ride_bookings.csv/booking+value, type: double}
                ride_distance: {from: ncr_ride_bookings.csv/ride+distance, type: double}
                driver_ratings: {from: ncr_ride_bookings.csv/driver+ratings, type: double}
                payment_method: {from: ncr_ride_bookings.csv/payment+method, type: string}
                # Whole numbers that, by name and size, are micros since 1970-01-01 UTC.
                created_at: {type: timestamp, unit: micros}
                # Whole numbers that, by name and size, are micros since 1970-01-01 UTC.
                updated_at: {type: timestamp, unit: micros}
            """);
  }

  @Test
  void takesTheNamesThatAPipelineHas() {
    TableDefinition declared =
        new PipelineLoader(Map.of(), SinkConnectors.STANDARD.kinds())
            .load(
                Path.of(System.getProperty("millrace.home"), "pipelines", "ride-bookings.yaml")
                    .toString(),
                Overrides.none())
            .definition()
            .table();

    TableDefinition proposed =
        TableProposer.byValues(rides("unwrapped.jsonl"), declared).toDefinition();

    List<ColumnDefinition> columns = new ArrayList<>(declared.columns());
    columns.retainAll(proposed.columns());
    assertThat(columns).hasSizeGreaterThan(10);
    assertThat(proposed.columns())
        .extracting(ColumnDefinition::name)
        .contains("created_at_ts", "booking_value", "booking_time");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          1                              | {type: bigint}
          9223372036854775807            | {type: bigint}
          9223372036854775808            | {type: "decimal(38,0)"}
          1.5                            | {type: double}
          true                           | {type: boolean}
          null                           | {type: string}
          "text"                         | {type: string}
          "12.5"                         | {type: string}
          "2025-11-07T11:29:32.953131Z"  | {type: timestamp, unit: iso}
          "2025-11-07T11:29:32+05:30"    | {type: timestamp, unit: iso}
          {"a": 1}                       | {type: string}
          {"a": "1", "b": null}          | {type: "map<string,string>"}
          {}                             | {type: string}
          {"scale":2,"value":"BNI="}     | {type: "decimal(38,10)"}
          {"scale":12,"value":"BNI="}    | {type: "decimal(38,18)"}
          {"wkb":"AQEAAAAAAAAAAAAD4PwAAAAAAAADA","srid":4326} | {type: string}
          {"wkb":"AQEAAAAAAAAAAAD4PwAAAAAAAADA","srid":null} | {type: geometry}
          [1, 2, null]                   | {type: "array<bigint>"}
          [1, 2.5]                       | {type: "array<double>"}
          ["a", "b"]                     | {type: "array<string>"}
          ["2025-11-07Z"]                | {type: "array<date>", unit: iso}
          [{"a": "1"}]                   | {type: "array<map<string,string>>"}
          [1, "a"]                       | {type: "array<string>"}
          [[1], [2]]                     | {type: string}
          []                             | {type: string}
          "NaN"                          | {type: string}
          "2025-11-07Z"                  | {type: date, unit: iso}
          "2025-11-07"                   | {type: string}
          "+12345-01-01T00:00Z"          | {type: timestamp, unit: iso}
          "11:29:32.953131Z"             | {type: timetz}
          "11:29:32+05:30"               | {type: timetz}
          "11:29:32"                     | {type: string}
          "P0Y0M3DT4H5M6.789S"           | {type: interval}
          "P1Y2M3DT4H5M6.789S"           | {type: string}
          "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11" | {type: uuid}
          "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11" | {type: string}
          "{\\"a\\": [1]}"               | {type: json}
          "[1]"                          | {type: json}
          "[1"                           | {type: string}
          "__debezium_unavailable_value" | {type: string}
          "b'12'"                        | {type: bigint}
          "b'12.0'"                      | {type: double}
          "b'1e-05'"                     | {type: double}
          "b'-0.5'"                      | {type: double}
          "b'-007'"                      | {type: string}
          "b'12345678901234567890'"      | {type: double}
          "b'01234'"                     | {type: string}
          "b'+491'"                      | {type: string}
          "b'2024-03-23'"                | {type: date, unit: iso}
          "b'2024-02-30'"                | {type: string}
          "b'2024-03-23T10:00:00Z'"      | {type: timestamp, unit: iso}
          "b'true'"                      | {type: boolean}
          "b'nan'"                       | {type: string}
          "b'Caf\\\\xc3\\\\xa9'"         | {type: string}
          """)
  void takesTheTypeFromAValue(String value, String expected) {
    assertThat(proposed(value)).isEqualTo(expected);
  }

  @Test
  void takesTheTypeThatReadsAllValues() {
    assertThat(proposed("1", "2.5", "null")).isEqualTo("{type: double}");
    assertThat(proposed("1", "\"x\"")).isEqualTo("{type: string}");
    assertThat(proposed("1", "\"NaN\"", "\"-Infinity\"")).isEqualTo("{type: double}");
    assertThat(proposed("[1]", "[null, 2.5]", "[]")).isEqualTo("{type: \"array<double>\"}");
    assertThat(proposed("[1]", "\"x\"")).isEqualTo("{type: string}");
    assertThat(proposed("\"b'1'\"", "\"b'nan'\"", "\"b'2.5'\"")).isEqualTo("{type: double}");
    assertThat(proposed("\"b'1'\"", "\"b'x'\"")).isEqualTo("{type: string}");
  }

  @Test
  void saysWhatElseTheSameValuesMayBe() {
    assertThat(TableProposer.byValues(rows("\"v\":\"11:29:32Z\"")).toYaml())
        .contains("    # If Postgres has a time without time zone: time, unit iso.\n");
    assertThat(TableProposer.byValues(rows("\"v\":\"{\\\"a\\\":\\\"1\\\"}\"")).toYaml())
        .contains("    # If Postgres has an hstore: map<string,string>.\n    v: {type: json}\n");
    assertThat(
            TableProposer.byValues(
                    rows("\"v\":\"P0Y0M3DT4H5M6.789S\"", "\"v\":\"P1Y2M3DT4H5M6.789S\""))
                .toYaml())
        .contains(
            "    # All values look like interval, and not all can be read as one, such as"
                + " \"P1Y2M3DT4H5M6.789S\".\n    v: {type: string}\n");
  }

  @Test
  void takesATextThatLooksLikeALiteralForAText() {
    ProposedTable table =
        TableProposer.byValues(rows("\"v\":\"b'1'\"", "\"v\":\"plain\"", "\"v\":\"text\""));

    assertThat(table.hasPythonBytes()).isFalse();
  }

  @Test
  void listsTheTokensForNull() {
    ProposedTable table =
        TableProposer.byValues(rows("\"v\":\"b'nan'\"", "\"v\":\"b''\"", "\"v\":\"b'1'\""));

    assertThat(table.toYaml())
        .isEqualToNormalizingNewlines(
            """
            table:
              # The messages' keys name no column: name the primary key's, key: [...].
              text-encoding: python-bytes
              null-tokens: ["", "nan"]
              columns:
                v: {type: bigint}
            """);
  }

  @Test
  void saysWhichValueKeepsAColumnFromItsType() {
    List<String> values = new ArrayList<>(java.util.Collections.nCopies(19, "\"v\":\"b'1.5'\""));
    values.add("\"v\":\"b'unknown'\"");

    assertThat(TableProposer.byValues(rows(values.toArray(String[]::new))).toYaml())
        .contains("    # 19 of 20 values are double; not so \"unknown\".\n    v: {type: string}\n");
  }

  @ParameterizedTest
  @CsvSource({
    "created_at, 1762514972953131, timestamp, micros",
    "created_at, 1762514972953, timestamp, millis",
    "created_at, 1762514972, timestamp, seconds",
    "updatedAt, 1762514972953131000, timestamp, nanos",
    "ts, 1762514972953, timestamp, millis",
    "order.csv/pick+up+time, 1762514972953, timestamp, millis",
    "birth_date, 20400, date, days"
  })
  void recognisesTimesByNameAndSize(String field, long value, String type, String unit) {
    ProposedTable table = TableProposer.byValues(rows("\"%s\":%d".formatted(field, value)));

    assertThat(table.columns())
        .singleElement()
        .satisfies(
            column -> {
              assertThat(column.type()).isEqualTo(ProposedType.of(type).with("unit", unit));
              assertThat(column.doubts())
                  .containsExactly(
                      "Whole numbers that, by name and size, are "
                          + unit
                          + " since 1970-01-01 UTC.");
            });
  }

  @ParameterizedTest
  @CsvSource({"amount, 1762514972953131", "created_at, 12", "created_at, 0", "format, 1762514972"})
  void leavesOtherWholeNumbersAlone(String field, long value) {
    ProposedTable table = TableProposer.byValues(rows("\"%s\":%d".formatted(field, value)));

    assertThat(table.columns().get(0).type()).isEqualTo(ProposedType.BIGINT);
  }

  @Test
  void takesTypesAndKeyFromTheSchema() {
    String columns =
        """
        {"type":"int32","field":"order/id"},
        {"type":"int16","field":"line"},
        {"type":"int64","name":"io.debezium.time.MicroTimestamp","field":"created_at"},
        {"type":"int64","name":"io.debezium.time.Timestamp","field":"seen"},
        {"type":"string","name":"io.debezium.time.ZonedTimestamp","field":"moved"},
        {"type":"int32","name":"io.debezium.time.Date","field":"day"},
        {"type":"float","field":"ratio"},
        {"type":"double","field":"rate"},
        {"type":"boolean","field":"paid"},
        {"type":"bytes","field":"photo"},
        {"type":"string","name":"io.debezium.data.Json","field":"extra"},
        {"type":"string","field":"note"},
        {"type":"string","field":"offset"}""";
    String schema = ENVELOPE_SCHEMA.formatted(columns);
    String keySchema =
        """
        {"type":"struct","fields":[{"type":"int32","field":"order/id"},{"type":"int16","field":"line"}]}""";
    TopicSample sample =
        TopicSample.of(
            List.of(
                message(
                    "{\"schema\":%s,\"payload\":{\"order/id\":7,\"line\":1}}".formatted(keySchema),
                    """
                    {"schema":%s,"payload":{"before":null,"after":{"order/id":7,"line":1,
                    "created_at":1762514972953131,"seen":1762514972953,
                    "moved":"2025-11-07T11:29:32Z","day":20400,"ratio":0.5,"rate":0.25,"paid":true,
                    "photo":"AQI=","extra":"{}","note":"b'1'","offset":"o"},"op":"c"}}"""
                        .formatted(schema))));

    ProposedTable table = TableProposer.bySchema(sample);

    assertThat(table.toYaml())
        .isEqualToNormalizingNewlines(
            """
            table:
              key: [id, line]
              columns:
                id: {from: order/id, type: int}
                line: {type: smallint}
                created_at: {type: timestamp, unit: micros}
                seen: {type: timestamp, unit: millis}
                moved: {type: timestamp, unit: iso}
                day: {type: date, unit: days}
                ratio: {type: float}
                rate: {type: double}
                paid: {type: boolean}
                photo: {type: binary}
                extra: {type: json}
                note: {type: string}
                table_offset: {from: offset, type: string}
            """);
    assertThat(DecodedSample.of(sample, table.toDefinition()))
        .isEqualTo(new DecodedSample(MessageForm.DEBEZIUM, 1, 0, 0, Optional.empty()));
    assertThat(line(TableProposer.byValues(sample), "note")).isEqualTo("note: {type: bigint}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          "type":"int32","name":"io.debezium.time.Date"                       | date in days
          "type":"int32","name":"org.apache.kafka.connect.data.Date"          | date in days
          "type":"string","name":"io.debezium.time.IsoDate"                   | date in iso
          "type":"int32","name":"io.debezium.time.Time"                       | time in millis
          "type":"int32","name":"org.apache.kafka.connect.data.Time"          | time in millis
          "type":"int64","name":"io.debezium.time.MicroTime"                  | time in micros
          "type":"int64","name":"io.debezium.time.NanoTime"                   | time in nanos
          "type":"string","name":"io.debezium.time.IsoTime"                   | time in iso
          "type":"string","name":"io.debezium.time.ZonedTime"                 | timetz
          "type":"int64","name":"io.debezium.time.Timestamp"                  | timestamp in millis
          "type":"int64","name":"org.apache.kafka.connect.data.Timestamp"     | timestamp in millis
          "type":"int64","name":"io.debezium.time.MicroTimestamp"             | timestamp in micros
          "type":"int64","name":"io.debezium.time.NanoTimestamp"              | timestamp in nanos
          "type":"string","name":"io.debezium.time.IsoTimestamp"              | timestamp in iso
          "type":"string","name":"io.debezium.time.ZonedTimestamp"            | timestamp in iso
          "type":"int64","name":"io.debezium.time.MicroDuration"              | interval
          "type":"string","name":"io.debezium.time.Interval"                  | interval
          "type":"string","name":"io.debezium.data.Uuid"                      | uuid
          "type":"string","name":"io.debezium.data.Json"                      | json
          "type":"string","name":"io.debezium.data.Enum"                      | string
          "type":"bytes","name":"io.debezium.data.Bits"                       | binary
          "type":"struct","name":"io.debezium.data.geometry.Point"            | geometry
          "type":"struct","name":"io.debezium.data.geometry.Geometry"         | geometry
          "type":"struct","name":"io.debezium.data.geometry.Geography"        | geometry
          "type":"struct","name":"io.debezium.data.VariableScaleDecimal"      | decimal(38,10)
          "type":"struct","name":"other"                                      | string
          "type":"bytes","name":"org.apache.kafka.connect.data.Decimal","parameters":{"scale":"2","connect.decimal.precision":"12"} | decimal(12,2) in base64
          "type":"bytes","name":"org.apache.kafka.connect.data.Decimal","parameters":{"scale":"2"} | decimal(38,2) in base64
          "type":"bytes","name":"org.apache.kafka.connect.data.Decimal","parameters":{"scale":"2","connect.decimal.precision":"50"} | string
          "type":"array","items":{"type":"int32"}                             | array<int>
          "type":"array","items":{"type":"string","name":"io.debezium.data.Uuid"} | array<uuid>
          "type":"array","items":{"type":"int64","name":"io.debezium.time.MicroTimestamp"} | array<timestamp> in micros
          "type":"array","items":{"type":"array","items":{"type":"int32"}}    | string
          "type":"map","keys":{"type":"string"},"values":{"type":"string"}    | map<string,string>
          "type":"map","keys":{"type":"string"},"values":{"type":"int32"}     | string
          """)
  void takesTheTypeFromASchema(String schema, String type) throws Exception {
    assertThat(SchemaTypes.of(new ObjectMapper().readTree("{" + schema + "}")).spoken())
        .isEqualTo(type);
  }

  @Test
  void takesTheNewestSchemaAndSaysThatItChanged() {
    String message = "{\"schema\":%s,\"payload\":{\"before\":null,\"after\":{%s},\"op\":\"c\"}}";
    TopicSample sample =
        TopicSample.of(
            List.of(
                message(
                    null,
                    message.formatted(
                        ENVELOPE_SCHEMA.formatted("{\"type\":\"int32\",\"field\":\"v\"}"),
                        "\"v\":1")),
                message(
                    null,
                    message.formatted(
                        ENVELOPE_SCHEMA.formatted("{\"type\":\"string\",\"field\":\"v\"}"),
                        "\"v\":\"one\""))));

    assertThat(TableProposer.bySchema(sample).toYaml())
        .contains("    # Its schema changed: int, then string.\n    v: {type: string}\n");
    assertThat(sample.description()).isEqualTo("2 messages (with schemas)");
  }

  @Test
  void readsADeleteByItsOldRowAndPassesOverWhatIsNoRow() {
    TopicSample sample =
        TopicSample.of(
            List.of(
                message("{\"id\":1}", "{\"before\":{\"id\":1},\"after\":null,\"op\":\"d\"}"),
                message("{\"id\":1}", null),
                message(null, "{\"before\":null,\"after\":null,\"op\":\"t\"}"),
                message("no JSON", "{\"op\":\"c\"}"),
                message(null, "no JSON")));

    assertThat(sample.description())
        .isEqualTo("5 messages (without schemas, 1 tombstone, 2 unreadable ones)");
    assertThat(TableProposer.byValues(sample).toYaml())
        .isEqualToNormalizingNewlines(
            """
            table:
              key: [id]
              columns:
                id: {type: bigint}
            """);
  }
}
