package dev.millrace.decode;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.SparkTest;
import dev.millrace.StackExtension;
import dev.millrace.config.ColumnDefinition;
import dev.millrace.config.ColumnDefinition.DecimalEncoding;
import dev.millrace.config.ColumnDefinition.TimeUnit;
import dev.millrace.config.ColumnType;
import dev.millrace.config.KafkaSourceDefinition;
import dev.millrace.config.TableDefinition;
import dev.millrace.config.TableDefinition.OnError;
import dev.millrace.config.TextEncoding;
import dev.millrace.config.parse.TableLoader;
import dev.millrace.stack.LocalStack;
import dev.millrace.stack.server.ConnectorDefinition;
import dev.millrace.table.InferenceSource;
import dev.millrace.table.TableInference;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random rows of every type, half of them read by Debezium's snapshot and half streamed: what
 * Postgres states that it holds is what the column holds, however the connector is set, and whether
 * the columns are declared or inferred.
 */
@ExtendWith(StackExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PostgresTypesIT {

  private static final int ROWS = 200;
  private static final long TOASTED = -1;

  private static final TypedTable TYPES = TypedTable.everyType();
  private static final TypedTable TIMES = TypedTable.everyTime();

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

  private final long seed = Long.getLong("types.seed", System.nanoTime());

  /**
   * How a connector is set, and the pipeline that reads it.
   *
   * @param unit of times and timestamps; see {@link #isAdaptive}
   * @param leftOut columns that the connector can't tell exactly
   * @param otherwiseInferred columns whose type neither schema nor Postgres tells
   * @param exact what is held as the connector can tell it, where that is less than the value
   */
  private record Setting(
      String name,
      String connector,
      Map<String, String> config,
      TimeUnit unit,
      DecimalEncoding decimals,
      Set<String> leftOut,
      Set<String> otherwiseInferred,
      Map<String, String> exact) {

    List<TypedTable> tables() {
      // The other one has years with more nanoseconds than 64 bits can count.
      return unit == TimeUnit.NANOS ? List.of(TIMES) : List.of(TYPES, TIMES);
    }

    /**
     * Whether a time of milliseconds at most comes in milliseconds: the default of the connector.
     */
    boolean isAdaptive() {
      return !config.containsKey("time.precision.mode");
    }

    boolean hasSchemas() {
      return config.containsKey("value.converter.schemas.enable");
    }
  }

  /** A table as a connector sends it. */
  private record Capture(Setting setting, TypedTable table) {
    String topic() {
      return setting.name() + ".public." + table.name();
    }

    int messages() {
      return ROWS + (table.equals(TYPES) ? 2 : 0);
    }

    @Override
    public String toString() {
      return topic();
    }
  }

  private static final Setting SHIPPED =
      new Setting(
          "types-shipped",
          "ride-bookings",
          Map.of("hstore.handling.mode", "map"),
          TimeUnit.MICROS,
          DecimalEncoding.TEXT,
          Set.of(),
          Set.of("decv"),
          Map.of());

  private static final Setting ISO =
      new Setting(
          "types-iso",
          "ride-bookings",
          Map.of("time.precision.mode", "isostring"),
          TimeUnit.ISO,
          DecimalEncoding.TEXT,
          Set.of(),
          Set.of(),
          // The connector's text has no 24 o'clock.
          Map.of(
              "time",
              "to_char(CASE %1$s WHEN '24:00' THEN '00:00' ELSE %1$s END::interval,"
                  + " 'HH24:MI:SS.US')"));

  static List<Setting> settings() {
    return List.of(
        SHIPPED,
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
            Set.of(),
            Map.of()),
        ISO,
        new Setting(
            "types-double",
            "ride-bookings",
            Map.of(
                "decimal.handling.mode", "double",
                "interval.handling.mode", "numeric",
                "hstore.handling.mode", "map",
                "time.precision.mode", "connect",
                "key.converter.schemas.enable", "true",
                "value.converter.schemas.enable", "true"),
            TimeUnit.MILLIS,
            DecimalEncoding.TEXT,
            // More digits than a double has.
            Set.of("dec38", "decv"),
            Set.of("dec12", "adec"),
            Map.of(
                "time", "to_char(date_trunc('milliseconds', %1$s::interval), 'HH24:MI:SS.US')",
                "timestamp", "(floor(extract(epoch FROM %1$s) * 1000) * 1000)::bigint",
                "timestamp[]", "(floor(extract(epoch FROM %1$s) * 1000) * 1000)::bigint")),
        new Setting(
            "types-micros",
            "ride-bookings",
            Map.of("time.precision.mode", "microseconds", "hstore.handling.mode", "map"),
            TimeUnit.MICROS,
            DecimalEncoding.TEXT,
            Set.of(),
            Set.of("decv"),
            Map.of()),
        new Setting(
            "types-nanos",
            "ride-bookings",
            Map.of(
                "time.precision.mode", "nanoseconds",
                "key.converter.schemas.enable", "true",
                "value.converter.schemas.enable", "true"),
            TimeUnit.NANOS,
            DecimalEncoding.TEXT,
            Set.of(),
            Set.of(),
            Map.of()));
  }

  static Stream<Capture> captures() {
    return settings().stream()
        .flatMap(setting -> setting.tables().stream().map(table -> new Capture(setting, table)));
  }

  static Stream<Capture> capturesWithSchemas() {
    return captures().filter(capture -> capture.setting().hasSchemas());
  }

  @BeforeAll
  void fillTheTables(LocalStack stack) {
    System.out.println("PostgresTypesIT: seed " + seed);
    stack.execute(
        "CREATE EXTENSION IF NOT EXISTS hstore; CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy')");
    for (TypedTable table : List.of(TYPES, TIMES)) {
      stack.execute(
          "%2$s; GRANT SELECT ON %1$s TO debezium_user; ALTER PUBLICATION millrace ADD TABLE %1$s"
              .formatted(table.name(), table.definition()));
      table.insert(stack, 0, ROWS / 2, seed);
    }
    settings().forEach(setting -> stack.register(connector(stack, setting)));
    TYPES.insert(stack, ROWS / 2, ROWS, seed + 1);
    TIMES.insert(stack, ROWS / 2, ROWS, seed + 1);
    stack.execute(
        """
        INSERT INTO every_type (id, t, jb, bytes, ai, abi, texts, au, h)
        SELECT -1, s, to_jsonb(s), s::bytea, ai, ai::bigint[], ARRAY[s], au, hstore('k', s)
        FROM (SELECT string_agg(md5(g::text), '') AS s, array_agg(g * 7919) AS ai,
                     array_agg(md5(g::text)::uuid) AS au FROM generate_series(1, 3000) AS g) AS x
        """);
    stack.execute("UPDATE every_type SET b = true WHERE id = " + TOASTED);
  }

  /** Postgres allows a number of connectors, which other tests need too. */
  @AfterAll
  void deleteTheConnectors(LocalStack stack) {
    settings().forEach(setting -> stack.delete(connector(stack, setting)));
  }

  private static ConnectorDefinition connector(LocalStack stack, Setting setting) {
    ConnectorDefinition connector =
        stack
            .connector(setting.connector())
            .named(setting.name())
            .with("topic.prefix", setting.name())
            .with("slot.name", setting.name().replace('-', '_'))
            .with("offsets.storage.topic", "connect-offsets-" + setting.name())
            .with(
                "table.include.list",
                setting.tables().stream()
                    .map(table -> "public." + table.name())
                    .collect(Collectors.joining(",")))
            .with("topic.creation.default.partitions", "1")
            .with("heartbeat.interval.ms", "0")
            .with("heartbeat.action.query", "");
    for (Map.Entry<String, String> entry : setting.config().entrySet()) {
      connector = connector.with(entry.getKey(), entry.getValue());
    }
    return connector;
  }

  @ParameterizedTest
  @MethodSource("captures")
  void givesWhatPostgresHolds(Capture capture, LocalStack stack) throws SQLException {
    TableDefinition table = declared(capture);
    List<TypedColumn> columns = columns(capture);
    Dataset<Row> messages =
        Decode.messages(
            raw(records(stack, capture)), MessageForm.DEBEZIUM, table, Tables.allColumns(table));

    List<Row> changes =
        Decode.changes(messages, List.of(), List.of(), OnError.REJECT)
            .select(
                Stream.concat(
                        columns.stream().map(TypedColumn::decoded),
                        Stream.of(functions.col("unchanged")))
                    .toArray(Column[]::new))
            .collectAsList();

    assertThat(changes)
        .as(() -> "rejected: " + Decode.deadLetters(messages).select("message").collectAsList())
        .hasSize(capture.messages());
    Map<Long, Map<String, String>> held = held(stack, capture, columns);
    Map<Long, Map<String, String>> found = new HashMap<>();
    List<Object> unchanged = new ArrayList<>();
    for (Row change : changes) {
      long id = change.getLong(0);
      if (id == TOASTED) {
        unchanged.add(change.isNullAt(columns.size()) ? null : change.getList(columns.size()));
        continue;
      }
      Map<String, String> values = new HashMap<>();
      for (int i = 0; i < columns.size(); i++) {
        values.put(columns.get(i).name(), columns.get(i).shown(change.get(i)));
      }
      assertThat(found.put(id, values)).as("a second row %d", id).isNull();
      assertThat(values).as("seed %d, row %d", seed, id).isEqualTo(held.get(id));
    }
    assertThat(found.keySet()).isEqualTo(held.keySet());
    if (capture.table().equals(TYPES)) {
      assertThat(unchanged).containsExactly(null, LARGE);
    }
  }

  @ParameterizedTest
  @MethodSource("capturesWithSchemas")
  void infersTheSameColumnsFromTheMessagesSchemas(Capture capture, LocalStack stack)
      throws InterruptedException {
    requireColumns(inferred(stack, capture), capture);
  }

  @Test
  void infersTheSameColumnsFromPostgres(LocalStack stack) throws InterruptedException {
    for (TypedTable table : SHIPPED.tables()) {
      InferenceSource source =
          new InferenceSource.OfPostgres(
              stack.jdbcUrl(),
              stack.connections().postgresUser(),
              stack.connections().postgresPassword(),
              "public." + table.name());

      requireColumns(inferred(source), new Capture(SHIPPED, table));
    }
  }

  @Test
  void infersFromValuesAloneWhatTheyTell(LocalStack stack) throws InterruptedException {
    assertThat(spokenTypes(inferred(stack, new Capture(SHIPPED, TYPES))))
        .containsAllEntriesOf(
            Map.ofEntries(
                Map.entry("id", "bigint"),
                Map.entry("b", "boolean"),
                Map.entry("r", "double"),
                Map.entry("tiz", "timetz"),
                Map.entry("tstz", "timestamp in iso"),
                Map.entry("iv", "interval"),
                Map.entry("u", "uuid"),
                Map.entry("abi", "array<bigint>"),
                Map.entry("ad", "array<double>"),
                Map.entry("ab", "array<boolean>"),
                Map.entry("au", "array<uuid>"),
                Map.entry("h", "map<string,string>"),
                Map.entry("p", "geometry")));
    assertThat(spokenTypes(inferred(stack, new Capture(ISO, TIMES))))
        .containsAllEntriesOf(
            Map.of(
                "da", "date in iso",
                "ts", "timestamp in iso",
                "ada", "array<date> in iso",
                "ats", "array<timestamp> in iso"));
  }

  private static Map<String, String> spokenTypes(TableDefinition table) {
    return table.columns().stream()
        .collect(Collectors.toMap(ColumnDefinition::name, ColumnDefinition::spokenType));
  }

  /** The columns by which the table's values were seen to be what Postgres holds. */
  private static void requireColumns(TableDefinition inferred, Capture capture) {
    assertThat(inferred.key()).containsExactly("id");
    assertThat(inferred.columns())
        .filteredOn(column -> !capture.setting().otherwiseInferred().contains(column.name()))
        .filteredOn(column -> !capture.setting().leftOut().contains(column.name()))
        .isEqualTo(
            declared(capture).columns().stream()
                .filter(column -> !capture.setting().otherwiseInferred().contains(column.name()))
                .toList());
  }

  private static TableDefinition inferred(LocalStack stack, Capture capture)
      throws InterruptedException {
    records(stack, capture);
    return inferred(
        new InferenceSource.OfTopic(
            new KafkaSourceDefinition(
                stack.bootstrapServers(), capture.topic(), "earliest", 1, Map.of())));
  }

  private static TableDefinition inferred(InferenceSource source) throws InterruptedException {
    StringWriter yaml = new StringWriter();
    StringWriter notes = new StringWriter();
    new TableInference(new PrintWriter(yaml, true), new PrintWriter(notes, true))
        .infer(source, 10 * ROWS);
    if (source instanceof InferenceSource.OfTopic) {
      assertThat(notes.toString()).endsWith(" changes, 0 skipped, 0 rejected%n".formatted());
    }
    return TableLoader.parse(yaml.toString(), "proposed");
  }

  private static List<TypedColumn> columns(Capture capture) {
    return capture.table().columns().stream()
        .filter(column -> !capture.setting().leftOut().contains(column.name()))
        .toList();
  }

  private static List<ConsumerRecord<String, String>> records(LocalStack stack, Capture capture) {
    return Awaitility.await()
        .atMost(Duration.ofMinutes(2))
        .until(
            () -> stack.committedRecords(capture.topic()),
            records -> records.size() == capture.messages());
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

  private static TableDefinition declared(Capture capture) {
    Setting setting = capture.setting();
    List<ColumnDefinition> definitions = new ArrayList<>();
    for (TypedColumn column : columns(capture)) {
      ColumnType type = ColumnType.parse(column.type());
      // A numeric without a scale brings it along.
      boolean isScaled =
          type.scalarKind() == ColumnType.Kind.DECIMAL && !column.postgres().equals("numeric");
      definitions.add(
          new ColumnDefinition(
              column.name(),
              column.name(),
              type,
              unit(setting, column, type),
              isScaled ? setting.decimals() : DecimalEncoding.TEXT,
              Optional.empty(),
              Optional.empty()));
    }
    return new TableDefinition(
        List.of("id"), TextEncoding.NONE, Set.of(), OnError.REJECT, definitions);
  }

  private static TimeUnit unit(Setting setting, TypedColumn column, ColumnType type) {
    TimeUnit unit = setting.unit();
    boolean isInMillis = setting.isAdaptive() && column.postgres().contains("(3)");
    TimeUnit own = isInMillis ? TimeUnit.MILLIS : unit;
    return switch (type.scalarKind()) {
      case TIME -> own;
      // The connector sends it as text regardless of the precision mode.
      case TIMESTAMP -> column.base().startsWith("timestamptz") ? TimeUnit.ISO : own;
      case TIMETZ -> TimeUnit.ISO;
      case DATE -> unit == TimeUnit.ISO ? TimeUnit.ISO : TimeUnit.DAYS;
      default -> TimeUnit.NONE;
    };
  }

  private static Map<Long, Map<String, String>> held(
      LocalStack stack, Capture capture, List<TypedColumn> columns) throws SQLException {
    String query =
        columns.stream()
            .map(column -> column.heldSql(capture.setting().exact()))
            .collect(
                Collectors.joining(
                    ", ",
                    "SELECT ",
                    " FROM %s WHERE id <> %d".formatted(capture.table().name(), TOASTED)));
    Map<Long, Map<String, String>> rows = new HashMap<>();
    try (Connection connection = stack.connect();
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(query)) {
      while (result.next()) {
        Map<String, String> values = new HashMap<>();
        for (int i = 0; i < columns.size(); i++) {
          values.put(columns.get(i).name(), result.getString(i + 1));
        }
        rows.put(result.getLong(1), values);
      }
    }
    return rows;
  }
}
