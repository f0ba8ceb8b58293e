package dev.millrace.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.millrace.StackExtension;
import dev.millrace.config.PipelineDefinition;
import dev.millrace.config.parse.Overrides;
import dev.millrace.config.parse.PipelineLoader;
import dev.millrace.pipeline.command.Preview;
import dev.millrace.pipeline.command.Validation;
import dev.millrace.pipeline.command.ViewQuery;
import dev.millrace.stack.LocalStack;
import dev.millrace.table.InferenceSource;
import dev.millrace.table.TableInference;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Views over topics of JSON messages: the newest message of a key is the row. */
@ExtendWith(StackExtension.class)
class KeyedTopicIT {

  @TempDir Path folder;

  @Test
  void theNewestMessageOfAKeyIsTheRowAndATombstoneEndsIt(LocalStack stack) throws Exception {
    String topic = "keyed_orders";
    stack.createTopic(topic, 2);
    send(
        stack,
        topic,
        message(0, "{\"id\":1,\"line\":1}", "{\"id\":1,\"line\":1,\"status\":\"new\",\"fare\":10}"),
        message(0, "{\"id\":1,\"line\":2}", "{\"status\":\"new\",\"fare\":20}"),
        message(1, "{\"line\":1,\"id\":2}", "{\"status\":\"new\",\"fare\":30}"),
        message(1, "{\"id\":2,\"line\":2}", "{\"status\":\"new\",\"fare\":40}"),
        message(1, "{\"id\":9,\"line\":9}", null));
    run(stack, topic, "json", "id, line", "bigint");

    assertThat(held("id", "line")).containsOnlyKeys("1 1", "1 2", "2 1", "2 2");

    send(
        stack,
        topic,
        message(0, "{\"id\":1,\"line\":1}", "{\"status\":\"paid\"}"),
        message(0, "{\"id\":1,\"line\":2}", null),
        message(1, "{\"id\":2,\"line\":1}", null),
        message(1, "{\"id\":2,\"line\":1}", "{\"status\":\"again\",\"fare\":31}"),
        // The topic got another partition for this key.
        message(0, "{\"id\":2,\"line\":2}", "{\"status\":\"moved\",\"fare\":41}"),
        message(0, null, "{\"id\":3,\"line\":3}"),
        message(0, "{\"id\":3}", "{\"id\":3,\"line\":3}"),
        message(0, "{\"id\":3,\"line\":3}", "{\"id\":4,\"line\":3}"));
    run(stack, topic, "json", "id, line", "bigint");

    assertThat(held("id", "line").entrySet())
        .extracting(
            Map.Entry::getKey,
            row -> row.getValue().get("status"),
            row -> row.getValue().get("fare"))
        .containsExactlyInAnyOrder(
            tuple("1 1", "paid", null), tuple("2 1", "again", "31"), tuple("2 2", "moved", "41"));
    assertThat(
            ParquetFiles.query(
                folder.resolve("output/dead-letters/query=table.orders-console"),
                "SELECT code, topic, \"partition\", \"offset\", message FROM rows ORDER BY \"offset\""))
        .extracting(row -> row.get("code"), row -> row.get("topic"), row -> row.get("partition"))
        .containsOnly(tuple("INVALID_KEY", topic, 0))
        .hasSize(3);
    assertThat(query("SELECT sum(fare) AS s, count(*) AS n FROM `by-status`")).contains(" 72 | 3");
  }

  @Test
  void aKeyMayBeTextOfANumber(LocalStack stack) throws Exception {
    String topic = "keyed_by_text";
    stack.createTopic(topic, 1);
    send(
        stack,
        topic,
        message(0, "1", "{\"line\":5,\"status\":\"new\",\"fare\":10}"),
        message(0, "2", "{\"status\":\"new\"}"),
        message(0, "two", "{\"status\":\"new\"}"));
    run(stack, topic, "text", "id", "bigint");
    send(stack, topic, message(0, "2", null), message(0, "1", "{\"id\":1,\"line\":6}"));
    run(stack, topic, "text", "id", "bigint");

    assertThat(held("id"))
        .containsOnlyKeys("1")
        .hasEntrySatisfying("1", row -> assertThat(row).containsEntry("line", "6"));
  }

  @Test
  void columnsOfTheKeyAreInferredPreviewedAndExplained(LocalStack stack) throws Exception {
    String topic = "keyed_to_infer";
    stack.createTopic(topic, 1);
    send(
        stack,
        topic,
        message(0, "{\"id\":1,\"line\":1}", "{\"status\":\"new\",\"fare\":10}"),
        message(0, "{\"id\":1,\"line\":2}", "{\"id\":1,\"status\":\"new\",\"fare\":2}"),
        message(0, "{\"id\":1,\"line\":1}", "{\"status\":\"paid\",\"fare\":11}"),
        message(0, "{\"id\":1,\"line\":2}", null),
        message(0, null, "{\"status\":\"lost\"}"));
    PipelineDefinition pipeline = pipeline(stack, topic, "json", "id, line", "int");
    StringWriter yaml = new StringWriter();
    StringWriter notes = new StringWriter();
    new TableInference(new PrintWriter(yaml, true), new PrintWriter(notes, true))
        .infer(new InferenceSource.OfPipeline(pipeline), 100);

    assertThat(yaml.toString())
        .isEqualTo(
            """
            table:
              key: [id, line]
              columns:
                id: {type: bigint}
                line: {type: bigint}
                status: {type: string}
                fare: {type: bigint}
            """);
    String counted =
        "3 rows, 1 skipped, 1 rejected; the first reject: Cannot tell which row the message is: it"
            + " has no key. Expected a JSON object with the fields id, line (source.kafka.key).";
    assertThat(notes.toString())
        .startsWith("read 5 messages (without schemas, 1 tombstone) of topic keyed_to_infer\n")
        .contains("with the proposed columns: " + counted, "with the declared columns: " + counted)
        .doesNotContain("never seen");

    StringWriter seen = new StringWriter();
    new Preview(pipeline, new PrintWriter(seen, true), 200).show(10);
    assertThat(seen.toString())
        .contains(
            "mirror: 1 row, the view's result after the last 5 messages of keyed_to_infer",
            " 1  | 1    | paid   | 11",
            "5 read = 4 changes + 1 rejected + 0 skipped; nothing was written");

    StringWriter explained = new StringWriter();
    new Validation(pipeline, new PrintWriter(explained, true)).run();
    assertThat(explained.toString())
        .contains("mirror: a view of orders, key (id, line), row by row, O(changes)\n")
        .endsWith(
            "orders: the row of a key is its message with the highest offset in a partition. If the"
                + " messages of a key move to another partition (a topic that got more partitions),"
                + " the later batch wins.\n");
  }

  @Test
  void theKeyThatIsTextIsInferredAsItsColumn(LocalStack stack) throws Exception {
    String topic = "keyed_to_infer_by_text";
    stack.createTopic(topic, 1);
    send(stack, topic, message(0, "one", "{\"line\":1}"), message(0, "two", "{\"line\":2}"));
    StringWriter yaml = new StringWriter();
    StringWriter notes = new StringWriter();
    new TableInference(new PrintWriter(yaml, true), new PrintWriter(notes, true))
        .infer(new InferenceSource.OfPipeline(pipeline(stack, topic, "text", "id", "string")), 100);

    assertThat(yaml.toString())
        .isEqualTo(
            """
            table:
              key: [id]
              columns:
                id: {type: string}
                line: {type: bigint}
            """);
    assertThat(notes.toString().lines())
        .containsExactly(
            "read 2 messages (without schemas) of topic keyed_to_infer_by_text",
            "with the proposed columns: 2 rows, 0 skipped, 0 rejected",
            "with the declared columns: 2 rows, 0 skipped, 0 rejected",
            "never seen: status is declared, and no message has its field 'status'",
            "never seen: fare is declared, and no message has its field 'fare'",
            "type: line is declared as int, proposed as bigint; the declared type reads all 2"
                + " values");
  }

  private record Message(int partition, String key, String value) {}

  private static Message message(int partition, String key, String value) {
    return new Message(partition, key, value);
  }

  private static void send(LocalStack stack, String topic, Message... messages)
      throws InterruptedException, ExecutionException {
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", stack.bootstrapServers()),
            new StringSerializer(),
            new StringSerializer())) {
      for (Message each : messages) {
        Future<RecordMetadata> sent =
            producer.send(new ProducerRecord<>(topic, each.partition(), each.key(), each.value()));
        sent.get();
      }
    }
  }

  private PipelineDefinition pipeline(
      LocalStack stack, String topic, String keyForm, String key, String type) throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("keyed.yaml"),
            """
            name: keyed
            source:
              kafka:
                bootstrap-servers: %s
                topic: %s
                key: %s
                max-offsets-per-trigger: 4
              format: json
            table:
              name: orders
              key: [%s]
              columns:
                id: {type: %s}
                line: {type: int}
                status: {type: string}
                fare: {type: int}
            outputs:
              mirror: {sql: SELECT * FROM orders, sink: parquet}
              by-status: {sql: "SELECT status, count(*) AS n, sum(fare) AS fare FROM orders GROUP BY status", sink: parquet}
            sinks: {parquet: {path: "%s/{output}"}}
            state: {partitions: 2}
            dead-letters: {sink: parquet, path: "%s/dead-letters"}
            checkpoints: "%s"
            """
                .formatted(
                    stack.bootstrapServers(),
                    topic,
                    keyForm,
                    key,
                    type,
                    folder.resolve("output"),
                    folder.resolve("output"),
                    folder.resolve("checkpoints")));
    return new PipelineLoader(Map.of(), SinkConnectors.STANDARD.kinds())
        .load(file.toString(), Overrides.allAvailableNow())
        .definition();
  }

  private void run(LocalStack stack, String topic, String keyForm, String key, String type)
      throws Exception {
    new PipelineRun(
            pipeline(stack, topic, keyForm, key, type), new PrintWriter(new StringWriter()), 200)
        .run();
  }

  private String query(String sql) {
    StringWriter seen = new StringWriter();
    PipelineDefinition pipeline =
        new PipelineLoader(Map.of(), SinkConnectors.STANDARD.kinds())
            .load(folder.resolve("keyed.yaml").toString(), Overrides.allAvailableNow())
            .definition();
    new ViewQuery(pipeline, new PrintWriter(seen, true), 200).show(sql, 10);
    return seen.toString();
  }

  /** What a reader of all changes of the mirror holds, by the key. */
  private Map<String, Map<String, String>> held(String... key) {
    Map<String, Map<String, String>> held = new TreeMap<>();
    for (Map<String, String> row :
        DeliveredRows.fromParquet(folder.resolve("output").resolve("mirror"))) {
      String name = Arrays.stream(key).map(row::get).collect(Collectors.joining(" "));
      if (row.get("op").equals("d")) {
        assertThat(held.remove(name)).isNotNull();
      } else {
        held.put(name, row);
      }
    }
    return held;
  }
}
