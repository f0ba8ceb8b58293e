package dev.millrace.decode;

import dev.millrace.stack.LocalStack;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.LocalDate;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.RandomDistribution;
import net.jqwik.api.RandomGenerator;
import net.jqwik.api.Tuple;
import net.jqwik.api.sessions.JqwikSession;

/**
 * A table of Postgres that random rows are written to.
 *
 * @param columns the first is the key, {@code id}
 */
record TypedTable(String name, List<TypedColumn> columns) {

  /** So many tries a jqwik property would have: its generators make more of edges with few. */
  private static final int TRIES = 1000;

  private static final String TEXT = "%1$s::text";
  private static final String DAY = "%1$s - date '1970-01-01'";
  private static final String TIME = "to_char(%1$s::interval, 'HH24:MI:SS.US')";
  private static final String TIME_IN_UTC =
      "to_char((%1$s AT TIME ZONE 'UTC')::time::interval, 'HH24:MI:SS.US') || 'Z'";
  private static final String MICROS = "(extract(epoch FROM %1$s) * 1000000)::bigint";

  /** Every type, with the widest values that Postgres has. */
  static TypedTable everyType() {
    return new TypedTable(
        "every_type",
        List.of(
            column("id", "bigint PRIMARY KEY", "bigint", TEXT, Arbitraries.just("")),
            column("b", "boolean", "boolean", TEXT, texts(Arbitraries.of(true, false))),
            column("si", "smallint", "smallint", TEXT, texts(Arbitraries.shorts())),
            column("i", "int", "int", TEXT, texts(Arbitraries.integers())),
            column("bi", "bigint", "bigint", TEXT, texts(Arbitraries.longs())),
            column("r", "real", "float", "encode(float4send(%1$s), 'hex')", floats()),
            column("d", "double precision", "double", "encode(float8send(%1$s), 'hex')", doubles()),
            column("dec12", "numeric(12,2)", "decimal(12,2)", TEXT, decimals(10, 2)),
            column("dec38", "numeric(38,10)", "decimal(38,10)", TEXT, decimals(28, 10)),
            column("decv", "numeric", "decimal(38,10)", "%1$s::numeric(38,10)", decimals(28, 10)),
            column("t", "text", "string", TEXT, texts()),
            column("jb", "jsonb", "json", TEXT, documents()),
            column("j", "json", "json", TEXT, documents()),
            column("bytes", "bytea", "binary", "encode(%1$s, 'hex')", bytes()),
            // The connector leaves out zeros at the end, of which there are none but all here.
            column(
                "bits",
                "bit(8)",
                "binary",
                "CASE WHEN %1$s::int = 0 THEN '' ELSE lpad(to_hex(%1$s::int), 2, '0') END",
                bits()),
            column("da", "date", "date", DAY, or(days(), "5874897-12-31", "1600-01-01")),
            column("ti", "time", "time", TIME, or(times(), "24:00:00", "00:00:00.000001")),
            column("tiz", "timetz", "timetz", TIME_IN_UTC, zonedTimes()),
            column(
                "ts",
                "timestamp",
                "timestamp",
                MICROS,
                or(moments(), "294246-12-31 23:59:59.999999", "0044-03-15 BC")),
            column(
                "tstz",
                "timestamptz",
                "timestamp",
                MICROS,
                or(zonedMoments(), "12345-01-01Z", "0044-03-15 10:00Z BC")),
            column("iv", "interval", "interval", MICROS, intervals()),
            column("u", "uuid", "uuid", TEXT, uuids()),
            column("ai", "int[]", "array<int>", TEXT, arrays(texts(Arbitraries.integers()))),
            column("abi", "bigint[]", "array<bigint>", TEXT, arrays(texts(Arbitraries.longs()))),
            column("texts", "text[]", "array<string>", TEXT, arrays(quoted(texts()))),
            column("adec", "numeric(10,2)[]", "array<decimal(10,2)>", TEXT, arrays(decimals(8, 2))),
            column(
                "ad",
                "double precision[]",
                "array<double>",
                "encode(float8send(%1$s), 'hex')",
                arrays(doubles())),
            column(
                "ab",
                "boolean[]",
                "array<boolean>",
                TEXT,
                arrays(texts(Arbitraries.of(true, false)))),
            column("au", "uuid[]", "array<uuid>", TEXT, arrays(uuids())),
            column("ajb", "jsonb[]", "array<json>", TEXT, arrays(quoted(documents()))),
            column(
                "h",
                "hstore",
                "map<string,string>",
                "CASE WHEN %1$s IS NOT NULL THEN coalesce((SELECT string_agg(k || '=>' ||"
                    + " coalesce(v, '∅'), '|' ORDER BY k COLLATE \"C\") FROM each(%1$s) AS"
                    + " entries(k, v)), '') END",
                Arbitraries.of("a=>1,b=>NULL,\"c d\"=>\"x\\\"y, é\"", "", "k=>12")),
            column("m", "mood", "string", TEXT, moods()),
            column("am", "mood[]", "array<string>", TEXT, moods().map(mood -> "{" + mood + ",ok}")),
            column(
                "p",
                "point",
                "geometry",
                "encode(float8send(%1$s[0]), 'hex') || encode(float8send(%1$s[1]), 'hex')",
                texts(Arbitraries.doubles().between(-180, 180)).map(x -> "(" + x + ",-12.5)"))));
  }

  /**
   * Every type of time, at any precision and within arrays, of years that nanoseconds can count.
   */
  static TypedTable everyTime() {
    return new TypedTable(
        "every_time",
        List.of(
            column("id", "bigint PRIMARY KEY", "bigint", TEXT, Arbitraries.just("")),
            column("da", "date", "date", DAY, days()),
            column("ti", "time", "time", TIME, or(times(), "00:00:00.000001")),
            column("ti3", "time(3)", "time", TIME, times()),
            column("tiz", "timetz", "timetz", TIME_IN_UTC, zonedTimes()),
            column("ts", "timestamp", "timestamp", MICROS, moments()),
            column("ts3", "timestamp(3)", "timestamp", MICROS, moments()),
            column("tstz", "timestamptz", "timestamp", MICROS, zonedMoments()),
            column("ada", "date[]", "array<date>", DAY, arrays(days())),
            // Within an array the connector cuts times to milliseconds, zoned ones not.
            column(
                "ati",
                "time[]",
                "array<time>",
                TIME.replace("%1$s", "date_trunc('milliseconds', %1$s::interval)"),
                arrays(times())),
            column("atiz", "timetz[]", "array<timetz>", TIME_IN_UTC, arrays(zonedTimes())),
            column("ats", "timestamp[]", "array<timestamp>", MICROS, arrays(quoted(moments()))),
            column(
                "atstz",
                "timestamptz[]",
                "array<timestamp>",
                MICROS,
                arrays(quoted(zonedMoments())))));
  }

  /** The statement that makes the table. */
  String definition() {
    return columns.stream()
        .map(column -> '"' + column.name() + "\" " + column.postgres())
        .collect(Collectors.joining(", ", "CREATE TABLE " + name + " (", ")"));
  }

  /** Writes rows with the keys from one number until another; a seed repeats them. */
  void insert(LocalStack stack, int from, int until, long seed) {
    Random random = new Random(seed);
    List<List<String>> rows = new ArrayList<>();
    for (int id = from; id < until; id++) {
      rows.add(new ArrayList<>(List.of("" + id)));
    }
    JqwikSession.run(
        () -> {
          for (TypedColumn column : columns.subList(1, columns.size())) {
            RandomGenerator<String> values = column.values().injectNull(0.1).generator(TRIES, true);
            for (List<String> row : rows) {
              String value = values.next(random).value();
              row.add(value == null ? "NULL" : "'" + value.replace("'", "''") + "'");
            }
          }
        });
    stack.execute(
        rows.stream()
            .map(row -> String.join(", ", row))
            .collect(Collectors.joining("), (", "INSERT INTO " + name + " VALUES (", ")")));
  }

  private static TypedColumn column(
      String name, String postgres, String type, String held, Arbitrary<String> values) {
    return new TypedColumn(name, postgres, type, held, values);
  }

  // ------------------------------------------------------------------ values

  private static Arbitrary<String> or(Arbitrary<String> usual, String... others) {
    return Arbitraries.frequencyOf(Tuple.of(4, usual), Tuple.of(1, Arbitraries.of(others)));
  }

  private static <T> Arbitrary<String> texts(Arbitrary<T> values) {
    return values.map(String::valueOf);
  }

  private static Arbitrary<String> floats() {
    return or(
        texts(
            Arbitraries.integers()
                .withDistribution(RandomDistribution.uniform())
                .map(Float::intBitsToFloat)),
        "NaN",
        "1.1",
        "Infinity");
  }

  private static Arbitrary<String> doubles() {
    return or(
        texts(
            Arbitraries.longs()
                .withDistribution(RandomDistribution.uniform())
                .map(Double::longBitsToDouble)),
        "NaN",
        "1.1",
        "-Infinity",
        "4.9E-324");
  }

  private static Arbitrary<String> decimals(int whole, int fraction) {
    BigDecimal most =
        new BigDecimal(BigInteger.TEN.pow(whole + fraction).subtract(BigInteger.ONE), fraction);
    return Arbitraries.bigDecimals()
        .between(most.negate(), most)
        .ofScale(fraction)
        .map(BigDecimal::toPlainString);
  }

  /** Of the texts that somebody has to escape, and any others. */
  private static Arbitrary<String> texts() {
    Arbitrary<String> parts =
        Arbitraries.of(
            "a",
            " ",
            "Café",
            "\"",
            "'",
            "\\",
            "\n",
            "\t",
            "\uD83D\uDE95",
            "|",
            "b'x'",
            "{}",
            "nan");
    Arbitrary<String> any = Arbitraries.strings().withCharRange('\u0001', '\uD7FF').ofMaxLength(6);
    return Arbitraries.frequencyOf(
        Tuple.of(3, parts.list().ofMaxSize(6).map(list -> String.join("", list))),
        Tuple.of(1, any));
  }

  private static Arbitrary<String> documents() {
    return Arbitraries.of(
        "{\"a\": [1, 2.50, null], \"b\": \"é \\\"q\\\"\"}", "null", "[]", "\"text\"", "1e2");
  }

  private static Arbitrary<String> bytes() {
    return Arbitraries.bytes()
        .array(byte[].class)
        .ofMaxSize(20)
        .map(bytes -> "\\x" + HexFormat.of().formatHex(bytes));
  }

  private static Arbitrary<String> bits() {
    return Arbitraries.integers()
        .between(0, 255)
        .map(bits -> Integer.toBinaryString(bits + 256).substring(1));
  }

  private static Arbitrary<String> days() {
    return Arbitraries.longs()
        .between(LocalDate.of(1700, 1, 1).toEpochDay(), LocalDate.of(2200, 1, 1).toEpochDay())
        .map(day -> LocalDate.ofEpochDay(day).toString());
  }

  private static Arbitrary<String> times() {
    return Arbitraries.longs()
        .between(0, 86_399_999_000L)
        .map(micros -> LocalTime.ofNanoOfDay(micros * 1000).toString());
  }

  private static Arbitrary<String> zonedTimes() {
    return times().flatMap(time -> Arbitraries.of("+05:30", "-12", "+00").map(time::concat));
  }

  private static Arbitrary<String> moments() {
    return days().flatMap(day -> times().map(time -> day + " " + time));
  }

  private static Arbitrary<String> zonedMoments() {
    return moments().map(moment -> moment + "+05:30");
  }

  /** The connector computes in binary fractions, so only whole seconds are exact. */
  private static Arbitrary<String> intervals() {
    return Arbitraries.integers()
        .between(-10_000, 10_000)
        .flatMap(
            days -> Arbitraries.integers().map(seconds -> days + " days " + seconds + " seconds"));
  }

  private static Arbitrary<String> uuids() {
    return Arbitraries.randomValue(random -> new UUID(random.nextLong(), random.nextLong()))
        .map(UUID::toString);
  }

  private static Arbitrary<String> moods() {
    return Arbitraries.of("sad", "ok", "happy");
  }

  private static Arbitrary<String> quoted(Arbitrary<String> texts) {
    return texts.map(text -> '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"');
  }

  private static Arbitrary<String> arrays(Arbitrary<String> elements) {
    return elements
        .injectNull(0.2)
        .list()
        .ofMaxSize(3)
        .map(list -> list.stream().map(String::valueOf).collect(Collectors.joining(",", "{", "}")));
  }
}
