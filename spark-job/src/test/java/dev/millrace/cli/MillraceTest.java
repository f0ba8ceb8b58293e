package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.config.CompactionOptions;
import dev.millrace.config.KafkaSourceDefinition;
import dev.millrace.config.OutputDefinition;
import dev.millrace.config.PipelineDefinition;
import dev.millrace.config.TriggerDefinition.AvailableNow;
import dev.millrace.error.UserErrors;
import dev.millrace.pipeline.checkpoint.Acceptance;
import dev.millrace.table.InferenceSource;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class MillraceTest {

  private static final String MINIMAL =
      Path.of("src/test/resources/pipelines/valid/minimal.yaml").toString();

  private static final String RIDES =
      Path.of(System.getProperty("millrace.home"), "pipelines", "ride-bookings.yaml").toString();

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final RecordingEngine engine = new RecordingEngine();

  /** Keeps what it was asked for. */
  private static class RecordingEngine implements PipelineEngine {
    private final List<PipelineDefinition> ran = new ArrayList<>();
    private final List<PipelineDefinition> validated = new ArrayList<>();
    private final List<InferenceSource> inferred = new ArrayList<>();
    private final List<Integer> samples = new ArrayList<>();
    private final List<String> previewed = new ArrayList<>();
    private final List<String> queried = new ArrayList<>();

    @Override
    public void run(PipelineDefinition pipeline, Set<Acceptance> accepted, PrintWriter writer) {
      ran.add(pipeline);
    }

    @Override
    public void preview(PipelineDefinition pipeline, int messages, PrintWriter writer) {
      previewed.add(pipeline.name() + " " + messages);
    }

    @Override
    public void query(PipelineDefinition pipeline, String sql, int maxRows, PrintWriter writer) {
      queried.add(pipeline.outputs().size() + " outputs, " + maxRows + " rows: " + sql);
    }

    @Override
    public void verify(
        PipelineDefinition pipeline, Duration wait, int maxRows, PrintWriter writer) {
      queried.add(pipeline.outputs().size() + " outputs, " + wait + ", " + maxRows + " rows");
    }

    @Override
    public void rebuild(PipelineDefinition pipeline, PrintWriter writer) {
      queried.add("rebuild of " + pipeline.outputs().size() + " outputs");
    }

    @Override
    public void compact(
        PipelineDefinition pipeline,
        CompactionOptions options,
        Optional<Duration> interval,
        PrintWriter writer) {
      queried.add(pipeline.outputs().size() + " outputs, " + options + ", " + interval);
    }

    @Override
    public void validate(PipelineDefinition pipeline, PrintWriter writer) {
      validated.add(pipeline);
    }

    @Override
    public void infer(InferenceSource source, int most, PrintWriter yaml, PrintWriter notes) {
      inferred.add(source);
      samples.add(most);
    }
  }

  private int execute(String... arguments) {
    return execute(Map.of(), engine, arguments);
  }

  private int execute(
      Map<String, String> environment, PipelineEngine pipelines, String... arguments) {
    CommandLine commandLine =
        Millrace.commandLine(environment, pipelines)
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err));
    return commandLine.execute(arguments);
  }

  @Test
  void runsTheFirstOutput() {
    assertThat(execute("run", RIDES)).isZero();

    assertThat(engine.ran).hasSize(1);
    assertThat(engine.ran.get(0).outputs())
        .extracting(OutputDefinition::name)
        .containsExactly("bookings");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void passesFlagsOn() {
    int exitCode =
        execute(
            "run",
            RIDES,
            "--output",
            "numbered",
            "--output",
            "high-value",
            "--sink",
            "kafka",
            "--available-now",
            "--checkpoints",
            "/positions",
            "--set",
            "spark.conf.spark.sql.shuffle.partitions=4",
            "--set",
            "source.kafka.starting-offsets=latest");

    assertThat(exitCode).isZero();
    PipelineDefinition pipeline = engine.ran.get(0);
    assertThat(pipeline.outputs())
        .extracting(OutputDefinition::name)
        .containsExactly("high-value", "numbered");
    assertThat(pipeline.outputs()).allMatch(output -> output.sink().kind().equals("kafka"));
    assertThat(pipeline.trigger()).isEqualTo(new AvailableNow());
    assertThat(pipeline.checkpoints()).isEqualTo("/positions");
    assertThat(pipeline.sparkConf()).isEqualTo(Map.of("spark.sql.shuffle.partitions", "4"));
    assertThat(((KafkaSourceDefinition) pipeline.source()).startingOffsets()).isEqualTo("latest");
  }

  @Test
  void previewsSoManyMessages() {
    assertThat(execute("preview", RIDES, "-n", "3")).isZero();
    assertThat(execute("preview", RIDES)).isZero();

    assertThat(engine.previewed).containsExactly("ride-bookings 3", "ride-bookings 10");
    assertThat(execute("preview", RIDES, "-n", "0")).isEqualTo(2);
    assertThat(err.toString().lines())
        .containsExactly("error: -n: invalid value '0'. Use a whole number from 1 upwards.");
  }

  @Test
  void queriesVerifiesAndRebuildsTheViewsOfAllOutputs() {
    assertThat(execute("query", RIDES, "SELECT 1", "--max-rows", "7")).isZero();
    assertThat(execute("query", RIDES, "SELECT 1")).isZero();
    assertThat(execute("verify", RIDES, "--wait", "90s")).isZero();
    assertThat(execute("verify", RIDES)).isZero();
    assertThat(execute("rebuild", RIDES)).isZero();

    assertThat(engine.queried)
        .containsExactly(
            "5 outputs, 7 rows: SELECT 1",
            "5 outputs, 1000 rows: SELECT 1",
            "5 outputs, PT1M30S, 10 rows",
            "5 outputs, PT0S, 10 rows",
            "rebuild of 5 outputs");
    assertThat(execute("query", RIDES)).isEqualTo(2);
    assertThat(err.toString())
        .isEqualTo("error: missing required parameter: 'SQL'. See 'millrace query --help'.\n");
    assertThat(execute("verify", RIDES, "--wait", "soon")).isEqualTo(2);
    assertThat(err.toString()).contains("error: --wait: invalid value 'soon'. Use ");
  }

  @Test
  void compactsAllOutputs() {
    assertThat(execute("compact", RIDES)).isZero();
    assertThat(
            execute(
                "compact",
                RIDES,
                "--output",
                "bookings",
                "--file-size",
                "2",
                "--every",
                "15m",
                "--keep-newest",
                "3",
                "--keep-age",
                "7d"))
        .isZero();

    assertThat(engine.queried)
        .containsExactly(
            "5 outputs, CompactionOptions[fileBytes=134217728, isFullOnly=false, keep=Optional.empty],"
                + " Optional.empty",
            "1 outputs, CompactionOptions[fileBytes=2097152, isFullOnly=true, keep=Optional[Retention["
                + "newest=OptionalInt[3], age=Optional[PT168H]]]], Optional[PT15M]");
    assertThat(
            execute("compact", RIDES, "--file-size", "0", "--keep-newest", "0", "--every", "often"))
        .isEqualTo(2);
    assertThat(err.toString())
        .contains("--file-size: invalid value 0.", "--keep-newest: invalid value 0.")
        .contains("--every: invalid value 'often'. Use a duration such as 500ms");
  }

  @Test
  void runsAllOutputs() {
    assertThat(execute("run", RIDES, "--all-outputs")).isZero();

    assertThat(engine.ran.get(0).outputs()).hasSize(5);
  }

  @Test
  void validateShowsEveryValueAndItsOrigin() {
    int exitCode =
        execute(
            Map.of("SINK", "parquet"),
            engine,
            "validate",
            RIDES,
            "--set",
            "sinks.kafka.options.sasl.jaas.config=hunter2");

    assertThat(exitCode).isZero();
    assertThat(engine.ran).isEmpty();
    assertThat(engine.validated.get(0).outputs()).hasSize(5);
    assertThat(out.toString().lines().map(line -> line.replaceAll(" {2,}", " | ")))
        .startsWith("KEY | VALUE | ORIGIN", "name | ride-bookings | ride-bookings.yaml:10")
        .contains(
            "outputs.bookings.sink | parquet | environment SINK",
            "outputs.bookings.mode | append | default",
            "sinks.kafka.options.sasl.jaas.config | ****** | flag --set")
        .endsWith(RIDES + " is valid.");
    assertThat(out.toString()).doesNotContain("hunter2");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void validateNotesThatADateDropsATimeOfDay() {
    String users =
        Path.of(System.getProperty("millrace.home"), "pipelines", "users.yaml").toString();

    assertThat(execute("validate", users)).isZero();

    assertThat(out.toString().lines())
        .filteredOn(line -> line.startsWith("note:"))
        .containsExactly(
            "note: table.columns.dob: of a text with a time of day, such as"
                + " 1950-03-10T13:24:16.856Z, a date keeps the day as written and drops the time."
                + " To keep the time, declare {type: timestamp, unit: iso}.");
  }

  @Test
  void validateWrapsLongValues() {
    assertThat(execute("validate", RIDES)).isZero();

    assertThat(out.toString().lines())
        .anyMatch(
            line ->
                line.matches(
                    "outputs\\.numbered\\.sql +SELECT \\*, row_number\\(\\) OVER \\(PARTITION BY op"
                        + " ORDER BY +ride-bookings\\.yaml:\\d+"))
        .anyMatch(
            line ->
                line.matches(" +created_at_ts, partition, offset\\) AS row_number FROM changes"));
  }

  @Test
  void tellsEveryProblemOnALineOfItsOwn() {
    int exitCode = execute("run", MINIMAL, "--sink", "parqet", "--output", "ordres");

    assertThat(exitCode).isEqualTo(2);
    assertThat(out.toString()).isEmpty();
    assertThat(err.toString().lines())
        .containsExactly(
            "error: flag --output: unknown output 'ordres'. Use orders. Did you mean 'orders'?",
            "error: flag --sink: invalid value 'parqet'. Use one of console, parquet, orc, csv, json, text, kafka, cassandra, postgres, iceberg."
                + " Did you mean 'parquet'?",
            "2 problems");
    assertThat(engine.ran).isEmpty();
  }

  @Test
  void tellsThatAFileIsMissing() {
    assertThat(execute("run", "missing.yaml")).isEqualTo(2);

    assertThat(err.toString().lines())
        .containsExactly(
            "error: missing.yaml: can't be read: there is no such file. Name a pipeline file.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          ''                       | missing command. See 'millrace --help'.
          rum                      | unknown command 'rum'. Use one of run, validate, infer, preview, query, verify, rebuild, dead-letters, replay, compact, reset, completion. Did you mean 'run'? See 'millrace --help'.
          rejects a.yaml           | 'rejects' is now called 'dead-letters'. Rename it. See 'millrace --help'.
          run                      | missing required parameter: 'PIPELINE'. See 'millrace run --help'.
          run a.yaml b.yaml        | unexpected argument 'b.yaml'. See 'millrace run --help'.
          validate a.yaml --sikn=x | unknown option '--sikn'. Did you mean '--sink'? See 'millrace validate --help'.
          run a.yaml --frobnicate  | unknown option '--frobnicate'. See 'millrace run --help'.
          run a.yaml --sink        | missing required parameter for option '--sink' (KIND). See 'millrace run --help'.
          infer                    | name what to infer from: PIPELINE, or --topic, or --postgres and --table. See 'millrace infer --help'.
          infer a.yaml --topic b   | name what to infer from: PIPELINE, or --topic, or --postgres and --table. See 'millrace infer --help'.
          infer --postgres jdbc:x  | --postgres and --table belong together. See 'millrace infer --help'.
          infer --topic t --table x | --postgres and --table belong together. See 'millrace infer --help'.
          infer --topic t --sample 0 | --sample takes a whole number from 1 upwards. See 'millrace infer --help'.
          infer --postgres jdbc:postgresql://h/d?password=s --table t | --postgres: a password does not belong in the URL; set PGPASSWORD. See 'millrace infer --help'.
          run a.yaml --output b --all-outputs | --output=NAME, --all-outputs are mutually exclusive (specify only one). See 'millrace run --help'.
          """)
  void explainsAWrongCommandLine(String arguments, String problem) {
    String[] words = arguments.equals("''") ? new String[0] : arguments.split(" ");

    assertThat(execute(words)).isEqualTo(2);
    assertThat(err.toString().lines()).containsExactly("error: " + problem);
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void failsAtRunTimeWithoutAStackTrace() {
    PipelineEngine failing = new FailingEngine();

    assertThat(execute(Map.of(), failing, "run", MINIMAL)).isEqualTo(1);

    assertThat(err.toString().lines())
        .containsExactly(
            "error: unexpected java.lang.IllegalStateException: the disk is full. This is a defect;"
                + " --debug shows where.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--debug run FILE", "run --debug FILE", "run FILE --debug"})
  void debugShowsTheStackTrace(String arguments) {
    String[] words = arguments.replace("FILE", MINIMAL).split(" ");

    assertThat(execute(Map.of(), new FailingEngine(), words)).isEqualTo(1);

    assertThat(err.toString())
        .contains("Caused by: java.lang.IllegalStateException: the disk is full")
        .contains("at dev.millrace.cli.MillraceTest$FailingEngine.run(");
  }

  @Test
  void reportsWhatTheEngineFindsWrong() {
    PipelineEngine picky =
        new RecordingEngine() {
          @Override
          public void validate(PipelineDefinition pipeline, PrintWriter writer) {
            throw UserErrors.invalidConfiguration(List.of("the SQL is wrong"));
          }
        };

    assertThat(execute(Map.of(), picky, "validate", MINIMAL)).isEqualTo(2);

    assertThat(err.toString().lines()).containsExactly("error: the SQL is wrong");
    assertThat(out.toString()).doesNotContain("is valid");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--help",
        "run --help",
        "validate --help",
        "infer --help",
        "preview --help",
        "dead-letters --help",
        "replay --help"
      })
  void helpHasExamplesAndExitCodes(String arguments) {
    assertThat(execute(arguments.split(" "))).isZero();

    assertThat(out.toString())
        .startsWith("Usage: millrace ")
        .contains("Exit codes:", "Examples:", "pipelines/ride-bookings.yaml", "--debug");
    assertThat(out.toString().lines()).allMatch(line -> line.length() <= 80);
  }

  @Test
  void infersFromATopic() {
    assertThat(
            execute(
                Map.of("KAFKA_BOOTSTRAP_SERVERS", "kafka:9092"),
                engine,
                "infer",
                "--topic",
                "orders",
                "--sample",
                "50"))
        .isZero();

    assertThat(engine.inferred.get(0))
        .isInstanceOfSatisfying(
            InferenceSource.OfTopic.class,
            source -> {
              assertThat(source.topic().topic()).isEqualTo("orders");
              assertThat(source.topic().bootstrapServers()).isEqualTo("kafka:9092");
            });
    assertThat(engine.samples).containsExactly(50);
  }

  @Test
  void infersFromThePipelinesTopic() {
    assertThat(execute("infer", MINIMAL, "--set", "source.kafka.topic=other")).isZero();

    assertThat(engine.inferred.get(0))
        .isInstanceOfSatisfying(
            InferenceSource.OfPipeline.class,
            source ->
                assertThat(source.pipeline().source())
                    .isInstanceOfSatisfying(
                        KafkaSourceDefinition.class,
                        topic -> assertThat(topic.topic()).isEqualTo("other")));
    assertThat(engine.samples).containsExactly(1000);
  }

  @Test
  void infersFromPostgresWithThePasswordOfTheEnvironment() {
    assertThat(
            execute(
                Map.of("PGPASSWORD", "hunter2", "PGUSER", "reader"),
                engine,
                "infer",
                "--postgres",
                "jdbc:postgresql://localhost/business",
                "--table",
                "public.orders"))
        .isZero();

    assertThat(engine.inferred)
        .containsExactly(
            new InferenceSource.OfPostgres(
                "jdbc:postgresql://localhost/business", "reader", "hunter2", "public.orders"));
    assertThat(engine.inferred.get(0).toString() + out + err).doesNotContain("hunter2");
  }

  @Test
  void helpExplainsKeysThatHaveDots() {
    execute("run", "--help");

    assertThat(out.toString().replaceAll("\\s+", ""))
        .contains("spark.conf.spark.sql.shuffle.partitions=4");
  }

  @Test
  void showsVersions() {
    assertThat(execute("--version")).isZero();

    List<String> lines = out.toString().lines().toList();
    assertThat(lines).hasSize(5);
    assertThat(lines.get(0)).matches("Millrace \\d+\\.\\d+\\.\\d+(-SNAPSHOT)?( \\([0-9a-f]+\\))?");
    assertThat(lines.get(1)).matches("Spark 3\\.5\\.\\d+");
    assertThat(lines.get(2)).startsWith("Java 17.");
    assertThat(lines.get(3)).matches("Kafka client \\d+\\.\\d+\\.\\d+");
    assertThat(lines.get(4)).matches("Debezium \\d+\\.\\d+\\.\\d+\\.Final");
  }

  /** Fails as nobody expected. */
  private static final class FailingEngine implements PipelineEngine {
    @Override
    public void run(PipelineDefinition pipeline, Set<Acceptance> accepted, PrintWriter writer) {
      throw new IllegalStateException("the disk is full");
    }

    @Override
    public void preview(PipelineDefinition pipeline, int messages, PrintWriter writer) {
      throw new IllegalStateException("the disk is full");
    }

    @Override
    public void query(PipelineDefinition pipeline, String sql, int maxRows, PrintWriter writer) {
      throw new IllegalStateException("the disk is full");
    }

    @Override
    public void verify(
        PipelineDefinition pipeline, Duration wait, int maxRows, PrintWriter writer) {
      throw new IllegalStateException("the disk is full");
    }

    @Override
    public void rebuild(PipelineDefinition pipeline, PrintWriter writer) {
      throw new IllegalStateException("the disk is full");
    }

    @Override
    public void compact(
        PipelineDefinition pipeline,
        CompactionOptions options,
        Optional<Duration> interval,
        PrintWriter writer) {
      throw new IllegalStateException("the disk is full");
    }

    @Override
    public void validate(PipelineDefinition pipeline, PrintWriter writer) {
      throw new IllegalStateException("the disk is full");
    }

    @Override
    public void infer(InferenceSource source, int most, PrintWriter yaml, PrintWriter notes) {
      throw new IllegalStateException("the disk is full");
    }
  }
}
