package dev.millrace.decode.column;

import static dev.millrace.config.ColumnDefinition.TimeUnit.DAYS;
import static dev.millrace.config.ColumnDefinition.TimeUnit.ISO;
import static dev.millrace.config.ColumnDefinition.TimeUnit.MICROS;
import static dev.millrace.config.ColumnDefinition.TimeUnit.MILLIS;
import static dev.millrace.config.ColumnDefinition.TimeUnit.NANOS;
import static dev.millrace.config.ColumnDefinition.TimeUnit.NONE;
import static dev.millrace.config.ColumnDefinition.TimeUnit.SECONDS;
import static dev.millrace.config.TableDefinition.OnError.FAIL;
import static dev.millrace.config.TableDefinition.OnError.NULL;
import static dev.millrace.config.TableDefinition.OnError.REJECT;
import static dev.millrace.config.TextEncoding.PYTHON_BYTES;
import static org.apache.spark.sql.types.DataTypes.BinaryType;
import static org.apache.spark.sql.types.DataTypes.BooleanType;
import static org.apache.spark.sql.types.DataTypes.DateType;
import static org.apache.spark.sql.types.DataTypes.DoubleType;
import static org.apache.spark.sql.types.DataTypes.FloatType;
import static org.apache.spark.sql.types.DataTypes.IntegerType;
import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.ShortType;
import static org.apache.spark.sql.types.DataTypes.StringType;
import static org.apache.spark.sql.types.DataTypes.TimestampType;
import static org.apache.spark.sql.types.DataTypes.createDecimalType;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.millrace.config.ColumnDefinition;
import dev.millrace.config.ColumnDefinition.TimeUnit;
import dev.millrace.config.TableDefinition;
import dev.millrace.config.TableDefinition.OnError;
import dev.millrace.config.TextEncoding;
import dev.millrace.decode.Decoding;
import dev.millrace.decode.Tables;
import dev.millrace.error.data.DataError;
import dev.millrace.error.data.DataError.Code;
import java.math.BigDecimal;
import java.sql.Date;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ColumnReaderTest {

  private static final DataType DECIMAL = createDecimalType(10, 2);
  private static final DataType WIDE_DECIMAL = createDecimalType(38, 4);

  static Stream<Arguments> values() {
    return Stream.of(
        arguments(LongType, NONE, "75204", 75204L),
        arguments(LongType, NONE, "\"-75204\"", -75204L),
        arguments(LongType, NONE, "9223372036854775807", Long.MAX_VALUE),
        arguments(LongType, NONE, "-9223372036854775808", Long.MIN_VALUE),
        arguments(LongType, NONE, "\"0000000000000000000000012\"", 12L),
        arguments(LongType, NONE, "1.0", 1L),
        arguments(LongType, NONE, "\"100.000\"", 100L),
        arguments(LongType, NONE, "12e3", 12000L),
        arguments(LongType, NONE, "-0.0", 0L),
        arguments(IntegerType, NONE, "-2147483648", Integer.MIN_VALUE),
        arguments(ShortType, NONE, "32767", (short) 32767),
        arguments(DoubleType, NONE, "1138.0", 1138.0),
        arguments(DoubleType, NONE, "\"45.75\"", 45.75),
        arguments(DoubleType, NONE, "\"0.10000000000000000000\"", 0.1),
        arguments(DoubleType, NONE, "-0.0", -0.0),
        arguments(DoubleType, NONE, "28.613889999999998", 28.613889999999998),
        arguments(DoubleType, NONE, "9007199254740993", 9007199254740992.0),
        arguments(DoubleType, NONE, "1.7976931348623157E308", Double.MAX_VALUE),
        arguments(DoubleType, NONE, "4.9E-324", Double.MIN_VALUE),
        arguments(DoubleType, NONE, "\"NaN\"", Double.NaN),
        arguments(DoubleType, NONE, "\"-inf\"", Double.NEGATIVE_INFINITY),
        arguments(DoubleType, NONE, "\"Infinity\"", Double.POSITIVE_INFINITY),
        arguments(DoubleType, NONE, "\"+.5\"", 0.5),
        arguments(DoubleType, NONE, "\"5.\"", 5.0),
        arguments(DoubleType, NONE, "\"1e-05\"", 1e-5),
        arguments(FloatType, NONE, "1.1", 1.1f),
        // As a double first it would be rounded twice, to the next float.
        arguments(FloatType, NONE, "1.00000017881393432617187499", 1.0000001f),
        arguments(StringType, NONE, "\"\\b\\f\\n\\r\\t\\/\\\\\\\"\"", "\b\f\n\r\t/\\\""),
        arguments(FloatType, NONE, "\"nan\"", Float.NaN),
        arguments(DECIMAL, NONE, "12.30", new BigDecimal("12.30")),
        arguments(DECIMAL, NONE, "\"-99999999.99\"", new BigDecimal("-99999999.99")),
        arguments(DECIMAL, NONE, "1e3", new BigDecimal("1000.00")),
        arguments(DECIMAL, NONE, "\"0.1000000000000000000000000000\"", new BigDecimal("0.10")),
        arguments(DECIMAL, NONE, "0e-999999999999", new BigDecimal("0.00")),
        arguments(
            WIDE_DECIMAL,
            NONE,
            "\"-1234567890123456789012345678901234.5678\"",
            new BigDecimal("-1234567890123456789012345678901234.5678")),
        arguments(BooleanType, NONE, "true", true),
        arguments(BooleanType, NONE, "false", false),
        arguments(BooleanType, NONE, "\"t\"", true),
        arguments(BooleanType, NONE, "\"False\"", false),
        arguments(BooleanType, NONE, "\"1\"", true),
        arguments(BooleanType, NONE, "0", false),
        arguments(StringType, NONE, "\"Go Sedan\"", "Go Sedan"),
        arguments(StringType, NONE, "\"\"", ""),
        arguments(StringType, NONE, "\"\\ud83d\\ude95 \\u00e9\\/\"", "\uD83D\uDE95 é/"),
        arguments(StringType, NONE, "\"Café\"", "Café"),
        arguments(StringType, NONE, "1.50", "1.50"),
        arguments(StringType, NONE, "true", "true"),
        arguments(StringType, NONE, "{\"a\": [1, 2]}", "{\"a\": [1, 2]}"),
        arguments(DateType, DAYS, "20399", Date.valueOf("2025-11-07")),
        arguments(DateType, DAYS, "-1", Date.valueOf("1969-12-31")),
        arguments(DateType, MILLIS, "-1", Date.valueOf("1969-12-31")),
        arguments(DateType, ISO, "\"2024-02-29\"", Date.valueOf("2024-02-29")),
        arguments(DateType, ISO, "\"2025-11-07Z\"", Date.valueOf("2025-11-07")),
        arguments(TimestampType, SECONDS, "1762514972", at("2025-11-07T11:29:32Z")),
        arguments(TimestampType, MILLIS, "1762514972953", at("2025-11-07T11:29:32.953Z")),
        arguments(TimestampType, MICROS, "1762514972953131", at("2025-11-07T11:29:32.953131Z")),
        arguments(TimestampType, NANOS, "1762514972953131000", at("2025-11-07T11:29:32.953131Z")),
        arguments(TimestampType, NANOS, "-1000", at("1969-12-31T23:59:59.999999Z")),
        arguments(TimestampType, MICROS, "-1", at("1969-12-31T23:59:59.999999Z")),
        arguments(TimestampType, MICROS, "\"1762514972953131\"", at("2025-11-07T11:29:32.953131Z")),
        arguments(
            TimestampType,
            ISO,
            "\"2025-11-07T11:29:32.953131Z\"",
            at("2025-11-07T11:29:32.953131Z")),
        arguments(TimestampType, ISO, "\"2025-11-07 11:29:32.9\"", at("2025-11-07T11:29:32.9Z")),
        arguments(TimestampType, ISO, "\"2025-11-07T16:59:32+05:30\"", at("2025-11-07T11:29:32Z")),
        arguments(TimestampType, ISO, "\"2025-11-07T16:59:32+0530\"", at("2025-11-07T11:29:32Z")),
        arguments(TimestampType, ISO, "\"2025-11-06 23:29-12\"", at("2025-11-07T11:29:00Z")),
        arguments(
            TimestampType,
            ISO,
            "\"1969-12-31T23:59:59.999999000Z\"",
            at("1969-12-31T23:59:59.999999Z")));
  }

  static Stream<Arguments> timesAsPeopleWriteThem() {
    return Stream.of(
        // The day as written, even where it is another day in UTC.
        arguments(DateType, "1950-03-10T13:24:16.856Z", "1950-03-10"),
        arguments(DateType, "1950-03-10T23:59:59.999999999-11:00", "1950-03-10"),
        arguments(DateType, "1950-03-10 00:00:00+14", "1950-03-10"),
        arguments(DateType, "1950-03-10 7:53", "1950-03-10"),
        arguments(DateType, "1950-03-10T24:00", "1950-03-10"),
        arguments(DateType, "1950-3-1", "1950-03-01"),
        arguments(DateType, "0001-01-01", "0001-01-01"),
        arguments(DateType, "0044-03-15 BC", "-0043-03-15"),
        arguments(TimestampType, "2025-11-07", "2025-11-07T00:00:00Z"),
        arguments(TimestampType, "2025-11-07Z", "2025-11-07T00:00:00Z"),
        arguments(TimestampType, "2025-11-7 7:53:34", "2025-11-07T07:53:34Z"),
        arguments(TimestampType, "2025-11-07T7:53", "2025-11-07T07:53:00Z"),
        arguments(TimestampType, "2025-11-07T11:29:32.953131000Z", "2025-11-07T11:29:32.953131Z"),
        arguments(TimestampType, "2025-11-07T11:29:32,953Z", "2025-11-07T11:29:32.953Z"),
        arguments(TimestampType, "2025-11-07t11:29:32z", "2025-11-07T11:29:32Z"),
        arguments(TimestampType, "2025-11-07T11:29:32 UTC", "2025-11-07T11:29:32Z"),
        arguments(TimestampType, "2025-11-07 11:29:32 GMT", "2025-11-07T11:29:32Z"),
        arguments(TimestampType, "2025-11-07 16:59:32 +0530", "2025-11-07T11:29:32Z"),
        arguments(TimestampType, "2025-11-07T24:00:00Z", "2025-11-08T00:00:00Z"),
        arguments(TimestampType, "2025-11-07 17:23:00+05:53:28", "2025-11-07T11:29:32Z"));
  }

  @ParameterizedTest
  @MethodSource
  void timesAsPeopleWriteThem(DataType type, String text, String expected) {
    Object value = read(TextEncoding.NONE, Set.of(), type, ISO, '"' + text + '"');

    assertThat(value)
        .isEqualTo(
            type.equals(DateType)
                ? Date.valueOf(LocalDate.parse(expected))
                : Timestamp.from(Instant.parse(expected)));
  }

  @ParameterizedTest
  @MethodSource("values")
  void readsAValue(DataType type, TimeUnit unit, String json, Object expected) {
    assertThat(read(TextEncoding.NONE, Set.of(), type, unit, json)).isEqualTo(expected);
  }

  static Stream<Arguments> refused() {
    return Stream.of(
        arguments(LongType, NONE, "9223372036854775808", Code.OUT_OF_RANGE),
        arguments(LongType, NONE, "-9223372036854775809", Code.OUT_OF_RANGE),
        arguments(LongType, NONE, "1e19", Code.OUT_OF_RANGE),
        arguments(LongType, NONE, "1e999999999999", Code.OUT_OF_RANGE),
        arguments(LongType, NONE, "1.5", Code.OUT_OF_RANGE),
        arguments(LongType, NONE, "\"abc\"", Code.INVALID_VALUE),
        arguments(LongType, NONE, "\"\"", Code.INVALID_VALUE),
        arguments(LongType, NONE, "\"-\"", Code.INVALID_VALUE),
        arguments(LongType, NONE, "\"12 \"", Code.INVALID_VALUE),
        arguments(LongType, NONE, "\"1e\"", Code.INVALID_VALUE),
        arguments(LongType, NONE, "true", Code.INVALID_VALUE),
        arguments(LongType, NONE, "[1]", Code.INVALID_VALUE),
        arguments(IntegerType, NONE, "2147483648", Code.OUT_OF_RANGE),
        arguments(ShortType, NONE, "-32769", Code.OUT_OF_RANGE),
        arguments(DoubleType, NONE, "1e309", Code.OUT_OF_RANGE),
        arguments(DoubleType, NONE, "1e-400", Code.OUT_OF_RANGE),
        arguments(DoubleType, NONE, "\"1.2.3\"", Code.INVALID_VALUE),
        arguments(DoubleType, NONE, "\"0x1p3\"", Code.INVALID_VALUE),
        arguments(DoubleType, NONE, "\"1d\"", Code.INVALID_VALUE),
        arguments(DoubleType, NONE, "\".\"", Code.INVALID_VALUE),
        arguments(DoubleType, NONE, "{}", Code.INVALID_VALUE),
        arguments(FloatType, NONE, "1e39", Code.OUT_OF_RANGE),
        arguments(DECIMAL, NONE, "1.234", Code.OUT_OF_RANGE),
        arguments(DECIMAL, NONE, "100000000", Code.OUT_OF_RANGE),
        arguments(DECIMAL, NONE, "1e999999999", Code.OUT_OF_RANGE),
        arguments(DECIMAL, NONE, "\"NaN\"", Code.INVALID_VALUE),
        arguments(DECIMAL, NONE, "\"AXY=\"", Code.INVALID_VALUE),
        arguments(BooleanType, NONE, "2", Code.INVALID_VALUE),
        arguments(BooleanType, NONE, "\"yes\"", Code.INVALID_VALUE),
        arguments(BinaryType, NONE, "\"no base64!\"", Code.INVALID_VALUE),
        arguments(BinaryType, NONE, "1", Code.INVALID_VALUE),
        arguments(DateType, DAYS, "2147483648", Code.OUT_OF_RANGE),
        arguments(DateType, DAYS, "\"2025-11-07\"", Code.INVALID_VALUE),
        arguments(DateType, ISO, "\"2025-02-29\"", Code.INVALID_VALUE),
        arguments(DateType, ISO, "\"2025-13-01\"", Code.INVALID_VALUE),
        arguments(DateType, ISO, "\"2025-00-01\"", Code.INVALID_VALUE),
        arguments(DateType, ISO, "20399", Code.INVALID_VALUE),
        arguments(TimestampType, SECONDS, "9223372036855", Code.OUT_OF_RANGE),
        arguments(TimestampType, MICROS, "1.5", Code.OUT_OF_RANGE),
        arguments(TimestampType, ISO, "\"2025-11-07T11:29:32.\"", Code.INVALID_VALUE),
        arguments(DateType, ISO, "\"1950-03-10T25:24:16Z\"", Code.INVALID_VALUE),
        arguments(DateType, ISO, "\"1950-03-10T13:24:16 CET\"", Code.INVALID_VALUE),
        arguments(DateType, ISO, "\"1950-03-10T\"", Code.INVALID_VALUE),
        arguments(DateType, ISO, "\"1950-03-10+05:30\"", Code.INVALID_VALUE),
        arguments(DateType, ISO, "\"03/10/1950\"", Code.INVALID_VALUE),
        arguments(DateType, ISO, "\"0000-03-10 BC\"", Code.INVALID_VALUE),
        arguments(TimestampType, ISO, "\"2025-11-07T24:00:01Z\"", Code.OUT_OF_RANGE),
        arguments(TimestampType, ISO, "\"2025-11-07T11:29:32.9531311Z\"", Code.OUT_OF_RANGE),
        arguments(TimestampType, ISO, "\"2025-11-07T11:29:32.1234567890Z\"", Code.INVALID_VALUE),
        arguments(TimestampType, ISO, "\"2025-11-07T11:29:32 CET\"", Code.INVALID_VALUE),
        arguments(TimestampType, ISO, "\"2025-11-07T11:29:32 \"", Code.INVALID_VALUE),
        arguments(TimestampType, ISO, "\"2025-11-07T11:9\"", Code.INVALID_VALUE));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void refusesAValue(DataType type, TimeUnit unit, String json, Code code) {
    Decoding decoding = decoding(TextEncoding.NONE, Set.of(), REJECT, type, unit);

    DataError error = decoding.reject(message(json));

    assertThat(error.code()).isEqualTo(code);
    assertThat(error.column()).isEqualTo("v");
  }

  @ParameterizedTest
  @MethodSource("refused")
  void givesNullWhereTheTableSaysSo(DataType type, TimeUnit unit, String json, Code code) {
    Row row = decoding(TextEncoding.NONE, Set.of(), NULL, type, unit).change(message(json));

    assertThat(row.<Object>getAs("v")).as(code.name()).isNull();
    assertThat(row.<Long>getAs("id")).isEqualTo(1L);
  }

  @Test
  void rejectsWhereTheTableSaysFail() {
    assertThat(decoding(TextEncoding.NONE, Set.of(), FAIL, LongType, NONE).reject(message("1.5")))
        .isEqualTo(
            decoding(TextEncoding.NONE, Set.of(), REJECT, LongType, NONE).reject(message("1.5")));
  }

  @Test
  void saysWhichUnitATimeIsExpectedIn() {
    assertThat(
            decoding(TextEncoding.NONE, Set.of(), REJECT, TimestampType, MICROS)
                .reject(message("\"2025-11-07T11:29:32Z\""))
                .message())
        .contains("expected timestamp as a whole number (unit: micros; ISO 8601 text needs");
    assertThat(
            decoding(TextEncoding.NONE, Set.of(), REJECT, TimestampType, ISO)
                .reject(message("1762514972953131"))
                .message())
        .contains("expected timestamp as ISO 8601 text (unit: iso)");
  }

  @Test
  void readsBase64WhereTextIsNotEncoded() {
    assertThat((byte[]) read(TextEncoding.NONE, Set.of("null"), BinaryType, NONE, "\"AP8=\""))
        .containsExactly(0, 0xFF);
    // Base64, too.
    assertThat((byte[]) read(TextEncoding.NONE, Set.of("null"), BinaryType, NONE, "\"null\""))
        .containsExactly(0x9E, 0xE9, 0x65);
  }

  @Test
  void readsBytesLiteralsWhereTextIsEncodedSo() {
    assertThat((byte[]) python(BinaryType, "b'\\xff\\x00a'")).containsExactly(0xFF, 0, 'a');
    assertThat((byte[]) python(BinaryType, "AP8=")).containsExactly(0, 0xFF);
    assertThat(python(BinaryType, "b'null'")).isNull();
    assertThat(python(StringType, "b'Caf\\xc3\\xa9'")).isEqualTo("Café");
    assertThat(python(StringType, "b'\"CNR5884300\"'")).isEqualTo("CNR5884300");
    assertThat(python(StringType, "Completed")).isEqualTo("Completed");
    assertThat(python(DoubleType, "b'1138.0'")).isEqualTo(1138.0);
    assertThat(python(DoubleType, "1138.0")).isEqualTo(1138.0);
    assertThat(python(IntegerType, "b'1.0'")).isEqualTo(1);
    assertThat(python(BooleanType, "b'True'")).isEqualTo(true);
  }

  @Test
  void takesNullTokensAfterTheEncodingIsUndone() {
    for (String token : List.of("b'nan'", "b'null'", "b''", "b'\"\"'", "b'\\x6eull'", "null", "")) {
      assertThat(python(StringType, token)).as(token).isNull();
      assertThat(python(DoubleType, token)).as(token).isNull();
    }
    assertThat(python(StringType, "b'Null'")).isEqualTo("Null");
    assertThat(python(StringType, "b' null'")).isEqualTo(" null");
    assertThat(read(TextEncoding.NONE, Set.of("nan"), DoubleType, NONE, "\"NaN\""))
        .isEqualTo(Double.NaN);
  }

  @Test
  void saysWhatIsWrongWithALiteralAndHowToMendIt() {
    Decoding decoding = decoding(PYTHON_BYTES, Set.of(), REJECT, StringType, NONE);

    assertThat(decoding.reject(message("\"b'\\\\xff'\"")))
        .isEqualTo(
            new DataError(
                Code.INVALID_UTF8,
                "v",
                "Cannot read column v from field \"v\": found `\"b'\\\\xff'\"`, expected string; the"
                    + " bytes of the literal are not UTF-8. Declare the column as binary to keep"
                    + " them as they are."));
    assertThat(decoding.reject(message("\"b'cut\"")).message())
        .isEqualTo(
            "Cannot read column v from field \"v\": found `\"b'cut\"`, expected string; the bytes"
                + " literal has no closing quote. Set table.text-encoding=none if the text is not"
                + " a bytes literal.");
  }

  @Test
  void showsThePartOfALongValueThatFitsALine() {
    Decoding decoding = decoding(TextEncoding.NONE, Set.of(), REJECT, DoubleType, NONE);

    assertThat(decoding.reject(message("\"" + "é\\n".repeat(1000) + "\"")).message())
        .startsWith(
            "Cannot read column v from field \"v\": found `\"" + "é\\n".repeat(26) + "é...`,");
  }

  private static Object python(DataType type, String text) {
    String json = text.replace("\\", "\\\\").replace("\"", "\\\"");
    return read(PYTHON_BYTES, Tables.NULL_TOKENS, type, NONE, "\"" + json + "\"");
  }

  private static Object read(
      TextEncoding encoding, Set<String> nullTokens, DataType type, TimeUnit unit, String json) {
    return decoding(encoding, nullTokens, REJECT, type, unit).change(message(json)).getAs("v");
  }

  private static Decoding decoding(
      TextEncoding encoding,
      Set<String> nullTokens,
      OnError onError,
      DataType type,
      TimeUnit unit) {
    List<ColumnDefinition> columns =
        List.of(Tables.column("id", LongType), Tables.column("v", type, unit));
    return Decoding.of(new TableDefinition(List.of("id"), encoding, nullTokens, onError, columns));
  }

  private static String message(String value) {
    return "{\"id\":1,\"v\":" + value + ",\"__op\":\"c\"}";
  }

  private static Timestamp at(String instant) {
    return Timestamp.from(Instant.parse(instant));
  }
}
