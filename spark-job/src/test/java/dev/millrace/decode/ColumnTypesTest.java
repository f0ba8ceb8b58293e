package dev.millrace.decode;

import static dev.millrace.config.ColumnDefinition.TimeUnit.DAYS;
import static dev.millrace.config.ColumnDefinition.TimeUnit.ISO;
import static dev.millrace.config.ColumnDefinition.TimeUnit.MICROS;
import static dev.millrace.config.ColumnDefinition.TimeUnit.MILLIS;
import static dev.millrace.config.ColumnDefinition.TimeUnit.NANOS;
import static dev.millrace.config.ColumnDefinition.TimeUnit.NONE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.millrace.config.ColumnDefinition;
import dev.millrace.config.ColumnDefinition.DecimalEncoding;
import dev.millrace.config.ColumnDefinition.TimeUnit;
import dev.millrace.config.ColumnType;
import dev.millrace.config.ReplicaIdentity;
import dev.millrace.config.TableDefinition;
import dev.millrace.config.TextEncoding;
import dev.millrace.error.data.DataError.Code;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.util.DateTimeUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import scala.collection.JavaConverters;

/** The types beyond those of plain SQL, and how a column states what its text is. */
class ColumnTypesTest {

  private static final String PLACEHOLDER = "__debezium_unavailable_value";

  static Stream<Arguments> values() {
    return Stream.of(
        arguments("time", MICROS, "41372953131", "11:29:32.953131"),
        arguments("time", MICROS, "0", "00:00:00.000000"),
        arguments("time", MICROS, "86400000000", "24:00:00.000000"),
        arguments("time", MILLIS, "41372953", "11:29:32.953000"),
        arguments("time", NANOS, "41372953131000", "11:29:32.953131"),
        arguments("time", ISO, "\"11:29:32.953131Z\"", "11:29:32.953131"),
        arguments("time", ISO, "\"11:29\"", "11:29:00.000000"),
        arguments("time", ISO, "\"7:53\"", "07:53:00.000000"),
        arguments("time", ISO, "\"7:53:34.123456000\"", "07:53:34.123456"),
        arguments("timetz", ISO, "\"7:53:34 UTC\"", "07:53:34.000000Z"),
        arguments("time", ISO, "\"24:00:00\"", "24:00:00.000000"),
        arguments("timetz", ISO, "\"05:59:32.953131Z\"", "05:59:32.953131Z"),
        arguments("timetz", ISO, "\"01:00:00+05:30\"", "19:30:00.000000Z"),
        arguments("timetz", ISO, "\"23:00-05\"", "04:00:00.000000Z"),
        arguments("interval", NONE, "-86400000001", Duration.ofNanos(-86_400_000_001_000L)),
        arguments("interval", NONE, "\"P0Y0M3DT4H5M6.789S\"", Duration.parse("P3DT4H5M6.789S")),
        arguments(
            "interval", NONE, "\"P0Y0M-1DT0H0M-0.000001S\"", Duration.parse("P-1DT-0.000001S")),
        arguments("interval", NONE, "\"PT36H\"", Duration.ofHours(36)),
        arguments("interval", NONE, "\"PT-18.530442999S\"", Duration.ofNanos(-18_530_443_000L)),
        arguments("interval", NONE, "\"P1W\"", Duration.ofDays(7)),
        arguments(
            "uuid",
            NONE,
            "\"A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11\"",
            "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
        arguments("json", NONE, "\"{\\\"a\\\": [1, 2]}\"", "{\"a\": [1, 2]}"),
        arguments("json", NONE, "{\"a\":  1}", "{\"a\":  1}"),
        arguments("timestamp", ISO, "\"+12345-01-01T00:00:00.000000Z\"", "+12345-01-01T00:00:00Z"),
        arguments("timestamp", ISO, "\"-0043-03-15T10:00:00.000000Z\"", "-0043-03-15T10:00:00Z"),
        arguments("timestamp", MICROS, "-63517788000000000", "-0043-03-15T10:00:00Z"),
        arguments("timestamp", MICROS, "9223371244799999999", "+294246-12-31T23:59:59.999999Z"),
        arguments("date", DAYS, "2145042905", "+5874897-12-31"),
        arguments("date", ISO, "\"+5874897-12-31Z\"", "+5874897-12-31"),
        arguments("double", NONE, "\"NAN\"", Double.NaN));
  }

  @ParameterizedTest
  @MethodSource("values")
  void readsAValue(String type, TimeUnit unit, String json, Object expected) {
    assertThat(shown(read(column(type, unit), json))).isEqualTo(expected);
  }

  static Stream<Arguments> refused() {
    return Stream.of(
        arguments("time", MICROS, "86400000001", Code.OUT_OF_RANGE, "out of the type's range"),
        arguments("time", MICROS, "-1", Code.OUT_OF_RANGE, "out of the type's range"),
        arguments("time", NANOS, "1", Code.OUT_OF_RANGE, "finer than a microsecond"),
        arguments("time", ISO, "\"11:29:32.9531319\"", Code.OUT_OF_RANGE, "finer than a micro"),
        arguments("time", ISO, "\"24:00:01\"", Code.OUT_OF_RANGE, "out of the type's range"),
        arguments("time", ISO, "\"11:29:32+05:30\"", Code.INVALID_VALUE, "not of this type"),
        arguments("time", ISO, "1", Code.INVALID_VALUE, "as ISO 8601 text (unit: iso)"),
        arguments("time", MICROS, "\"11:29\"", Code.INVALID_VALUE, "as a whole number"),
        arguments(
            "interval", NONE, "\"P1Y2M3DT0H0M0S\"", Code.OUT_OF_RANGE, "not have a fixed number"),
        arguments("interval", NONE, "\"P0Y0M999999999999DT0H\"", Code.OUT_OF_RANGE, "range"),
        arguments("interval", NONE, "\"P\"", Code.INVALID_VALUE, "not of this type"),
        arguments("interval", NONE, "\"P1DT\"", Code.INVALID_VALUE, "not of this type"),
        arguments("interval", NONE, "\"PT1M1H\"", Code.INVALID_VALUE, "not of this type"),
        arguments("interval", NONE, "\"P1.5D\"", Code.INVALID_VALUE, "not of this type"),
        arguments("interval", NONE, "\"1 day\"", Code.INVALID_VALUE, "not of this type"),
        arguments("uuid", NONE, "\"a0eebc99\"", Code.INVALID_VALUE, "not of this type"),
        arguments(
            "uuid",
            NONE,
            "\"g0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11\"",
            Code.INVALID_VALUE,
            "not of this type"),
        arguments("timestamp", NANOS, "1762514972953131999", Code.OUT_OF_RANGE, "finer than a"),
        arguments(
            "timestamp",
            ISO,
            "\"1969-12-31T23:59:59.999999999Z\"",
            Code.OUT_OF_RANGE,
            "finer than a microsecond"),
        arguments("timestamp", MICROS, "9223372036825200000", Code.OUT_OF_RANGE, "infinity"),
        arguments("timestamp", MICROS, "-9223372036832400000", Code.OUT_OF_RANGE, "infinity"),
        arguments("timestamp", MILLIS, "9223372036825200", Code.OUT_OF_RANGE, "infinity"),
        arguments("timestamp", MILLIS, "-9223372036832400", Code.OUT_OF_RANGE, "infinity"),
        arguments("timestamp", NANOS, "9223372036854775807", Code.OUT_OF_RANGE, "infinity"),
        arguments("timestamp", NANOS, "-9223372036854775808", Code.OUT_OF_RANGE, "infinity"),
        arguments("timestamp", ISO, "\"infinity\"", Code.OUT_OF_RANGE, "infinity"),
        arguments("timestamp", ISO, "\"-infinity\"", Code.OUT_OF_RANGE, "infinity"),
        arguments("timestamp", ISO, "\"+294247-01-10T04:00:25.2Z\"", Code.OUT_OF_RANGE, "infin"),
        arguments("timestamp", ISO, "\"-290308-12-21T19:59:27.6Z\"", Code.OUT_OF_RANGE, "infin"),
        arguments("timestamp", ISO, "\"+999999999-01-01T00:00Z\"", Code.OUT_OF_RANGE, "infin"),
        arguments("date", DAYS, "-622191234", Code.OUT_OF_RANGE, "infinity"),
        arguments("date", DAYS, "-625821272", Code.OUT_OF_RANGE, "infinity"),
        arguments("date", ISO, "\"+292278994-08-16Z\"", Code.OUT_OF_RANGE, "infinity"),
        arguments("date", ISO, "\"infinity\"", Code.OUT_OF_RANGE, "infinity"),
        arguments("decimal(10,2)", NONE, "\"NaN\"", Code.INVALID_VALUE, "not of this type"),
        arguments("decimal(10,2)", NONE, "\"NAN\"", Code.INVALID_VALUE, "not of this type"),
        arguments("array<int>", NONE, "[1,2147483648]", Code.OUT_OF_RANGE, "array<int>"),
        arguments("array<int>", NONE, "[1,[2]]", Code.INVALID_VALUE, "not of this type"),
        arguments("array<int>", NONE, "{\"a\":1}", Code.INVALID_VALUE, "not of this type"),
        arguments("array<int>", NONE, "\"[1]\"", Code.INVALID_VALUE, "not of this type"),
        arguments("array<int>", NONE, "1", Code.INVALID_VALUE, "not of this type"),
        arguments(
            "array<string>",
            NONE,
            "[\"a\",\"" + PLACEHOLDER + "\"]",
            Code.UNAVAILABLE_VALUE,
            "placeholder"),
        arguments("map<string,string>", NONE, "\"a=>1\"", Code.INVALID_VALUE, "not a JSON object"),
        arguments(
            "map<string,string>",
            NONE,
            "{\"a\":\"1\",\"a\":\"2\"}",
            Code.INVALID_VALUE,
            "duplicate key"),
        arguments("map<string,string>", NONE, "[]", Code.INVALID_VALUE, "not a JSON object"),
        arguments("geometry", NONE, "{\"x\":1,\"y\":2}", Code.INVALID_VALUE, "not of this type"),
        arguments("geometry", NONE, "{\"wkb\":\"?\"}", Code.INVALID_VALUE, "not base64"),
        arguments("geometry", NONE, "\"POINT(1 2)\"", Code.INVALID_VALUE, "not of this type"));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void refusesAValue(String type, TimeUnit unit, String json, Code code, String message) {
    var error = decoding(column(type, unit)).reject(message(json));

    assertThat(error.code()).isEqualTo(code);
    assertThat(error.column()).isEqualTo("v");
    assertThat(error.message()).contains(message);
  }

  @Test
  void readsADecimalInEachOfDebeziumsModes() {
    ColumnDefinition text = column("decimal(38,10)", NONE);
    ColumnDefinition base64 = base64("decimal(38,10)");
    BigDecimal expected = new BigDecimal("-1234567890123456789012345678.0123456789");

    assertThat(read(text, "\"-1234567890123456789012345678.0123456789\"")).isEqualTo(expected);
    assertThat(read(text, "-1234567890123456789012345678.0123456789")).isEqualTo(expected);
    assertThat(read(base64, "\"9rZPCQ/9zOw7tm+xM5i66w==\"")).isEqualTo(expected);
    assertThat(read(base64, "1.5")).isEqualTo(new BigDecimal("1.5000000000"));
    for (ColumnDefinition column : List.of(text, base64)) {
      assertThat(read(column, "{\"scale\":2,\"value\":\"ew==\"}"))
          .isEqualTo(new BigDecimal("1.2300000000"));
      assertThat(read(column, "{\"scale\":-3,\"value\":\"DA==\"}"))
          .isEqualTo(new BigDecimal("12000.0000000000"));
    }
    assertThat(decoding(base64).reject(message("\"12.34\"")).message())
        .contains("it is not base64. Remove encoding: base64 from the column, or set decimal");
    assertThat(decoding(base64("decimal(2,1)")).reject(message("\"BNI=\"")).code())
        .isEqualTo(Code.OUT_OF_RANGE);
    assertThat(
            decoding(column("decimal(4,1)", NONE))
                .reject(message("{\"scale\":2,\"value\":\"ew==\"}"))
                .code())
        .isEqualTo(Code.OUT_OF_RANGE);
    for (String json :
        List.of("{}", "{\"scale\":2}", "{\"scale\":\"2\",\"value\":\"ew==\"}", "[]")) {
      assertThat(decoding(text).reject(message(json)).code()).isEqualTo(Code.INVALID_VALUE);
    }
  }

  @Test
  void readsArraysOfAnyScalar() {
    assertThat(list(column("array<int>", NONE), "[1, null ,-3]"))
        .isEqualTo(Arrays.asList(1, null, -3));
    assertThat(list(column("array<string>", NONE), "[\"a\",null,\"b \\\"c\\\"\",\"é\"]"))
        .isEqualTo(Arrays.asList("a", null, "b \"c\"", "é"));
    assertThat(list(column("array<double>", NONE), "[1.5,\"NaN\"]"))
        .isEqualTo(List.of(1.5, Double.NaN));
    assertThat(
            list(
                base64("array<decimal(10,2)>"), "[\"eA==\",null,{\"scale\":1,\"value\":\"eA==\"}]"))
        .isEqualTo(Arrays.asList(new BigDecimal("1.20"), null, new BigDecimal("12.00")));
    assertThat(list(column("array<time>", MILLIS), "[1000]")).isEqualTo(List.of("00:00:01.000000"));
    assertThat(list(column("array<boolean>", NONE), "[]")).isEqualTo(List.of());
    assertThat(list(column("array<int>", NONE), "[" + "1,".repeat(99) + "1]")).hasSize(100);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"a\":\"1\",\"b\":null,\"c d\":\"x\\\"y\"}",
        "\"{\\\"a\\\":\\\"1\\\",\\\"b\\\":null,\\\"c d\\\":\\\"x\\\\\\\"y\\\"}\""
      })
  void readsAMapAsAnObjectAndAsItsText(String json) {
    Map<String, String> expected = new HashMap<>(Map.of("a", "1", "c d", "x\"y"));
    expected.put("b", null);
    Object map = read(column("map<string,string>", NONE), json);

    assertThat(JavaConverters.mapAsJavaMap((scala.collection.Map<?, ?>) map)).isEqualTo(expected);
  }

  @Test
  void readsAShapeAsItsBytes() {
    byte[] point =
        (byte[])
            read(
                column("geometry", NONE),
                "{\"x\":1.5,\"y\":-2.0,\"wkb\":\"AQEAAAAAAAAAAAD4PwAAAAAAAADA\",\"srid\":null}");

    assertThat(HexFormat.of().formatHex(point))
        .isEqualTo("0101000000000000000000f83f00000000000000c0");
  }

  /** In the form that Debezium documents: the bytes are PostGIS' own (EWKB). */
  @Test
  void keepsThePostgisReferenceSystemThatStandsInTheBytes() {
    byte[] point =
        (byte[])
            read(
                column("geometry", NONE),
                "{\"wkb\":\"AQEAACDmEAAAAAAAAAAA+D8AAAAAAAAAwA==\",\"srid\":4326}");

    assertThat(HexFormat.of().formatHex(point))
        .isEqualTo("0101000020e6100000000000000000f83f00000000000000c0");
  }

  static Stream<Arguments> placeholders() {
    String bytes =
        "[95,95,100,101,98,101,122,105,117,109,95,117,110,97,118,97,105,108,97,98,108,"
            + "101,95,118,97,108,117,101]";
    String text = "\"" + PLACEHOLDER + "\"";
    String map = "{" + text + ":" + text + "}";
    return Stream.of(
        arguments("string", text),
        arguments("string", "[" + text + "]"),
        arguments("json", text),
        arguments("decimal(10,2)", text),
        arguments("double", text),
        arguments("timestamp", text),
        arguments("uuid", text),
        arguments("binary", text),
        arguments("binary", "\"X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==\""),
        arguments("array<string>", "[" + text + "]"),
        arguments("array<json>", "[" + text + "]"),
        arguments("array<binary>", "[\"X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==\"]"),
        arguments("array<int>", bytes),
        arguments("array<bigint>", bytes),
        arguments("array<date>", bytes),
        arguments("array<uuid>", "[\"b68a35a7-17ad-35b3-af2a-ae46edb4545a\"]"),
        arguments("map<string,string>", map),
        arguments("map<string,string>", "\"" + map.replace("\"", "\\\"") + "\""),
        arguments("string", "\"" + map.replace("\"", "\\\"") + "\""));
  }

  @ParameterizedTest
  @MethodSource("placeholders")
  void namesAColumnWhoseValueWasNotSent(String type, String json) {
    ColumnDefinition column = column(type, type.contains("date") ? DAYS : MICROS);
    for (TextEncoding encoding : TextEncoding.values()) {
      Row row = Decoding.of(table(encoding, Set.of(), PLACEHOLDER, column)).change(message(json));

      assertThat(row.<Object>getAs("v")).isNull();
      assertThat(row.<Object>getList(row.fieldIndex("unchanged"))).isEqualTo(List.of("v"));
    }
  }

  @Test
  void takesThePlaceholderThatTheTableNames() {
    Decoding decoding =
        Decoding.of(table(TextEncoding.NONE, Set.of(), "not {\"sent\"}", column("string", NONE)));

    Row unchanged = decoding.change(message("\"not {\\\"sent\\\"}\""));
    assertThat(unchanged.<Object>getAs("v")).isNull();
    assertThat(unchanged.<Object>getList(unchanged.fieldIndex("unchanged")))
        .isEqualTo(List.of("v"));
    Row sent = decoding.change(message("\"" + PLACEHOLDER + "\""));
    assertThat(sent.<String>getAs("v")).isEqualTo(PLACEHOLDER);
    assertThat(sent.<Object>getAs("unchanged")).isNull();
  }

  @Test
  void undoesBase64() {
    ColumnDefinition string = column("string", NONE);
    assertThat(read(TextEncoding.BASE64, string, "\"Q2Fmw6k=\"")).isEqualTo("Café");
    assertThat(read(TextEncoding.BASE64, string, "\"Q2Fmw6k\"")).isEqualTo("Café");
    assertThat(read(TextEncoding.BASE64, string, "\"Q2Fm\\nw6k=\\n\"")).isEqualTo("Café");
    assertThat(read(TextEncoding.BASE64, string, "\"-_8=\"", Code.INVALID_UTF8))
        .contains("the bytes that the base64 stands for are not UTF-8");
    assertThat(read(TextEncoding.BASE64, string, "\"Café\"", Code.INVALID_VALUE))
        .contains("it is not base64. Set text-encoding: none on the column if its text is not");
    for (String broken : List.of("A", "Q2Fm=", "Q2E==", "=", "Q2=E", "Q2Fmw6k=A")) {
      read(TextEncoding.BASE64, string, "\"" + broken + "\"", Code.INVALID_VALUE);
    }
    assertThat(read(TextEncoding.BASE64, column("double", NONE), "\"MS41\"")).isEqualTo(1.5);
    assertThat(read(TextEncoding.BASE64, column("double", NONE), "1.5")).isEqualTo(1.5);
    assertThat((byte[]) read(TextEncoding.BASE64, column("binary", NONE), "\"AP8=\""))
        .containsExactly(0, 0xFF);
    assertThat(read(TextEncoding.BASE64, string, "\"\"")).isEqualTo("");
  }

  @Test
  void readsAColumnByItsOwnRules() {
    ColumnDefinition own =
        new ColumnDefinition(
            "v",
            "v",
            ColumnType.parse("string"),
            NONE,
            DecimalEncoding.TEXT,
            Optional.of(TextEncoding.NONE),
            Optional.of(Set.of("-")));
    TableDefinition table =
        table(TextEncoding.PYTHON_BYTES, Set.of("null"), PLACEHOLDER, own, other());
    Decoding decoding = Decoding.of(table);

    Row row = decoding.change("{\"id\":1,\"v\":\"b'x'\",\"w\":\"b'x'\",\"__op\":\"c\"}");
    assertThat(row.<String>getAs("v")).isEqualTo("b'x'");
    assertThat(row.<String>getAs("w")).isEqualTo("x");
    row = decoding.change("{\"id\":1,\"v\":\"null\",\"w\":\"null\",\"__op\":\"c\"}");
    assertThat(row.<String>getAs("v")).isEqualTo("null");
    assertThat(row.<String>getAs("w")).isNull();
    row = decoding.change("{\"id\":1,\"v\":\"-\",\"w\":\"-\",\"__op\":\"c\"}");
    assertThat(row.<String>getAs("v")).isNull();
    assertThat(row.<String>getAs("w")).isEqualTo("-");
  }

  private static ColumnDefinition other() {
    return new ColumnDefinition("w", "w", ColumnType.parse("string"), NONE);
  }

  private static ColumnDefinition column(String type, TimeUnit unit) {
    return new ColumnDefinition("v", "v", ColumnType.parse(type), unit);
  }

  private static ColumnDefinition base64(String type) {
    return new ColumnDefinition(
        "v",
        "v",
        ColumnType.parse(type),
        NONE,
        DecimalEncoding.BASE64,
        Optional.empty(),
        Optional.empty());
  }

  private static TableDefinition table(
      TextEncoding encoding,
      Set<String> nullTokens,
      String placeholder,
      ColumnDefinition... columns) {
    List<ColumnDefinition> all =
        Stream.concat(
                Stream.of(new ColumnDefinition("id", "id", ColumnType.parse("bigint"), NONE)),
                Stream.of(columns))
            .toList();
    return new TableDefinition(
        List.of("id"),
        encoding,
        nullTokens,
        TableDefinition.OnError.REJECT,
        TableDefinition.MissingField.NULL,
        placeholder,
        false,
        ReplicaIdentity.DEFAULT,
        all);
  }

  private static Decoding decoding(ColumnDefinition column) {
    return Decoding.of(table(TextEncoding.NONE, Set.of(), PLACEHOLDER, column));
  }

  private static Object read(ColumnDefinition column, String json) {
    return read(TextEncoding.NONE, column, json);
  }

  private static Object read(TextEncoding encoding, ColumnDefinition column, String json) {
    return Decoding.of(table(encoding, Set.of(), PLACEHOLDER, column))
        .change(message(json))
        .getAs("v");
  }

  private static String read(
      TextEncoding encoding, ColumnDefinition column, String json, Code expected) {
    var error = Decoding.of(table(encoding, Set.of(), PLACEHOLDER, column)).reject(message(json));
    assertThat(error.code()).isEqualTo(expected);
    return error.message();
  }

  private static List<?> list(ColumnDefinition column, String json) {
    return JavaConverters.seqAsJavaList((scala.collection.Seq<?>) read(column, json));
  }

  /** Dates and times by Spark's calendar: that of java.sql is another one before 1582. */
  private static Object shown(Object value) {
    if (value instanceof java.sql.Timestamp timestamp) {
      long micros = DateTimeUtils.fromJavaTimestamp(timestamp);
      return Instant.EPOCH.plus(micros, ChronoUnit.MICROS).toString();
    }
    if (value instanceof java.sql.Date date) {
      return LocalDate.ofEpochDay(DateTimeUtils.fromJavaDate(date)).toString();
    }
    return value;
  }

  private static String message(String value) {
    return "{\"id\":1,\"v\":" + value + ",\"__op\":\"c\"}";
  }
}
