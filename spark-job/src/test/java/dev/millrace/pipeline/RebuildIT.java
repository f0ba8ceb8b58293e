package dev.millrace.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.SparkTest;
import dev.millrace.StackExtension;
import dev.millrace.config.PipelineDefinition;
import dev.millrace.config.parse.Overrides;
import dev.millrace.config.parse.PipelineLoader;
import dev.millrace.error.UserException;
import dev.millrace.pipeline.command.StateRebuild;
import dev.millrace.stack.LocalStack;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Views whose SQL, columns or state change, into a topic that has an earlier result. */
@ExtendWith(StackExtension.class)
class RebuildIT {

  private static final String ALL = "SELECT id, status FROM orders";
  private static final String WITH_FARE = "SELECT id, status, fare FROM orders";

  @RegisterExtension static final SparkTest SPARK = new SparkTest();

  @TempDir Path folder;

  private String store = "rocksdb";

  private LocalStack stack;
  private String topic;

  @BeforeEach
  void open(LocalStack opened) {
    stack = opened;
    topic = "rebuild-" + System.nanoTime();
    stack.createTopic(topic, 2);
  }

  @Test
  void changedSqlRemovesFromTheTopicWhatTheNewResultLacks() throws Exception {
    send("1", order("open", 10), "2", order("open", 20), "3", order("paid", 30));
    run(ALL);
    send("4", order("open", 5));

    run("SELECT id, status FROM orders WHERE status = 'open' AND id <> 2");

    assertThat(held())
        .containsExactly(
            Map.entry("{\"id\":1}", "{\"id\":1,\"status\":\"open\"}"),
            Map.entry("{\"id\":4}", "{\"id\":4,\"status\":\"open\"}"));
  }

  @Test
  void changedSqlRemovesFromATableOfCassandraWhatTheNewResultLacks() throws Exception {
    CassandraTables cassandra = CassandraTables.of(stack);
    send("1", order("open", 10), "2", order("open", 20), "3", order("paid", 30));
    run(ALL, "cassandra");
    send("4", order("open", 5));

    run("SELECT id, status FROM orders WHERE status = 'open' AND id <> 2", "cassandra");

    assertThat(cassandra.query("SELECT id, status FROM rebuild.\"view\""))
        .containsExactlyInAnyOrder(
            Map.of("id", 1L, "status", "open"), Map.of("id", 4L, "status", "open"));
  }

  @Test
  void aColumnThatTheStateLacksIsThereOnceItIsRebuilt() throws Exception {
    send("1", order("open", 10), "2", order("open", 20), "3", order("open", 30));
    run(ALL);
    send("3", null);
    run(ALL);
    assertThatThrownBy(() -> run(WITH_FARE))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("'fare' (INT), which the state was not kept with")
        .hasMessageContaining("./millrace rebuild PIPELINE");

    assertThat(rebuild(WITH_FARE)).contains("orders: 2 rows from the topic");
    send("2", order("paid", 21));
    run(WITH_FARE);

    assertThat(held())
        .containsExactly(
            Map.entry("{\"id\":1}", "{\"id\":1,\"status\":\"open\",\"fare\":10}"),
            Map.entry("{\"id\":2}", "{\"id\":2,\"status\":\"paid\",\"fare\":21}"));
    // The state continues from batch to batch, and can be rebuilt once more.
    send("1", order("paid", 11));
    run(WITH_FARE);
    rebuild(WITH_FARE);
    send("2", null, "5", order("open", 50));
    run(WITH_FARE);
    assertThat(held())
        .containsExactly(
            Map.entry("{\"id\":1}", "{\"id\":1,\"status\":\"paid\",\"fare\":11}"),
            Map.entry("{\"id\":5}", "{\"id\":5,\"status\":\"open\",\"fare\":50}"));
  }

  @Test
  void rowsWithoutAMessageInTheTopicKeepTheStateAsItIsUntilASnapshotHasThem() throws Exception {
    send("1", order("open", 10), "2", order("open", 20));
    run(ALL);
    expireAll();
    send("3", order("open", 30));
    run(ALL);

    assertThatThrownBy(() -> rebuild(WITH_FARE))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("orders: 2 rows, such as {")
        .hasMessageContaining("}, have no message in the topic")
        .hasMessageContaining("take a snapshot");
    send("3", order("paid", 31));
    run(ALL);
    assertThat(held()).hasSize(3).containsEntry("{\"id\":3}", "{\"id\":3,\"status\":\"paid\"}");

    send("1", order("open", 10), "2", order("open", 20));
    rebuild(WITH_FARE);
    send("2", order("open", 22));
    run(WITH_FARE);
    assertThat(held())
        .hasSize(3)
        .containsEntry("{\"id\":1}", "{\"id\":1,\"status\":\"open\",\"fare\":10}")
        .containsEntry("{\"id\":2}", "{\"id\":2,\"status\":\"open\",\"fare\":22}");
  }

  @Test
  void messagesFromBeforeTheColumnExistedDoNotTellIt() throws Exception {
    send("1", "{\"status\":\"open\"}", "2", "{\"status\":\"open\"}");
    run(ALL);
    send("2", order("paid", 20));
    run(ALL);

    assertThatThrownBy(() -> rebuild(WITH_FARE))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("orders: 1 row, such as {\"id\":1}, has no message in the topic");

    send("1", order("open", 10));
    rebuild(WITH_FARE);
    send("3", order("open", 30));
    run(WITH_FARE);
    assertThat(held())
        .containsEntry("{\"id\":1}", "{\"id\":1,\"status\":\"open\",\"fare\":10}")
        .hasSize(3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"rocksdb", "memory"})
  void damagedStateAndABatchThatWasNotFinishedAreRebuilt(String keptIn) throws Exception {
    store = keptIn;
    send("1", order("open", 10), "2", order("open", 20), "3", order("open", 30));
    run(ALL);
    send("1", null, "2", order("paid", 20));
    run(ALL);
    // As after a SIGKILL between the last batch's delivery and its commit.
    Path checkpoint = folder.resolve("checkpoints/orders/table.orders");
    try (Stream<Path> commits = Files.list(checkpoint.resolve("commits"))) {
      Files.delete(
          commits
              .filter(file -> file.getFileName().toString().matches("\\d+"))
              .max(java.util.Comparator.comparingLong(RebuildIT::number))
              .orElseThrow());
    }
    for (Path file : changelogs(checkpoint.resolve("state"))) {
      Files.delete(file);
    }
    assertThatThrownBy(() -> run(ALL))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("./millrace rebuild PIPELINE");

    assertThat(rebuild(ALL))
        .contains("can't be read, so its rows are not compared")
        .contains("orders: 2 rows from the topic");
    send("4", order("open", 40));
    run(ALL);

    assertThat(held())
        .containsExactly(
            Map.entry("{\"id\":2}", "{\"id\":2,\"status\":\"paid\"}"),
            Map.entry("{\"id\":3}", "{\"id\":3,\"status\":\"open\"}"),
            Map.entry("{\"id\":4}", "{\"id\":4,\"status\":\"open\"}"));
  }

  @ParameterizedTest
  @CsvSource({"rocksdb, memory", "memory, rocksdb"})
  void stateThatAnotherStoreWroteIsRebuilt(String before, String after) throws Exception {
    store = before;
    send("1", order("open", 10), "2", order("open", 20), "3", order("open", 30));
    run(ALL);
    send("3", null);
    run(ALL);
    store = after;
    assertThatThrownBy(() -> run(ALL))
        .isInstanceOf(UserException.class)
        .hasMessageContaining(
            "the state was written with state.store %s, the pipeline has %s"
                .formatted(before, after))
        .hasMessageContaining("./millrace rebuild PIPELINE");

    assertThat(rebuild(ALL)).contains("orders: 2 rows from the topic");
    send("2", order("paid", 20));
    run(ALL);
    send("4", order("open", 40));
    run(ALL);
    store = before;

    assertThatThrownBy(() -> run(ALL)).isInstanceOf(UserException.class);
    assertThat(held())
        .containsExactly(
            Map.entry("{\"id\":1}", "{\"id\":1,\"status\":\"open\"}"),
            Map.entry("{\"id\":2}", "{\"id\":2,\"status\":\"paid\"}"),
            Map.entry("{\"id\":4}", "{\"id\":4,\"status\":\"open\"}"));
  }

  @Test
  void stateWhoseLayoutCannotBeReadIsRebuilt() throws Exception {
    send("1", order("open", 10));
    run(ALL);
    Files.writeString(
        folder.resolve("checkpoints/orders/table.orders/state/layout"), "millrace table state 99");
    assertThatThrownBy(() -> run(ALL))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("not the layout of a state that this version can read")
        .hasMessageContaining("./millrace rebuild PIPELINE");

    assertThat(rebuild(ALL)).contains("can't be read, so its rows are not compared");
    send("2", order("open", 20));
    run(ALL);

    assertThat(held()).containsOnlyKeys("{\"id\":1}", "{\"id\":2}");
  }

  private static long number(Path file) {
    return Long.parseLong(file.getFileName().toString());
  }

  private static List<Path> changelogs(Path state) throws IOException {
    try (Stream<Path> files = Files.walk(state)) {
      return files.filter(file -> file.toString().matches(".*[.](changelog|changes)")).toList();
    }
  }

  private static String order(String status, int fare) {
    return "{\"status\":\"%s\",\"fare\":%d}".formatted(status, fare);
  }

  /** Keys and values in turn, each key to a partition of its own choice. */
  private void send(String... keysAndValues) throws Exception {
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", stack.bootstrapServers()),
            new StringSerializer(),
            new StringSerializer())) {
      for (int i = 0; i < keysAndValues.length; i += 2) {
        producer
            .send(
                new ProducerRecord<>(
                    topic,
                    Integer.parseInt(keysAndValues[i]) % 2,
                    keysAndValues[i],
                    keysAndValues[i + 1]))
            .get();
      }
    }
  }

  /** Deletes the messages that the topic has, as its retention does. */
  private void expireAll() throws Exception {
    Map<TopicPartition, RecordsToDelete> deleted = new HashMap<>();
    stack
        .endOffsets(topic)
        .forEach(
            (partition, end) ->
                deleted.put(
                    new TopicPartition(topic, partition), RecordsToDelete.beforeOffset(end)));
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", stack.bootstrapServers()))) {
      admin.deleteRecords(deleted).all().get();
    }
  }

  /** What a reader of the view's compacted topic holds in the end. */
  private Map<String, String> held() {
    Map<String, String> held = new TreeMap<>();
    for (ConsumerRecord<String, String> record : stack.committedRecords(topic + ".view")) {
      if (record.value() == null) {
        held.remove(record.key());
      } else {
        held.put(record.key(), record.value());
      }
    }
    return held;
  }

  private void run(String sql) throws Exception {
    run(sql, "kafka");
  }

  private void run(String sql, String sink) throws Exception {
    new PipelineRun(pipeline(sql, sink), new PrintWriter(new StringWriter()), 200)
        .runIn(SPARK.session());
  }

  private String rebuild(String sql) throws Exception {
    StringWriter seen = new StringWriter();
    new StateRebuild(pipeline(sql, "kafka"), new PrintWriter(seen, true)).runIn(SPARK.session());
    return seen.toString();
  }

  private PipelineDefinition pipeline(String sql, String sink) throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("orders.yaml"),
            """
            name: orders
            source:
              kafka: {bootstrap-servers: "%s", topic: %s, key: text, max-offsets-per-trigger: 2}
              format: json
            table:
              name: orders
              key: [id]
              columns:
                id: {type: bigint}
                status: {type: string}
                fare: {type: int}
            outputs:
              view: {sql: "%s", sink: %s}
            sinks:
              kafka: {topic: "%s.{output}"}
              cassandra: {contact-points: "%s", keyspace: rebuild, table: "{output}", create: if-missing}
            state: {partitions: 2, store: %s}
            dead-letters: {sink: parquet, path: "%s"}
            checkpoints: "%s"
            """
                .formatted(
                    stack.bootstrapServers(),
                    topic,
                    sql,
                    sink,
                    topic,
                    sink.equals("cassandra") ? stack.connections().cassandra() : "localhost:9042",
                    store,
                    folder.resolve("dead-letters"),
                    folder.resolve("checkpoints")));
    return new PipelineLoader(Map.of(), SinkConnectors.STANDARD.kinds())
        .load(file.toString(), Overrides.allAvailableNow())
        .definition();
  }
}
