package dev.millrace.config.parse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.millrace.config.CassandraConnection;
import dev.millrace.config.CassandraSourceDefinition;
import dev.millrace.config.CassandraTableName;
import dev.millrace.config.ColumnDefinition;
import dev.millrace.config.ColumnDefinition.TimeUnit;
import dev.millrace.config.KafkaSourceDefinition;
import dev.millrace.config.LookupDefinition;
import dev.millrace.config.OutputDefinition;
import dev.millrace.config.OutputDefinition.Mode;
import dev.millrace.config.OutputDefinition.Scope;
import dev.millrace.config.OutputDefinition.Watermark;
import dev.millrace.config.PipelineDefinition;
import dev.millrace.config.ReplicaIdentity;
import dev.millrace.config.SinkDefinition.ConsoleSink;
import dev.millrace.config.SinkDefinition.FileSink;
import dev.millrace.config.SinkDefinition.KafkaSink;
import dev.millrace.config.SinkDefinition.OnTruncate;
import dev.millrace.config.SinkDefinition.PostgresSink;
import dev.millrace.config.SinkDefinition.PostgresSink.Guard;
import dev.millrace.config.StateDefinition;
import dev.millrace.config.StateDefinition.OnSinkFailure;
import dev.millrace.config.StateDefinition.Store;
import dev.millrace.config.TableDefinition;
import dev.millrace.config.TableDefinition.OnError;
import dev.millrace.config.TextEncoding;
import dev.millrace.config.TriggerDefinition.AvailableNow;
import dev.millrace.config.TriggerDefinition.Interval;
import dev.millrace.config.parse.Overrides.OutputChoice;
import dev.millrace.config.parse.Overrides.TriggerOverride;
import dev.millrace.error.UserException;
import dev.millrace.pipeline.SinkConnectors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PipelineLoaderTest {

  private static final Path VALID = Path.of("src/test/resources/pipelines/valid");

  private static final String TWO_OUTPUTS =
      """
      name: orders
      source:
        kafka:
          bootstrap-servers: localhost:9092
          topic: ${TOPIC:-orders}
      table:
        columns:
          id: {type: bigint}
      outputs:
        first:
          sink: ${SINK:-parquet}
        second:
          sink: ${SINK:-parquet}
      """;

  @TempDir Path folder;

  private static LoadedPipeline load(String file, Overrides overrides) {
    return new PipelineLoader(Map.of(), SinkConnectors.STANDARD.kinds())
        .load(VALID.resolve(file).toString(), overrides);
  }

  private LoadedPipeline load(String yaml, Map<String, String> environment, Overrides overrides)
      throws IOException {
    Path file = Files.writeString(folder.resolve("orders.yaml"), yaml);
    return new PipelineLoader(environment, SinkConnectors.STANDARD.kinds())
        .load(file.toString(), overrides);
  }

  private static Overrides set(String... settings) {
    return new Overrides(
        new OutputChoice.First(),
        Optional.empty(),
        List.of(settings),
        Optional.empty(),
        Optional.empty());
  }

  private static Overrides choose(OutputChoice outputs) {
    return new Overrides(outputs, Optional.empty(), List.of(), Optional.empty(), Optional.empty());
  }

  private static Overrides sink(OutputChoice outputs, String sink, String... settings) {
    return new Overrides(
        outputs, Optional.of(sink), List.of(settings), Optional.empty(), Optional.empty());
  }

  private static String value(LoadedPipeline pipeline, String key) {
    return setting(pipeline, key).value();
  }

  private static String origin(LoadedPipeline pipeline, String key) {
    return setting(pipeline, key).origin().label();
  }

  private static Setting setting(LoadedPipeline pipeline, String key) {
    return pipeline.settings().stream()
        .filter(setting -> setting.key().equals(key))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no setting " + key));
  }

  @Test
  void leavesColumnsThatAreNotDeclaredToBeInferred() throws IOException {
    String yaml =
        """
        name: orders
        source: {kafka: {bootstrap-servers: "localhost:9092", topic: orders}}
        outputs:
          latest: {key: [id], watermark: {column: created_at, delay: 1m}}
        """;

    LoadedPipeline pipeline = load(yaml, Map.of(), Overrides.none());

    assertThat(pipeline.definition().table().isInferred()).isTrue();
    assertThat(value(pipeline, "table.columns")).isEqualTo("inferred from the messages' schema");
    assertThat(origin(pipeline, "table.columns")).isEqualTo("default");
  }

  @Test
  void takesInferredColumnsAndTheKeyThatIsNotDeclared() throws IOException {
    String yaml =
        """
        name: orders
        source: {kafka: {bootstrap-servers: "localhost:9092", topic: orders}}
        table: {text-encoding: python-bytes}
        outputs:
          all: {}
          some: {key: [name]}
          counted: {sql: SELECT 1 FROM changes}
        """;
    TableDefinition inferred =
        TableLoader.parse(
            "table: {key: [id], columns: {id: {type: int}, name: {type: string}}}", "table.yaml");

    PipelineDefinition pipeline =
        load(yaml, Map.of(), choose(new OutputChoice.All())).definition().withInferred(inferred);

    assertThat(pipeline.table().columns()).isEqualTo(inferred.columns());
    assertThat(pipeline.table().textEncoding()).isEqualTo(TextEncoding.PYTHON_BYTES);
    assertThat(pipeline.outputs())
        .extracting(OutputDefinition::name, OutputDefinition::key)
        .containsExactly(
            tuple("all", List.of("id")),
            tuple("some", List.of("name")),
            tuple("counted", List.of()));
  }

  @Test
  void givesEveryOptionalKeyItsDefault() {
    PipelineDefinition pipeline = load("minimal.yaml", Overrides.none()).definition();

    assertThat(pipeline)
        .isEqualTo(
            new PipelineDefinition(
                "minimal",
                new KafkaSourceDefinition(
                    "localhost:9092", "orders", "earliest", 1_000_000, Map.of()),
                new TableDefinition(
                    List.of(),
                    TextEncoding.NONE,
                    Set.of(),
                    OnError.REJECT,
                    List.of(new ColumnDefinition("id", "id", DataTypes.LongType, TimeUnit.NONE))),
                List.of(
                    new OutputDefinition(
                        "orders",
                        Optional.empty(),
                        VALID.resolve("minimal.yaml") + ":10: outputs.orders.sql",
                        Mode.APPEND,
                        Scope.STREAM,
                        Optional.empty(),
                        List.of(),
                        new ConsoleSink(20))),
                new FileSink("parquet", "output/dead-letters", List.of()),
                new Interval(Duration.ZERO),
                Map.of(),
                "checkpoints",
                List.of()));
  }

  @Test
  void repeatedChangesAreDeliveredUnlessAWindowIsChosen() {
    assertThat(window()).isEmpty();
    assertThat(window("source.deduplicate=false")).isEmpty();
    assertThat(window("source.deduplicate=true")).contains(Duration.ofMinutes(10));
    assertThat(window("source.deduplicate={}")).contains(Duration.ofMinutes(10));
    assertThat(window("source.deduplicate={window: 2h}")).contains(Duration.ofHours(2));
    assertThat(window("source.deduplicate.window=90s")).contains(Duration.ofSeconds(90));
    assertThat(value(load("minimal.yaml", Overrides.none()), "source.deduplicate"))
        .isEqualTo("false");
  }

  @Test
  void aSinkThatStaysAwayEndsTheRunUnlessItIsToBeDetached() {
    assertThat(load("minimal.yaml", Overrides.none()).definition().state().onSinkFailure())
        .isEqualTo(OnSinkFailure.STOP);
    assertThat(
            load("minimal.yaml", set("state.on-sink-failure=detach"))
                .definition()
                .state()
                .onSinkFailure())
        .isEqualTo(OnSinkFailure.DETACH);
  }

  @Test
  void theStateIsInRocksDbUnlessMemoryIsChosenWhoseLimitFollowsTheHeap() {
    LoadedPipeline unset = load("minimal.yaml", Overrides.none());
    assertThat(unset.definition().state().store()).isEqualTo(Store.ROCKSDB);
    assertThat(unset.definition().state().memoryMegabytes()).isZero();
    assertThat(value(unset, "state.memory-megabytes")).isEqualTo("256");

    LoadedPipeline memory = load("minimal.yaml", set("state.store=memory"));
    assertThat(memory.definition().state().store()).isEqualTo(Store.MEMORY);
    assertThat(value(memory, "state.memory-megabytes")).isEqualTo("half of the heap");

    StateDefinition limited =
        load("minimal.yaml", set("state.store=memory", "state.memory-megabytes=4096"))
            .definition()
            .state();
    assertThat(limited.memoryMegabytes()).isEqualTo(4096);
  }

  @Test
  void changesWithAKeyAreGuardedInPostgresAndTheirPositionsKept() {
    OutputDefinition guarded = postgres();
    assertThat(guarded.isOrdered()).isTrue();
    assertThat(((PostgresSink) guarded.sink()).guard()).isEqualTo(Guard.COLUMN);
    assertThat(((PostgresSink) guarded.sink()).tombstoneRetention()).isEqualTo(Duration.ofDays(7));
    assertThat(((PostgresSink) guarded.sink()).onTruncate()).isEqualTo(OnTruncate.FAIL);
    assertThat(((PostgresSink) postgres("sinks.postgres.guard=side-table").sink()).guard())
        .isEqualTo(Guard.SIDE_TABLE);
    assertThat(postgres("sinks.postgres.guard=none").isOrdered()).isFalse();
    assertThat(postgres("outputs.orders.key=[]").isOrdered()).isFalse();
  }

  private static OutputDefinition postgres(String... settings) {
    List<String> all = new ArrayList<>(List.of("outputs.orders.key=[id]"));
    all.addAll(List.of(settings));
    return load(
            "minimal.yaml", sink(new OutputChoice.First(), "postgres", all.toArray(String[]::new)))
        .definition()
        .outputs()
        .get(0);
  }

  private static Optional<Duration> window(String... settings) {
    return load("minimal.yaml", set(settings)).definition().source().deduplicationWindow();
  }

  @Test
  void givesEverySinkItsDefaults() {
    OutputChoice first = new OutputChoice.First();

    assertThat(load("minimal.yaml", sink(first, "parquet")).definition().outputs().get(0).sink())
        .isEqualTo(new FileSink("parquet", "output/orders", List.of()));
    assertThat(load("minimal.yaml", sink(first, "kafka")).definition().outputs().get(0).sink())
        .isEqualTo(new KafkaSink("localhost:9092", "processed-data", Map.of()));
    assertThat(
            load("minimal.yaml", sink(first, "kafka", "table.name=rows", "table.key=[id]"))
                .definition()
                .outputs()
                .get(0)
                .sink())
        .isEqualTo(new KafkaSink("localhost:9092", "minimal.orders", Map.of()));
    assertThat(load("minimal.yaml", set("dead-letters.sink=kafka")).definition().deadLetters())
        .isEqualTo(new KafkaSink("localhost:9092", "minimal-dead-letters", Map.of()));
    assertThat(load("minimal.yaml", set("dead-letters.sink=console")).definition().deadLetters())
        .isEqualTo(new ConsoleSink(20));
  }

  @Test
  void readsEveryKey() {
    PipelineDefinition pipeline =
        load("complete.yaml", choose(new OutputChoice.All())).definition();

    assertThat(pipeline.name()).isEqualTo("complete-1");
    assertThat(pipeline.source())
        .isEqualTo(
            new KafkaSourceDefinition(
                "one.example:9092, [::1]:9093",
                "shop.public.orders",
                Optional.of("corrected-orders"),
                "{\"shop.public.orders\": {\"0\": 23, \"1\": -2}}",
                500,
                Map.of("kafka.security.protocol", "SASL_SSL", "minPartitions", "4"),
                KafkaSourceDefinition.Format.DEBEZIUM_JSON,
                Duration.ofSeconds(30)));
    assertThat(pipeline.table())
        .isEqualTo(
            new TableDefinition(
                    List.of("id", "Line"),
                    TextEncoding.NONE,
                    Set.of(""),
                    OnError.FAIL,
                    List.of(
                        new ColumnDefinition("id", "id", DataTypes.LongType, TimeUnit.NONE),
                        new ColumnDefinition("Line", "line/no", DataTypes.ShortType, TimeUnit.NONE),
                        new ColumnDefinition(
                            "active", "active", DataTypes.BooleanType, TimeUnit.NONE),
                        new ColumnDefinition(
                            "count", "count", DataTypes.IntegerType, TimeUnit.NONE),
                        new ColumnDefinition("ratio", "ratio", DataTypes.FloatType, TimeUnit.NONE),
                        new ColumnDefinition(
                            "weight", "weight", DataTypes.DoubleType, TimeUnit.NONE),
                        new ColumnDefinition(
                            "price", "price", DataTypes.createDecimalType(10, 2), TimeUnit.NONE),
                        new ColumnDefinition(
                            "total", "total", DataTypes.createDecimalType(38, 38), TimeUnit.NONE),
                        new ColumnDefinition("note", "note", DataTypes.StringType, TimeUnit.NONE),
                        new ColumnDefinition(
                            "payload", "payload", DataTypes.BinaryType, TimeUnit.NONE),
                        new ColumnDefinition(
                            "ordered_on", "ordered_on", DataTypes.DateType, TimeUnit.DAYS),
                        new ColumnDefinition(
                            "shipped_on", "shipped_on", DataTypes.DateType, TimeUnit.ISO),
                        new ColumnDefinition(
                            "created", "created", DataTypes.TimestampType, TimeUnit.MICROS),
                        new ColumnDefinition(
                            "updated", "updated", DataTypes.TimestampType, TimeUnit.NANOS)))
                .with(ReplicaIdentity.ofIndex("orders_number_key")));
    assertThat(pipeline.outputs())
        .containsExactly(
            new OutputDefinition(
                "totals",
                Optional.of(
                    """
                    SELECT note, count(*) AS n
                    FROM changes
                    WHERE note <> '${literal}'
                    GROUP BY note
                    """),
                VALID.resolve("complete.yaml") + ":38: outputs.totals.sql",
                Mode.COMPLETE,
                Scope.STREAM,
                Optional.of(new Watermark("created", Duration.ofMillis(500))),
                List.of("note"),
                new KafkaSink(
                    "other:9092",
                    "results-totals",
                    Map.of("client.id", "millrace-totals", "compression.type", "zstd"))),
            new OutputDefinition(
                "archive",
                Optional.empty(),
                VALID.resolve("complete.yaml") + ":47: outputs.archive.sql",
                Mode.APPEND,
                Scope.STREAM,
                Optional.empty(),
                List.of("id", "offset"),
                new FileSink("parquet", "hdfs://name/archive", List.of("op"))));
    assertThat(pipeline.deadLetters())
        .isEqualTo(new KafkaSink("one.example:9092, [::1]:9093", "bad-orders", Map.of()));
    assertThat(pipeline.trigger()).isEqualTo(new AvailableNow());
    assertThat(pipeline.sparkConf()).isEqualTo(Map.of("spark.sql.shuffle.partitions", "4"));
    assertThat(pipeline.checkpoints()).isEqualTo("hdfs://name/positions");
    assertThat(pipeline.logFolder()).contains("/var/log/millrace");
  }

  @Test
  void readsATableOfCassandraAndALookupInOne() throws IOException {
    PipelineDefinition pipeline =
        load(
                """
                name: export
                source:
                  cassandra:
                    keyspace: shop
                    table: orders
                    contact-points: one:9042, two:9042
                    username: reader
                    password: secret
                    consistency: one
                    splits: 64
                    sample: 0
                lookups:
                  prices:
                    cassandra: {keyspace: shop, table: prices, reload: 30s}
                  names:
                    cassandra: {keyspace: shop, table: Names, reload: never}
                outputs:
                  all: {}
                """,
                Map.of(),
                Overrides.none())
            .definition();

    CassandraConnection lookups =
        new CassandraConnection(
            "lookups.prices.cassandra",
            List.of("localhost:9042"),
            "datacenter1",
            "",
            "",
            Duration.ofMinutes(10),
            Map.of());
    assertThat(pipeline.source())
        .isEqualTo(
            new CassandraSourceDefinition(
                new CassandraTableName(
                    new CassandraConnection(
                        "source.cassandra",
                        List.of("one:9042", "two:9042"),
                        "datacenter1",
                        "reader",
                        "secret",
                        Duration.ofMinutes(10),
                        Map.of()),
                    "one",
                    "shop",
                    "orders"),
                64,
                0,
                List.of(),
                List.of()));
    assertThat(pipeline.lookups().get(0))
        .isEqualTo(
            new LookupDefinition.CassandraLookup(
                "prices",
                new CassandraTableName(lookups, "local-quorum", "shop", "prices"),
                Optional.of(Duration.ofSeconds(30))));
    assertThat(((LookupDefinition.CassandraLookup) pipeline.lookups().get(1)).reload()).isEmpty();
    assertThat(pipeline.trigger()).isEqualTo(new AvailableNow());
    assertThat(pipeline.toString()).doesNotContain("secret");
  }

  @Test
  void keyOfRowsThatTheSourceKnowsIsThatOfOutputsWithoutSqlAndKey() throws IOException {
    PipelineDefinition pipeline =
        load(
                """
                name: export
                source: {cassandra: {keyspace: shop, table: orders}}
                outputs:
                  all: {}
                  other: {key: [day]}
                  some: {sql: SELECT id FROM rows}
                """,
                Map.of(),
                choose(new OutputChoice.All()))
            .definition();
    CassandraSourceDefinition source = (CassandraSourceDefinition) pipeline.source();

    PipelineDefinition found =
        pipeline.withSource(
            source.with(
                List.of(
                    DataTypes.createStructField("shop", DataTypes.StringType, true),
                    DataTypes.createStructField("id", DataTypes.LongType, true)),
                List.of("shop", "id")));

    assertThat(found.outputs())
        .extracting(OutputDefinition::name, OutputDefinition::key)
        .containsExactly(
            tuple("all", List.of("shop", "id")),
            tuple("other", List.of("day")),
            tuple("some", List.of()));
    assertThat(found.relation().columns().fieldNames()).containsExactly("shop", "id");
  }

  @Test
  void keyOfAnOutputWithoutSqlIsThatOfTheTable() throws IOException {
    LoadedPipeline pipeline = load(TWO_OUTPUTS, Map.of(), set("table.key=[id]"));

    assertThat(pipeline.definition().outputs().get(0).key()).containsExactly("id");
    assertThat(
            load(TWO_OUTPUTS, Map.of(), set("table.key=[id]", "outputs.first.sql=SELECT 1 AS one"))
                .definition()
                .outputs()
                .get(0)
                .key())
        .isEmpty();
  }

  @Test
  void flagBeatsEnvironmentBeatsFileBeatsDefault() throws IOException {
    String key = "outputs.first.sink";
    Map<String, String> environment = Map.of("SINK", "kafka");

    LoadedPipeline byDefault =
        load(TWO_OUTPUTS.replace("${SINK:-parquet}", "console"), Map.of(), set("name=renamed"));
    LoadedPipeline byFile = load(TWO_OUTPUTS, Map.of(), Overrides.none());
    LoadedPipeline byEnvironment = load(TWO_OUTPUTS, environment, Overrides.none());
    LoadedPipeline bySink =
        load(TWO_OUTPUTS, environment, sink(new OutputChoice.First(), "console"));
    LoadedPipeline bySet =
        load(
            TWO_OUTPUTS,
            environment,
            sink(new OutputChoice.First(), "console", "outputs.first.sink=parquet"));

    assertThat(origin(byDefault, "outputs.first.mode")).isEqualTo("default");
    assertThat(origin(byDefault, "name")).isEqualTo("flag --set");
    assertThat(List.of(value(byFile, key), origin(byFile, key)))
        .containsExactly("parquet", "orders.yaml:11");
    assertThat(List.of(value(byEnvironment, key), origin(byEnvironment, key)))
        .containsExactly("kafka", "environment SINK");
    assertThat(List.of(value(bySink, key), origin(bySink, key)))
        .containsExactly("console", "flag --sink");
    assertThat(List.of(value(bySet, key), origin(bySet, key)))
        .containsExactly("parquet", "flag --set");
    assertThat(bySet.definition().outputs().get(0).sink().kind()).isEqualTo("parquet");
  }

  @Test
  void emptyVariableTakesTheDefault() throws IOException {
    LoadedPipeline pipeline = load(TWO_OUTPUTS, Map.of("SINK", "", "TOPIC", ""), Overrides.none());

    assertThat(((KafkaSourceDefinition) pipeline.definition().source()).topic())
        .isEqualTo("orders");
    assertThat(origin(pipeline, "source.kafka.topic")).isEqualTo("orders.yaml:5");
  }

  @Test
  void sinkFlagSwitchesTheChosenOutputsOnly() throws IOException {
    LoadedPipeline pipeline =
        load(TWO_OUTPUTS, Map.of(), sink(new OutputChoice.Named(List.of("second")), "console"));

    assertThat(pipeline.definition().outputs())
        .extracting(OutputDefinition::name, output -> output.sink().kind())
        .containsExactly(tuple("second", "console"));
    assertThat(value(pipeline, "outputs.first.sink")).isEqualTo("parquet");
  }

  @Test
  void sinkFlagReachesOutputsWithoutKeysAndThoseOfFlags() throws IOException {
    OutputChoice all = new OutputChoice.All();
    String bare = TWO_OUTPUTS.substring(0, TWO_OUTPUTS.indexOf("  first:")) + "  first:\n";

    assertThat(load(bare, Map.of(), sink(all, "kafka")).definition().outputs())
        .extracting(OutputDefinition::name, output -> output.sink().kind())
        .containsExactly(tuple("first", "kafka"));
    assertThat(
            load(
                    bare,
                    Map.of(),
                    sink(all, "kafka", "outputs={second: {}}", "outputs.third={scope: batch}"))
                .definition()
                .outputs())
        .extracting(OutputDefinition::name, output -> output.sink().kind())
        .containsExactly(tuple("second", "kafka"), tuple("third", "kafka"));
  }

  @Test
  void refusesToChooseFromOutputsThatAreNotThere() {
    assertThatThrownBy(
            () ->
                load(
                    TWO_OUTPUTS,
                    Map.of(),
                    new Overrides(
                        new OutputChoice.Named(List.of("second")),
                        Optional.empty(),
                        List.of("outputs={third: {}}"),
                        Optional.empty(),
                        Optional.empty())))
        .hasMessage("flag --output: unknown output 'second'. Use third.");
  }

  @Test
  void choosesOutputsInTheOrderOfTheFile() throws IOException {
    assertThat(
            load(TWO_OUTPUTS, Map.of(), choose(new OutputChoice.Named(List.of("second", "first"))))
                .definition()
                .outputs())
        .extracting(OutputDefinition::name)
        .containsExactly("first", "second");
    assertThat(load(TWO_OUTPUTS, Map.of(), choose(new OutputChoice.First())).definition().outputs())
        .extracting(OutputDefinition::name)
        .containsExactly("first");
  }

  @Test
  void setsKeysThatHaveDots() throws IOException {
    PipelineDefinition pipeline =
        load(
                TWO_OUTPUTS,
                Map.of(),
                set(
                    "spark.conf.spark.sql.shuffle.partitions=4",
                    "source.kafka.options.kafka.security.protocol=SASL_SSL"))
            .definition();

    assertThat(pipeline.sparkConf()).isEqualTo(Map.of("spark.sql.shuffle.partitions", "4"));
    assertThat(((KafkaSourceDefinition) pipeline.source()).options())
        .isEqualTo(Map.of("kafka.security.protocol", "SASL_SSL"));
  }

  @Test
  void setsListsAndMappingsWrittenAsYaml() throws IOException {
    PipelineDefinition pipeline =
        load(
                TWO_OUTPUTS,
                Map.of(),
                set(
                    "table.null-tokens=['', nan]",
                    "table.columns.price={type: \"decimal(10,2)\"}",
                    "table.columns.price.from=cost",
                    "source.kafka.starting-offsets={\"orders\": {\"0\": 7}}"))
            .definition();

    assertThat(pipeline.table().nullTokens()).isEqualTo(Set.of("", "nan"));
    assertThat(pipeline.table().columns())
        .contains(
            new ColumnDefinition(
                "price", "cost", DataTypes.createDecimalType(10, 2), TimeUnit.NONE));
    assertThat(((KafkaSourceDefinition) pipeline.source()).startingOffsets())
        .isEqualTo("{\"orders\": {\"0\": 7}}");
  }

  @Test
  void availableNowReplacesTheTriggerOfTheFile() throws IOException {
    Overrides overrides =
        new Overrides(
            new OutputChoice.First(),
            Optional.empty(),
            List.of(),
            Optional.of(TriggerOverride.AVAILABLE_NOW),
            Optional.of("/positions"));

    LoadedPipeline pipeline = load(TWO_OUTPUTS + "trigger: {interval: 10s}\n", Map.of(), overrides);

    assertThat(pipeline.definition().trigger()).isEqualTo(new AvailableNow());
    assertThat(origin(pipeline, "trigger.available-now")).isEqualTo("flag --available-now");
    assertThat(pipeline.definition().checkpoints()).isEqualTo("/positions");
    assertThat(origin(pipeline, "checkpoints")).isEqualTo("flag --checkpoints");
    assertThat(
            load(
                    TWO_OUTPUTS + "trigger: {interval: 10s}\n",
                    Map.of(),
                    set("trigger.available-now=true"))
                .definition()
                .trigger())
        .isEqualTo(new AvailableNow());
  }

  @Test
  void readsDurations() throws IOException {
    Map<String, Duration> durations =
        Map.of(
            "500ms", Duration.ofMillis(500),
            "10 seconds", Duration.ofSeconds(10),
            "1 minute", Duration.ofMinutes(1),
            "1m", Duration.ofMinutes(1),
            "2h", Duration.ofHours(2),
            "3 days", Duration.ofDays(3));
    for (Map.Entry<String, Duration> duration : durations.entrySet()) {
      assertThat(
              load(TWO_OUTPUTS, Map.of(), set("trigger.interval=" + duration.getKey()))
                  .definition()
                  .trigger())
          .isEqualTo(new Interval(duration.getValue()));
    }
  }

  @Test
  void masksSecrets() throws IOException {
    String secrets =
        TWO_OUTPUTS
            + """
            checkpoints: s3a://user:hunter2@bucket/positions
            spark:
              conf:
                spark.hadoop.fs.s3a.access.key: hunter2
                spark.hadoop.fs.s3a.endpoint: https://endpoint
                spark.app.label: from-${VAULT_TOKEN}
            sinks:
              kafka:
                options:
                  sasl.jaas.config: PlainLoginModule password="hunter2";
                  ssl.keystore.location: keys.jks
                  ssl.keystore.key: hunter2
                  ssl.key.password: hunter2
            """;

    LoadedPipeline pipeline = load(secrets, Map.of("VAULT_TOKEN", "hunter2"), Overrides.none());

    assertThat(pipeline.settings()).noneMatch(setting -> setting.value().contains("hunter2"));
    assertThat(value(pipeline, "checkpoints")).isEqualTo("s3a://user:******@bucket/positions");
    assertThat(value(pipeline, "spark.conf.spark.hadoop.fs.s3a.access.key")).isEqualTo("******");
    assertThat(value(pipeline, "spark.conf.spark.hadoop.fs.s3a.endpoint"))
        .isEqualTo("https://endpoint");
    assertThat(value(pipeline, "spark.conf.spark.app.label")).isEqualTo("******");
    assertThat(origin(pipeline, "spark.conf.spark.app.label")).isEqualTo("environment VAULT_TOKEN");
    assertThat(value(pipeline, "sinks.kafka.options.sasl.jaas.config")).isEqualTo("******");
    assertThat(value(pipeline, "sinks.kafka.options.ssl.keystore.location")).isEqualTo("keys.jks");
    assertThat(value(pipeline, "sinks.kafka.options.ssl.keystore.key")).isEqualTo("******");
    assertThat(pipeline.definition().sparkConf()).containsEntry("spark.app.label", "from-hunter2");
  }

  @Test
  void nullTokensAreNoSecrets() throws IOException {
    assertThat(
            value(load(TWO_OUTPUTS, Map.of(), set("table.null-tokens=[nan]")), "table.null-tokens"))
        .isEqualTo("[nan]");
  }

  @Test
  void tellsProblemsOfFlagsAfterThoseOfTheFile() {
    Overrides overrides =
        sink(
            new OutputChoice.Named(List.of("frist")),
            "parqet",
            "sinks.kafka",
            "name.first=x",
            "sinks.console.row=1",
            "table.key=[");

    assertThatThrownBy(() -> load(TWO_OUTPUTS + "extra: 1\n", Map.of(), overrides))
        .isInstanceOfSatisfying(
            UserException.class,
            problem ->
                assertThat(problem.problems())
                    .containsExactly(
                        folder.resolve("orders.yaml")
                            + ":14: extra: unknown key 'extra'. Use one of name, source, table,"
                            + " outputs, sinks, lookups, trigger, state, dead-letters, spark, checkpoints, log-folder.",
                        "flag --set: 'sinks.kafka' has no value. Write --set key.path=value.",
                        "flag --set: name.first: 'name' is a single value and has no keys. Set it"
                            + " as a whole.",
                        "flag --output: unknown output 'frist'. Use one of first, second. Did you"
                            + " mean 'first'?",
                        "flag --sink: invalid value 'parqet'. Use one of console, parquet, orc, csv, json, text, kafka, cassandra, postgres, iceberg."
                            + " Did you mean 'parquet'?",
                        "flag --set: table.key: not valid YAML: while parsing a flow node (line"
                            + " 1), expected the node content, but found '<stream end>'.",
                        "flag --set: sinks.console.row: unknown key 'row'. Use rows. Did you mean"
                            + " 'rows'?"));
  }

  @Test
  void refusesOutputsThatShareAFolder() {
    assertThatThrownBy(
            () ->
                load(
                    TWO_OUTPUTS + "sinks: {parquet: {path: output/all}}\n",
                    Map.of(),
                    choose(new OutputChoice.All())))
        .hasMessage(
            folder.resolve("orders.yaml")
                + ":12: outputs.second: would write to the folder 'output/all', which overlaps with"
                + " 'output/all' of outputs.first. Use folders apart; {output} stands for the"
                + " output's name.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "output/./dead-letters",
        "./output/dead-letters/",
        "output//dead-letters",
        "output/x/../dead-letters",
        "file:{home}/output/dead-letters",
        "file://{home}/output/dead-letters",
        "FILE:///{home}/output/dead-letters/below"
      })
  void refusesTheFolderOfTheDeadLettersHoweverItIsSpelled(String spelled) {
    String path = spelled.replace("{home}", Path.of("").toAbsolutePath().toString());

    assertThatThrownBy(
            () ->
                load(
                    TWO_OUTPUTS + "sinks: {parquet: {path: '" + path + "'}}\n",
                    Map.of(),
                    Overrides.none()))
        .hasMessageContaining(
            "would write to the folder 'output/dead-letters', which overlaps with '" + path + "'");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"s3a://bucket/rides", "s3://bucket/rides", "GS://bucket", "wasbs://c@a/b"})
  void refusesAStoreThatDoesNotRenameAFolderInOneStep(String path) {
    assertThatThrownBy(
            () ->
                load(
                    TWO_OUTPUTS + "sinks: {parquet: {path: '" + path + "'}}\n",
                    Map.of(),
                    Overrides.none()))
        .hasMessageContaining(
            "sinks.parquet.path: invalid value '" + path + "'. A batch of files is")
        .hasMessageContaining(
            "Use a folder of a file system that renames atomically (abfs, abfss, file, hdfs, maprfs,"
                + " o3fs, ofs, swebhdfs, viewfs, webhdfs), or the sink kafka");
  }

  @Test
  void takesAFileSystemThatRenamesAtomically() throws IOException {
    assertThat(
            load(
                    """
                    name: orders
                    source: {kafka: {topic: orders, bootstrap-servers: 'localhost:9092'}}
                    table: {columns: {id: {type: bigint}}}
                    outputs: {all: {sink: parquet}}
                    sinks: {parquet: {path: 'hdfs://name:8020/rides'}}
                    """,
                    Map.of(),
                    Overrides.none())
                .definition()
                .outputs()
                .get(0)
                .sink()
                .place())
        .isEqualTo("parquet files in hdfs://name:8020/rides");
  }

  @Test
  void showsNoOptionsThatMayBeSecret() throws IOException {
    String secret = "tr0mpet";
    String text =
        load(
                TWO_OUTPUTS
                    + "sinks: {kafka: {options: {sasl.jaas.config: %s, ssl.keystore.key: %s}}}\n"
                        .formatted(secret, secret)
                    + "dead-letters: {sink: kafka, options: {my.token: %s}}\n".formatted(secret)
                    + "spark: {conf: {spark.hadoop.fs.s3a.secret.key: %s}}\n".formatted(secret),
                Map.of("SINK", "kafka"),
                Overrides.none())
            .definition()
            .toString();

    assertThat(text).doesNotContain(secret).contains("my.token", "spark.hadoop.fs.s3a.secret.key");
  }

  @Test
  void saysThatAFileIsMissing() {
    String file = folder.resolve("missing.yaml").toString();

    assertThatThrownBy(
            () ->
                new PipelineLoader(Map.of(), SinkConnectors.STANDARD.kinds())
                    .load(file, Overrides.none()))
        .isInstanceOf(UserException.class)
        .hasMessage(file + ": can't be read: there is no such file. Name a pipeline file.");
  }

  @Test
  void saysThatAFileIsAFolder() {
    assertThatThrownBy(
            () ->
                new PipelineLoader(Map.of(), SinkConnectors.STANDARD.kinds())
                    .load(folder.toString(), Overrides.none()))
        .isInstanceOf(UserException.class)
        .hasMessage(folder + ": can't be read: it is a folder. Name a pipeline file.");
  }

  @Test
  void saysThatAFileIsNoText() throws IOException {
    Path file =
        Files.write(
            folder.resolve("latin.yaml"), "name: caf\u00e9".getBytes(StandardCharsets.ISO_8859_1));

    assertThatThrownBy(
            () ->
                new PipelineLoader(Map.of(), SinkConnectors.STANDARD.kinds())
                    .load(file.toString(), Overrides.none()))
        .isInstanceOf(UserException.class)
        .hasMessage(file + ": is not UTF-8 text. Save it as UTF-8.");
  }
}
