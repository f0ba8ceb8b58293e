package dev.millrace.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.StackExtension;
import dev.millrace.config.ColumnDefinition;
import dev.millrace.config.KafkaSourceDefinition;
import dev.millrace.config.PipelineDefinition;
import dev.millrace.config.parse.Overrides;
import dev.millrace.config.parse.PipelineLoader;
import dev.millrace.config.parse.TableLoader;
import dev.millrace.error.UserException;
import dev.millrace.pipeline.ChangeTopic;
import dev.millrace.pipeline.SinkConnectors;
import dev.millrace.stack.LocalStack;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.apache.hadoop.fs.FileContext;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** How the columns of a pipeline that declares none become known, on topics of the tests' own. */
@ExtendWith(StackExtension.class)
class TableResolverIT {

  private static final String ROW_WITH_SCHEMA =
      """
      {"schema":{"type":"struct","fields":[{"type":"int32","field":"id"},{"type":"string",\
      "field":"name"},{"type":"string","field":"__op"}]},\
      "payload":{"id":1,"name":"one","__op":"c"}}""";

  private final StringWriter seen = new StringWriter();

  @TempDir Path folder;

  private static String topic(LocalStack stack, String... values) throws Exception {
    String topic = "start-" + Long.toString(System.nanoTime(), 36);
    stack.createTopic(topic, 2);
    write(stack, topic, values);
    return topic;
  }

  private static void write(LocalStack stack, String topic, String... values) throws Exception {
    ChangeTopic.write(
        stack,
        topic,
        List.of(values).stream()
            .map(
                value ->
                    new ConsumerRecord<>(topic, 0, 0, "{\"id\":1}", value.isEmpty() ? null : value))
            .toList());
  }

  private TableResolver table(LocalStack stack, String topic) throws Exception {
    Path file = folder.resolve("pipeline.yaml");
    Files.writeString(
        file,
        """
        name: start
        source: {kafka: {bootstrap-servers: "%s", topic: %s}}
        outputs: {changes: {}}
        checkpoints: %s
        """
            .formatted(stack.bootstrapServers(), topic, folder));
    PipelineDefinition pipeline =
        new PipelineLoader(Map.of(), SinkConnectors.STANDARD.kinds())
            .load(file.toString(), Overrides.none())
            .definition();
    InferredTableFile frozen =
        new InferredTableFile(
            FileContext.getLocalFSFileContext(),
            new org.apache.hadoop.fs.Path(folder.resolve("start/table.yaml").toString()),
            TableLoader.ANY_TOPIC);
    return new TableResolver(pipeline, frozen, new PrintWriter(seen, true));
  }

  private static Optional<PipelineDefinition> inferred(
      LocalStack stack,
      TableResolver table,
      String topic,
      boolean endsWhenEmpty,
      BooleanSupplier isStopped) {
    KafkaSourceDefinition source =
        new KafkaSourceDefinition(stack.bootstrapServers(), topic, "earliest", 1_000, Map.of());
    try {
      return table.inferred(new TopicInferenceOrigin(source), endsWhenEmpty, isStopped);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static List<String> columns(Optional<PipelineDefinition> pipeline) {
    return pipeline.orElseThrow().table().columns().stream().map(ColumnDefinition::name).toList();
  }

  @Test
  void saysWhatToDoWhereMessagesCarryNoSchema(LocalStack stack) throws Exception {
    String topic = topic(stack, "{\"id\":1,\"__op\":\"c\"}");
    TableResolver table = table(stack, topic);

    assertThatThrownBy(() -> inferred(stack, table, topic, false, () -> false))
        .isInstanceOf(UserException.class)
        .hasMessage(
            "table.columns: missing, and the messages of topic '"
                + topic
                + "' carry no schema to infer them from. Declare the columns ('./millrace infer"
                + " PIPELINE' proposes them), or set value.converter.schemas.enable=true and"
                + " key.converter.schemas.enable=true in the connector.");
    assertThat(folder.resolve("start")).doesNotExist();
  }

  @Test
  void waitsForAFirstRow(LocalStack stack) throws Exception {
    String topic = topic(stack, "");
    TableResolver table = table(stack, topic);

    CompletableFuture<Optional<PipelineDefinition>> inferred =
        CompletableFuture.supplyAsync(() -> inferred(stack, table, topic, false, () -> false));
    Awaitility.await()
        .atMost(Duration.ofMinutes(3))
        .until(() -> seen.toString().contains("waiting for a first message of topic " + topic));
    write(stack, topic, ROW_WITH_SCHEMA);

    assertThat(columns(inferred.join())).containsExactly("id", "name");
    assertThat(seen.toString()).containsOnlyOnce("waiting").contains("Ctrl-C ends the run");
  }

  @Test
  void endsWhenItIsToldToWhileItWaits(LocalStack stack) throws Exception {
    String topic = topic(stack);
    TableResolver table = table(stack, topic);
    AtomicBoolean isStopped = new AtomicBoolean();

    CompletableFuture<Optional<PipelineDefinition>> inferred =
        CompletableFuture.supplyAsync(() -> inferred(stack, table, topic, false, isStopped::get));
    Awaitility.await()
        .atMost(Duration.ofMinutes(3))
        .until(() -> seen.toString().contains("waiting"));
    isStopped.set(true);

    assertThat(inferred.join()).isEmpty();
  }

  @Test
  void endsAtOnceWhereThereIsNothingToCatchUpWith(LocalStack stack) throws Exception {
    String topic = topic(stack);

    assertThat(inferred(stack, table(stack, topic), topic, true, () -> false)).isEmpty();

    assertThat(seen.toString())
        .isEqualToNormalizingNewlines(
            "table: topic "
                + topic
                + " has no message to infer the columns from; nothing to deliver\n");
  }

  @Test
  void takesTheFirstStartsColumnsWhateverTheTopicSaysLater(LocalStack stack) throws Exception {
    String topic = topic(stack, ROW_WITH_SCHEMA);
    inferred(stack, table(stack, topic), topic, true, () -> false);
    write(stack, topic, ROW_WITH_SCHEMA.replace("name", "renamed").replace("int32", "string"));

    Optional<PipelineDefinition> known = table(stack, topic).known();

    assertThat(columns(known)).containsExactly("id", "name");
    assertThat(known.orElseThrow().table().columns().get(0).type().name()).isEqualTo("int");
    assertThat(known.orElseThrow().table().key()).containsExactly("id");
    assertThat(known.orElseThrow().outputs().get(0).key()).containsExactly("id");
    assertThat(folder.resolve("start")).isDirectoryNotContaining("glob:**/.unfinished*");
  }
}
