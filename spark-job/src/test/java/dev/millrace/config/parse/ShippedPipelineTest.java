package dev.millrace.config.parse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import dev.millrace.config.ColumnDefinition;
import dev.millrace.config.ColumnDefinition.TimeUnit;
import dev.millrace.config.KafkaSourceDefinition;
import dev.millrace.config.OutputDefinition;
import dev.millrace.config.OutputDefinition.Mode;
import dev.millrace.config.OutputDefinition.Scope;
import dev.millrace.config.OutputDefinition.Watermark;
import dev.millrace.config.PipelineDefinition;
import dev.millrace.config.SinkDefinition.ConsoleSink;
import dev.millrace.config.SinkDefinition.FileSink;
import dev.millrace.config.SinkDefinition.KafkaSink;
import dev.millrace.config.TableDefinition;
import dev.millrace.config.TableDefinition.OnError;
import dev.millrace.config.TextEncoding;
import dev.millrace.config.TriggerDefinition.Interval;
import dev.millrace.config.parse.Overrides.OutputChoice;
import dev.millrace.pipeline.SinkConnectors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ShippedPipelineTest {

  private static final String FILE =
      Path.of(System.getProperty("millrace.home"), "pipelines", "ride-bookings.yaml").toString();

  private static final Overrides ALL_OUTPUTS =
      new Overrides(
          new OutputChoice.All(), Optional.empty(), List.of(), Optional.empty(), Optional.empty());

  private static PipelineDefinition load(Map<String, String> environment, Overrides overrides) {
    return new PipelineLoader(environment, SinkConnectors.STANDARD.kinds())
        .load(FILE, overrides)
        .definition();
  }

  /** Every pipeline file that is shipped. */
  static Stream<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(Path.of(FILE).getParent())) {
      return files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void isValidWithoutAnyEnvironment(Path file) {
    assertThat(
            new PipelineLoader(Map.of(), SinkConnectors.STANDARD.kinds())
                .load(file.toString(), ALL_OUTPUTS)
                .definition())
        .isNotNull();
  }

  @Test
  void readsEveryColumnOfTheTable() {
    TableDefinition table = load(Map.of(), Overrides.none()).table();

    assertThat(table.columns()).hasSize(24);
    assertThat(table.columns())
        .contains(
            new ColumnDefinition("id", "id", DataTypes.LongType, TimeUnit.NONE),
            new ColumnDefinition(
                "booking_date", "ncr_ride_bookings.csv/date", DataTypes.DateType, TimeUnit.ISO),
            new ColumnDefinition(
                "booking_value",
                "ncr_ride_bookings.csv/booking+value",
                DataTypes.DoubleType,
                TimeUnit.NONE),
            new ColumnDefinition(
                "created_at_ts", "created_at", DataTypes.TimestampType, TimeUnit.MICROS));
    assertThat(table.key()).containsExactly("id");
    assertThat(table.textEncoding()).isEqualTo(TextEncoding.PYTHON_BYTES);
    assertThat(table.nullTokens()).isEqualTo(Set.of("", "null", "NULL", "nan", "NaN", "None"));
    assertThat(table.onError()).isEqualTo(OnError.REJECT);
  }

  @Test
  void needsNoEnvironment() {
    PipelineDefinition pipeline = load(Map.of(), Overrides.none());

    assertThat(pipeline.name()).isEqualTo("ride-bookings");
    assertThat(pipeline.source())
        .isEqualTo(
            new KafkaSourceDefinition(
                "localhost:9092",
                "business_postgres.public.business_ncr_ride_bookings",
                Optional.of("millrace.ride-bookings.replay"),
                "earliest",
                1_000_000,
                Map.of(),
                KafkaSourceDefinition.Format.DEBEZIUM_JSON));
    assertThat(pipeline.outputs()).extracting(OutputDefinition::name).containsExactly("bookings");
    assertThat(pipeline.outputs().get(0).sink()).isEqualTo(new ConsoleSink(20));
    assertThat(pipeline.deadLetters())
        .isEqualTo(new FileSink("parquet", "output/dead-letters", List.of()));
    assertThat(pipeline.trigger()).isEqualTo(new Interval(Duration.ZERO));
    assertThat(pipeline.sparkConf()).isEmpty();
    assertThat(pipeline.checkpoints()).isEqualTo("checkpoints");
  }

  @Test
  void takesItsVariablesFromTheEnvironment() {
    Map<String, String> environment =
        Map.of(
            "KAFKA_BOOTSTRAP_SERVERS", "one:9092,two:9092",
            "KAFKA_TOPIC", "rides",
            "SINK", "kafka",
            "OUTPUT_DIR", "/data",
            "OUTPUT_TOPIC", "bookings-{output}",
            "CHECKPOINT_DIR", "/positions");

    PipelineDefinition pipeline = load(environment, ALL_OUTPUTS);

    assertThat(((KafkaSourceDefinition) pipeline.source()).bootstrapServers())
        .isEqualTo("one:9092,two:9092");
    assertThat(((KafkaSourceDefinition) pipeline.source()).topic()).isEqualTo("rides");
    assertThat(pipeline.outputs())
        .extracting(OutputDefinition::sink)
        .contains(new KafkaSink("one:9092,two:9092", "bookings-high-value", Map.of()))
        .hasSize(5)
        .hasOnlyElementsOfType(KafkaSink.class);
    assertThat(pipeline.deadLetters())
        .isEqualTo(new FileSink("parquet", "/data/dead-letters", List.of()));
    assertThat(pipeline.checkpoints()).isEqualTo("/positions");
  }

  @Test
  void hasFiveOutputs() {
    List<OutputDefinition> outputs = load(Map.of("SINK", "parquet"), ALL_OUTPUTS).outputs();

    assertThat(outputs)
        .extracting(
            OutputDefinition::name,
            OutputDefinition::mode,
            OutputDefinition::scope,
            OutputDefinition::key,
            output -> ((FileSink) output.sink()).path())
        .containsExactly(
            tuple("bookings", Mode.APPEND, Scope.STREAM, List.of("id"), "output/bookings"),
            tuple("high-value", Mode.APPEND, Scope.STREAM, List.of("id"), "output/high-value"),
            tuple(
                "average-by-operation",
                Mode.UPDATE,
                Scope.STREAM,
                List.of("op"),
                "output/average-by-operation"),
            tuple(
                "changes-per-minute",
                Mode.APPEND,
                Scope.STREAM,
                List.of("w", "op"),
                "output/changes-per-minute"),
            tuple("numbered", Mode.APPEND, Scope.BATCH, List.of(), "output/numbered"));
    assertThat(outputs.get(0).sql()).isEmpty();
    assertThat(outputs.get(4).sql())
        .contains(
            "SELECT *, row_number() OVER (PARTITION BY op ORDER BY created_at_ts, partition,"
                + " offset) AS row_number FROM changes");
    assertThat(outputs.get(3).watermark())
        .contains(new Watermark("source_ts", Duration.ofSeconds(10)));
    assertThat(outputs.get(1).sqlPlace())
        .matches(".*ride-bookings\\.yaml:\\d+: outputs\\.high-value\\.sql");
  }
}
