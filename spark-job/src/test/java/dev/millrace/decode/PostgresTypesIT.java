package dev.millrace.decode;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.SparkTest;
import dev.millrace.StackExtension;
import dev.millrace.config.ColumnDefinition;
import dev.millrace.config.ColumnDefinition.DecimalEncoding;
import dev.millrace.config.ColumnDefinition.TimeUnit;
import dev.millrace.config.ColumnType;
import dev.millrace.config.TableDefinition;
import dev.millrace.config.TableDefinition.OnError;
import dev.millrace.config.TableDefinition.TextEncoding;
import dev.millrace.stack.LocalStack;
import dev.millrace.stack.server.ConnectorDefinition;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import scala.collection.JavaConverters;

/**
 * Random rows of every type, half of them read by Debezium's snapshot and half streamed: what
 * Postgres says that it holds is what the column holds, however the connector is set.
 */
@ExtendWith(StackExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PostgresTypesIT {

  private static final int ROWS = 200;
  private static final long TOASTED = -1;
  private static final String NULL = "∅";

  /** In order of the table's columns; the rows that Debezium has to leave out are named below. */
  private static final List<String> LARGE =
      List.of("t", "jb", "bytes", "ai", "abi", "texts", "au", "h");

  private static final StructType RAW =
      new StructType()
          .add("key", DataTypes.BinaryType)
          .add("value", DataTypes.BinaryType)
          .add("topic", DataTypes.StringType)
          .add("partition", DataTypes.IntegerType)
          .add("offset", DataTypes.LongType);

  @RegisterExtension static final SparkTest SPARK = new SparkTest();

  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);
  private final List<TypedColumn> columns = columns();

  /**
   * A column of the table.
   *
   * @param held what Postgres says of its value, as SQL
   * @param value a value as Postgres reads it
   */
  private record TypedColumn(
      String name, String postgres, String type, String held, Supplier<String> value) {}

  /**
   * How a connector is set, and the pipeline that reads it.
   *
   * @param unit of times and timestamps
   * @param exact what is held as the connector can tell it, where that is less than the value
   */
  private record Setting(
      String name,
      String connector,
      Map<String, String> config,
      TimeUnit unit,
      DecimalEncoding decimals,
      Set<String> leftOut,
      Map<String, String> exact) {
    @Override
    public String toString() {
      return name;
    }
  }

  static List<Setting> settings() {
    return List.of(
        new Setting(
            "types-precise",
            "ride-bookings-envelope",
            Map.of(
                "decimal.handling.mode", "precise",
                "interval.handling.mode", "numeric",
                "hstore.handling.mode", "map",
                "key.converter.schemas.enable", "true",
                "value.converter.schemas.enable", "true"),
            TimeUnit.MICROS,
            DecimalEncoding.BASE64,
            Set.of(),
            Map.of()),
        new Setting(
            "types-text",
            "ride-bookings",
            Map.of(
                "decimal.handling.mode", "string",
                "interval.handling.mode", "string",
                "hstore.handling.mode", "json",
                "time.precision.mode", "isostring"),
            TimeUnit.ISO,
            DecimalEncoding.TEXT,
            Set.of(),
            // The connector's text has no 24 o'clock.
            Map.of(
                "ti",
                "to_char(CASE ti WHEN '24:00' THEN '00:00' ELSE ti END::interval,"
                    + " 'HH24:MI:SS.US')")),
        new Setting(
            "types-double",
            "ride-bookings",
            Map.of(
                "decimal.handling.mode", "double",
                "interval.handling.mode", "numeric",
                "time.precision.mode", "connect",
                "value.converter.schemas.enable", "true"),
            TimeUnit.MILLIS,
            DecimalEncoding.TEXT,
            // More digits than a double has.
            Set.of("dec38", "decv"),
            Map.of(
                "ti", "to_char(date_trunc('milliseconds', ti::interval), 'HH24:MI:SS.US')",
                "ts", "(floor(extract(epoch FROM ts) * 1000) * 1000)::bigint")));
  }

  private List<TypedColumn> columns() {
    String joined = "array_to_string(%s, '|', '" + NULL + "')";
    return List.of(
        column("id", "bigint PRIMARY KEY", "bigint", "id", () -> null),
        column("b", "boolean", "boolean", "b::text", () -> "" + random.nextBoolean()),
        column("si", "smallint", "smallint", "si", () -> "" + (short) random.nextInt()),
        column("i", "int", "int", "i", () -> "" + pick(random.nextInt(), Integer.MIN_VALUE)),
        column("bi", "bigint", "bigint", "bi", () -> "" + pick(random.nextLong(), Long.MIN_VALUE)),
        column(
            "r",
            "real",
            "float",
            "encode(float4send(r), 'hex')",
            () -> "" + pick(Float.intBitsToFloat(random.nextInt()), Float.NaN, 1.1f)),
        column(
            "d",
            "double precision",
            "double",
            "encode(float8send(d), 'hex')",
            () ->
                ""
                    + pick(
                        Double.longBitsToDouble(random.nextLong()),
                        Double.NEGATIVE_INFINITY,
                        Double.MIN_VALUE)),
        column("dec12", "numeric(12,2)", "decimal(12,2)", "dec12", () -> decimal(10, 2)),
        column("dec38", "numeric(38,10)", "decimal(38,10)", "dec38", () -> decimal(28, 10)),
        column("decv", "numeric", "decimal(38,10)", "decv::numeric(38,10)", () -> decimal(28, 10)),
        column("t", "text", "string", "t", this::text),
        column("jb", "jsonb", "json", "jb", this::json),
        column("j", "json", "json", "j", this::json),
        column("bytes", "bytea", "binary", "encode(bytes, 'hex')", () -> "\\x" + hex(bytes())),
        column(
            "da",
            "date",
            "date",
            "da - date '1970-01-01'",
            () -> pick("" + day(), "5874897-12-31", "1600-01-01")),
        column(
            "ti",
            "time",
            "time",
            "to_char(ti::interval, 'HH24:MI:SS.US')",
            () -> pick(time(), "24:00:00", "00:00:00.000001")),
        column(
            "tiz",
            "timetz",
            "timetz",
            "to_char((tiz AT TIME ZONE 'UTC')::time::interval, 'HH24:MI:SS.US') || 'Z'",
            () -> time() + pick("+05:30", "-12", "+00")),
        column(
            "ts",
            "timestamp",
            "timestamp",
            "(extract(epoch FROM ts) * 1000000)::bigint",
            () -> pick(day() + " " + time(), "294246-12-31 23:59:59.999999", "0044-03-15 BC")),
        column(
            "tstz",
            "timestamptz",
            "timestamp",
            "(extract(epoch FROM tstz) * 1000000)::bigint",
            () -> pick(day() + " " + time() + "+05:30", "12345-01-01Z", "0044-03-15 10:00Z BC")),
        column(
            "iv",
            "interval",
            "interval",
            "(extract(epoch FROM iv) * 1000000)::bigint",
            // The connector computes in binary fractions, so only whole seconds are exact.
            () -> (random.nextInt(20_000) - 10_000) + " days " + random.nextInt() + " seconds"),
        column("u", "uuid", "uuid", "u", () -> "" + uuid()),
        column("ai", "int[]", "array<int>", joined.formatted("ai"), () -> array(random::nextInt)),
        column(
            "abi",
            "bigint[]",
            "array<bigint>",
            joined.formatted("abi"),
            () -> array(random::nextLong)),
        column(
            "texts",
            "text[]",
            "array<string>",
            joined.formatted("texts"),
            () -> array(() -> '"' + text().replace("\\", "\\\\").replace("\"", "\\\"") + '"')),
        column(
            "adec",
            "numeric(10,2)[]",
            "array<decimal(10,2)>",
            joined.formatted("adec"),
            () -> array(() -> decimal(8, 2))),
        column(
            "ab",
            "boolean[]",
            "array<boolean>",
            joined.formatted("ab"),
            () -> array(random::nextBoolean)),
        column("au", "uuid[]", "array<uuid>", joined.formatted("au"), () -> array(this::uuid)),
        column(
            "h",
            "hstore",
            "map<string,string>",
            "CASE WHEN h IS NOT NULL THEN coalesce((SELECT string_agg(k || '=>' || coalesce(v, '"
                + NULL
                + "'), '|' ORDER BY k COLLATE \"C\") FROM each(h) AS entries(k, v)), '') END",
            () -> pick("a=>1,b=>NULL,\"c d\"=>\"x\\\"y, é\"", "", "k=>" + random.nextInt())),
        column("m", "mood", "string", "m", () -> pick("sad", "ok", "happy")),
        column(
            "p",
            "point",
            "geometry",
            "encode(float8send(p[0]), 'hex') || encode(float8send(p[1]), 'hex')",
            () -> "(" + random.nextGaussian() + "," + random.nextInt() + ")"));
  }

  private static TypedColumn column(
      String name, String postgres, String type, String held, Supplier<String> value) {
    return new TypedColumn(name, postgres, type, held, value);
  }

  @BeforeAll
  void fillTheTable(LocalStack stack) {
    System.out.println("PostgresTypesIT: seed " + seed);
    stack.execute(
        "CREATE EXTENSION IF NOT EXISTS hstore;"
            + "CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');"
            + columns.stream()
                .map(column -> '"' + column.name() + "\" " + column.postgres())
                .collect(Collectors.joining(", ", "CREATE TABLE every_type (", ");"))
            + "GRANT SELECT ON every_type TO debezium_user;"
            + "ALTER PUBLICATION millrace ADD TABLE every_type");
    stack.execute(inserts(0, ROWS / 2));
    settings().forEach(setting -> stack.register(connector(stack, setting)));
    stack.execute(inserts(ROWS / 2, ROWS));
    stack.execute(
        """
        INSERT INTO every_type (id, t, jb, bytes, ai, abi, texts, au, h)
        SELECT -1, s, to_jsonb(s), s::bytea, ai, ai::bigint[], ARRAY[s], au, hstore('k', s)
        FROM (SELECT string_agg(md5(g::text), '') AS s, array_agg(g * 7919) AS ai,
                     array_agg(md5(g::text)::uuid) AS au FROM generate_series(1, 3000) AS g) AS x
        """);
    stack.execute("UPDATE every_type SET b = true WHERE id = " + TOASTED);
  }

  private static ConnectorDefinition connector(LocalStack stack, Setting setting) {
    ConnectorDefinition connector =
        stack
            .connector(setting.connector())
            .named(setting.name())
            .with("topic.prefix", setting.name())
            .with("slot.name", setting.name().replace('-', '_'))
            .with("offsets.storage.topic", "connect-offsets-" + setting.name())
            .with("table.include.list", "public.every_type")
            .with("topic.creation.default.partitions", "1")
            .with("heartbeat.interval.ms", "0")
            .with("heartbeat.action.query", "");
    for (Map.Entry<String, String> entry : setting.config().entrySet()) {
      connector = connector.with(entry.getKey(), entry.getValue());
    }
    return connector;
  }

  private String inserts(int from, int until) {
    List<String> rows = new ArrayList<>();
    for (int id = from; id < until; id++) {
      List<String> values = new ArrayList<>(List.of("" + id));
      for (TypedColumn column : columns.subList(1, columns.size())) {
        boolean isNull = random.nextInt(8) == 0;
        values.add(isNull ? "NULL" : "'" + column.value().get().replace("'", "''") + "'");
      }
      rows.add(String.join(", ", values));
    }
    return "INSERT INTO every_type VALUES (" + String.join("), (", rows) + ")";
  }

  @ParameterizedTest
  @MethodSource("settings")
  void givesWhatPostgresHolds(Setting setting, LocalStack stack) throws SQLException {
    List<TypedColumn> read =
        columns.stream().filter(column -> !setting.leftOut().contains(column.name())).toList();
    List<ConsumerRecord<String, String>> records = records(stack, setting);
    TableDefinition table = table(setting, read);
    Dataset<Row> messages =
        Decode.messages(raw(records), MessageForm.DEBEZIUM, table, Tables.allColumns(table))
            .cache();

    assertThat(Decode.rejects(messages).select("message").collectAsList())
        .as("seed %d", seed)
        .isEmpty();
    List<Row> changes =
        Decode.changes(messages, List.of(), List.of(), OnError.REJECT)
            .select(shownColumns(read))
            .collectAsList();
    Map<Long, Map<String, String>> held = held(stack, setting, read);
    Map<Long, Map<String, String>> found = new HashMap<>();
    List<Object> unchanged = new ArrayList<>();
    for (Row change : changes) {
      long id = change.getLong(0);
      if (id == TOASTED) {
        unchanged.add(change.isNullAt(read.size()) ? null : change.getList(read.size()));
        continue;
      }
      Map<String, String> values = new HashMap<>();
      for (int i = 0; i < read.size(); i++) {
        values.put(read.get(i).name(), shown(read.get(i), change.get(i)));
      }
      assertThat(found.put(id, values)).as("a second row %d", id).isNull();
      assertThat(values).as("seed %d, row %d", seed, id).isEqualTo(held.get(id));
    }
    assertThat(found.keySet()).isEqualTo(held.keySet());
    assertThat(unchanged).containsExactly(null, LARGE);
    messages.unpersist();
  }

  private static List<ConsumerRecord<String, String>> records(LocalStack stack, Setting setting) {
    String topic = setting.name() + ".public.every_type";
    return Awaitility.await()
        .atMost(Duration.ofSeconds(90))
        .until(() -> stack.committedRecords(topic), records -> records.size() == ROWS + 2);
  }

  private static Dataset<Row> raw(List<ConsumerRecord<String, String>> records) {
    List<Row> rows =
        records.stream()
            .map(
                record ->
                    RowFactory.create(
                        record.key().getBytes(UTF_8),
                        record.value().getBytes(UTF_8),
                        record.topic(),
                        record.partition(),
                        record.offset()))
            .toList();
    return SPARK.session().createDataFrame(rows, RAW);
  }

  private static TableDefinition table(Setting setting, List<TypedColumn> read) {
    List<ColumnDefinition> definitions = new ArrayList<>();
    for (TypedColumn column : read) {
      ColumnType type = ColumnType.parse(column.type());
      TimeUnit unit =
          switch (type.kind()) {
            case TIME -> setting.unit();
            // The connector sends it as text whatever the precision mode.
            case TIMESTAMP -> column.name().equals("tstz") ? TimeUnit.ISO : setting.unit();
            case TIMETZ -> TimeUnit.ISO;
            case DATE -> setting.unit() == TimeUnit.ISO ? TimeUnit.ISO : TimeUnit.DAYS;
            default -> TimeUnit.NONE;
          };
      definitions.add(
          new ColumnDefinition(
              column.name(),
              column.name(),
              type,
              unit,
              setting.decimals(),
              Optional.empty(),
              Optional.empty()));
    }
    return new TableDefinition(
        List.of("id"), TextEncoding.NONE, Set.of(), OnError.REJECT, definitions);
  }

  /** Dates and times as numbers: Spark's own classes for them know another calendar. */
  private static Column[] shownColumns(List<TypedColumn> read) {
    List<Column> shown = new ArrayList<>();
    for (TypedColumn column : read) {
      String name = "`" + column.name() + "`";
      shown.add(
          switch (column.type()) {
            case "date" -> functions.expr("unix_date(" + name + ")");
            case "timestamp" -> functions.expr("unix_micros(" + name + ")");
            default -> functions.col(name);
          });
    }
    shown.add(functions.col("unchanged"));
    return shown.toArray(Column[]::new);
  }

  private static Map<Long, Map<String, String>> held(
      LocalStack stack, Setting setting, List<TypedColumn> read) throws SQLException {
    String query =
        read.stream()
            .map(column -> setting.exact().getOrDefault(column.name(), column.held()))
            .collect(
                Collectors.joining(", ", "SELECT ", " FROM every_type WHERE id <> " + TOASTED));
    Map<Long, Map<String, String>> rows = new HashMap<>();
    try (Connection connection = stack.connect();
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(query)) {
      while (result.next()) {
        Map<String, String> values = new HashMap<>();
        for (int i = 0; i < read.size(); i++) {
          values.put(read.get(i).name(), result.getString(i + 1));
        }
        rows.put(result.getLong(1), values);
      }
    }
    return rows;
  }

  private static String shown(TypedColumn column, Object value) {
    if (value == null) {
      return null;
    }
    if (value instanceof Double number) {
      return "%016x".formatted(Double.doubleToLongBits(number));
    } else if (value instanceof Float number) {
      return "%08x".formatted(Float.floatToIntBits(number));
    } else if (value instanceof BigDecimal number) {
      return number.toPlainString();
    } else if (value instanceof Duration duration) {
      return Long.toString(duration.dividedBy(Duration.ofNanos(1000)));
    } else if (value instanceof byte[] bytes) {
      return column.type().equals("geometry") ? coordinates(bytes) : hex(bytes);
    } else if (value instanceof scala.collection.Map<?, ?> map) {
      Map<String, Object> entries = new TreeMap<>();
      JavaConverters.mapAsJavaMap(map).forEach((key, held) -> entries.put((String) key, held));
      return entries.entrySet().stream()
          .map(
              entry -> entry.getKey() + "=>" + (entry.getValue() == null ? NULL : entry.getValue()))
          .collect(Collectors.joining("|"));
    } else if (value instanceof scala.collection.Seq<?> list) {
      return JavaConverters.seqAsJavaList(list).stream()
          .map(PostgresTypesIT::element)
          .collect(Collectors.joining("|"));
    }
    return value.toString();
  }

  private static String element(Object value) {
    if (value == null) {
      return NULL;
    }
    if (value instanceof Boolean isTrue) {
      return isTrue ? "t" : "f";
    }
    return value instanceof BigDecimal number ? number.toPlainString() : value.toString();
  }

  /** Of a point in well-known binary, little-endian. */
  private static String coordinates(byte[] point) {
    ByteBuffer buffer = ByteBuffer.wrap(point).order(ByteOrder.LITTLE_ENDIAN);
    Function<Integer, String> number =
        at -> "%016x".formatted(Double.doubleToLongBits(buffer.getDouble(at)));
    return number.apply(5) + number.apply(13);
  }

  // ------------------------------------------------------------------ random values

  @SafeVarargs
  private <T> T pick(T usual, T... special) {
    return random.nextInt(5) == 0 ? special[random.nextInt(special.length)] : usual;
  }

  private String decimal(int whole, int fraction) {
    StringBuilder digits = new StringBuilder(random.nextBoolean() ? "-" : "");
    int count = 1 + random.nextInt(whole);
    for (int i = 0; i < count; i++) {
      digits.append(random.nextInt(10));
    }
    digits.append('.');
    for (int i = 0; i < fraction; i++) {
      digits.append(random.nextInt(10));
    }
    return digits.toString();
  }

  private String text() {
    List<String> parts =
        List.of(
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
    return random
        .ints(random.nextInt(6), 0, parts.size())
        .mapToObj(parts::get)
        .collect(Collectors.joining());
  }

  private String json() {
    return pick(
        "{\"a\": [1, 2.50, null], \"b\": \"é \\\"q\\\"\"}", "null", "[]", "\"text\"", "1e2");
  }

  private byte[] bytes() {
    byte[] bytes = new byte[random.nextInt(20)];
    random.nextBytes(bytes);
    return bytes;
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  private java.time.LocalDate day() {
    return java.time.LocalDate.of(1900 + random.nextInt(300), 1, 1).plusDays(random.nextInt(365));
  }

  private String time() {
    return java.time.LocalTime.ofNanoOfDay(random.nextLong(86_400_000_000L) * 1000).toString();
  }

  private UUID uuid() {
    return new UUID(random.nextLong(), random.nextLong());
  }

  private String array(Supplier<?> element) {
    return random
        .ints(random.nextInt(4), 0, 5)
        .mapToObj(kind -> kind == 0 ? "NULL" : String.valueOf(element.get()))
        .collect(Collectors.joining(",", "{", "}"));
  }
}
