package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.StackExtension;
import dev.millrace.config.PipelineDefinition;
import dev.millrace.config.parse.Overrides;
import dev.millrace.config.parse.PipelineLoader;
import dev.millrace.pipeline.ParquetFiles;
import dev.millrace.pipeline.PipelineRun;
import dev.millrace.pipeline.SinkConnectors;
import dev.millrace.stack.LocalStack;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Topics that do not exist when a run starts, and topics of plain JSON whose columns are asked. */
@ExtendWith(StackExtension.class)
class MissingTopicIT {

  private static final String TABLE = "table: {columns: {id: {type: int}, name: {type: string}}}";

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir Path folder;

  private Path file(LocalStack stack, String topic, String format, String table, String more)
      throws Exception {
    Path file = folder.resolve("pipeline.yaml");
    Files.writeString(
        file,
        """
        name: missing
        source: {kafka: {bootstrap-servers: "%s", topic: %s%s}, format: %s}
        %s
        outputs: {all: {sink: parquet}}
        sinks: {parquet: {path: "%s/out/{output}"}}
        dead-letters: {sink: console}
        checkpoints: %s/checkpoints
        trigger: {available-now: true}
        """
            .formatted(stack.bootstrapServers(), topic, more, format, table, folder, folder));
    return file;
  }

  private int execute(String... arguments) {
    return Millrace.commandLine(Map.of(), new SparkEngine(Map.of()))
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }

  @ParameterizedTest
  @CsvSource({"debezium-json, true", "json, true", "raw, false"})
  void waitsForATopicOfEveryFormat(String format, boolean hasTable, LocalStack stack)
      throws Exception {
    String topic = "later-" + format;
    String table = hasTable ? TABLE : "";
    PipelineDefinition pipeline =
        new PipelineLoader(Map.of(), SinkConnectors.STANDARD.kinds())
            .load(file(stack, topic, format, table, "").toString(), Overrides.none())
            .definition();
    PipelineRun run = new PipelineRun(pipeline, new PrintWriter(out, true), 200);
    CompletableFuture<Void> running = running(run);
    Awaitility.await()
        .atMost(Duration.ofMinutes(3))
        .until(
            () ->
                out.toString()
                    .contains(
                        "there is no topic '%s' at %s yet; trying again in 2 s, for 120 s in all"
                            .formatted(topic, stack.bootstrapServers())));
    stack.createTopic(topic, 1);
    new RidesCommand(stack.bootstrapServers())
        .produce(
            topic,
            List.of("{\"id\":1,\"name\":\"a\",\"__op\":\"c\"}".getBytes(StandardCharsets.UTF_8)));

    running.join();

    assertThat(
            ParquetFiles.query(folder.resolve("out/all"), "SELECT \"offset\" FROM rows").stream()
                .map(row -> row.get("offset")))
        .containsExactly(0L);
  }

  @Test
  void endsWellWhereItIsStoppedWhileItWaits(LocalStack stack) throws Exception {
    PipelineDefinition pipeline =
        new PipelineLoader(Map.of(), SinkConnectors.STANDARD.kinds())
            .load(file(stack, "never-there", "json", TABLE, "").toString(), Overrides.none())
            .definition();
    PipelineRun run = new PipelineRun(pipeline, new PrintWriter(out, true), 200);
    CompletableFuture<Void> running = running(run);
    Awaitility.await()
        .atMost(Duration.ofMinutes(3))
        .until(() -> out.toString().contains("there is no topic 'never-there'"));
    run.stop();

    assertThat(running).succeedsWithin(Duration.ofMinutes(1));
  }

  @Test
  void namesDebeziumOnlyForItsFormat(LocalStack stack) throws Exception {
    Path file = file(stack, "no-json-here", "json", TABLE, ", retry-timeout: 0s");

    assertThat(execute("run", file.toString())).isEqualTo(1);
    assertThat(err.toString().lines())
        .containsExactly(
            "error: source.kafka.topic: the broker at %s has no topic 'no-json-here'. Create it, or name another with KAFKA_TOPIC or --set source.kafka.topic=NAME."
                .formatted(stack.bootstrapServers()));
  }

  private static CompletableFuture<Void> running(PipelineRun run) {
    return CompletableFuture.runAsync(
        () -> {
          try {
            run.run();
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        });
  }

  @Test
  void infersTheColumnsOfPlainJson(LocalStack stack) throws Exception {
    String topic = "plain-json";
    stack.createTopic(topic, 1);
    produceUsers(stack, topic);
    Path file = file(stack, topic, "json", TABLE, "");

    assertThat(execute("infer", file.toString())).isZero();
    assertThat(out.toString())
        .isEqualTo(
            """
            table:
              columns:
                id: {type: bigint}
                name: {type: string}
                table_offset: {from: offset, type: double}
                _op: {type: string}
            """);
    assertThat(err.toString().lines())
        .containsExactly(
            "read 4 messages (without schemas, 1 unreadable one) of topic plain-json",
            "with the proposed columns: 3 rows, 0 skipped, 1 rejected; the first reject: Cannot read the"
                + " value as a JSON object: expected an object at byte 0 of 2, near `[]`. Expected"
                + " the JSON object of one row; look for its producer.",
            "with the declared columns: 3 rows, 0 skipped, 1 rejected; the first reject: Cannot read the"
                + " value as a JSON object: expected an object at byte 0 of 2, near `[]`. Expected"
                + " the JSON object of one row; look for its producer.",
            "new: the field 'offset' is not declared; proposed as table_offset double",
            "new: the field '_op' is not declared; proposed as _op string",
            "type: id is declared as int, proposed as bigint; the declared type reads all 3"
                + " values");
  }

  @Test
  void infersATopicOfPlainJsonWithoutAPipeline(LocalStack stack) throws Exception {
    String topic = "plain-json-alone";
    stack.createTopic(topic, 1);
    produceUsers(stack, topic);

    assertThat(execute("infer", "--topic", topic, "--bootstrap-servers", stack.bootstrapServers()))
        .isZero();
    assertThat(out.toString()).contains("    id: {type: bigint}\n", "    name: {type: string}\n");
    assertThat(err.toString().lines())
        .first()
        .isEqualTo(
            "the messages are not Debezium changes, so the columns are for a source with format:"
                + " json");
  }

  @Test
  void tellsWhatTheMessagesAreWhereNoneHasARow(LocalStack stack) throws Exception {
    String topic = "numbers-only";
    stack.createTopic(topic, 1);
    new RidesCommand(stack.bootstrapServers())
        .produce(topic, List.of("1".getBytes(StandardCharsets.UTF_8)));
    Path file = file(stack, topic, "json", TABLE, "");

    assertThat(execute("infer", file.toString())).isEqualTo(1);
    assertThat(err.toString().lines())
        .containsExactly(
            "error: topic 'numbers-only' has no row to infer columns from: of the 1 message"
                + " (without schemas, 1 unreadable one) none is a JSON object. Wait for one, or"
                + " set source.format to what the messages are.");
  }

  private static void produceUsers(LocalStack stack, String topic) throws Exception {
    new RidesCommand(stack.bootstrapServers())
        .produce(
            topic,
            List.of(
                "{\"id\":1,\"name\":\"a\",\"offset\":1.5}".getBytes(StandardCharsets.UTF_8),
                "{\"id\":2,\"name\":null}".getBytes(StandardCharsets.UTF_8),
                "[]".getBytes(StandardCharsets.UTF_8),
                "{\"id\":3,\"name\":\"c\",\"_op\":\"x\"}".getBytes(StandardCharsets.UTF_8)));
  }
}
