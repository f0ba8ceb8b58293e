package dev.millrace.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.StackExtension;
import dev.millrace.config.PipelineDefinition;
import dev.millrace.config.parse.Overrides;
import dev.millrace.config.parse.Overrides.OutputChoice;
import dev.millrace.config.parse.PipelineLoader;
import dev.millrace.stack.LocalStack;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What an executor, a process of its own, has open for a run's sinks: nothing after the run. */
@ExtendWith(StackExtension.class)
class ExecutorConnectionsIT {

  private static final Duration TIMEOUT = Duration.ofMinutes(2);

  private static final String PRODUCER = "a transactional producer of Kafka";
  private static final String SESSION = "a session of Cassandra";

  @TempDir Path folder;

  @Test
  void areClosedOnceTheRunHasEnded(LocalStack stack) throws Exception {
    CassandraTables.of(stack)
        .execute(
            "CREATE KEYSPACE executor_connections WITH replication ="
                + " {'class': 'SimpleStrategy', 'replication_factor': 1}");
    String topic = "executor-connections";
    stack.createTopic(topic, 1);
    send(stack, topic);
    StringWriter seen = new StringWriter();
    PipelineRun run = new PipelineRun(pipeline(stack, topic), new PrintWriter(seen, true), 100);
    try (SparkSession cluster = cluster()) {
      CompletableFuture<Void> ended =
          CompletableFuture.runAsync(
              () -> {
                try {
                  run.runIn(cluster);
                } catch (InterruptedException e) {
                  throw new AssertionError(e);
                }
              });
      Awaitility.await()
          .atMost(TIMEOUT)
          .until(() -> ended.isDone() || open(cluster).equals(Set.of(PRODUCER, SESSION)));
      assertThat(ended).as(seen.toString()).isNotDone();

      run.stop();
      ended.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);

      Awaitility.await().atMost(TIMEOUT).until(() -> open(cluster).isEmpty());
    }
  }

  /** By the threads that each has; the executor collects its garbage first. */
  private static Set<String> open(SparkSession cluster) {
    return new TreeSet<>(
        JavaSparkContext.fromSparkContext(cluster.sparkContext())
            .parallelize(List.of(1), 1)
            .flatMap(
                any -> {
                  System.gc();
                  return Thread.getAllStackTraces().keySet().stream()
                      .map(thread -> kind(thread.getName()))
                      .flatMap(Optional::stream)
                      .iterator();
                })
            .collect());
  }

  private static Optional<String> kind(String thread) {
    if (thread.startsWith("kafka-producer-network-thread")) {
      return Optional.of(PRODUCER);
    }
    return thread.matches("s\\d+-(io|admin)-\\d+") ? Optional.of(SESSION) : Optional.empty();
  }

  private PipelineDefinition pipeline(LocalStack stack, String topic) throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("pipeline.yaml"),
            """
            name: executor-connections
            source: {kafka: {bootstrap-servers: "%1$s", topic: %2$s, starting-offsets: earliest}}
            table: {key: [id], columns: {id: {type: bigint}}}
            outputs:
              to-kafka: {sink: kafka}
              to-cassandra: {sink: cassandra, key: [id]}
            sinks:
              kafka: {topic: %2$s-out}
              cassandra: {contact-points: "%3$s", keyspace: executor_connections, create: if-missing}
            trigger: {interval: 1s}
            dead-letters: {sink: console}
            checkpoints: %4$s/checkpoints
            """
                .formatted(
                    stack.bootstrapServers(), topic, stack.connections().cassandra(), folder));
    Overrides all =
        new Overrides(
            new OutputChoice.All(),
            Optional.empty(),
            List.of(),
            Optional.empty(),
            Optional.empty());
    return new PipelineLoader(Map.of(), SinkConnectors.STANDARD.kinds())
        .load(file.toString(), all)
        .definition();
  }

  private static void send(LocalStack stack, String topic) throws Exception {
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", stack.bootstrapServers()),
            new StringSerializer(),
            new StringSerializer())) {
      producer.send(new ProducerRecord<>(topic, "{\"id\":1}", "{\"id\":1,\"__op\":\"c\"}")).get();
    }
  }

  /** One executor with one core. */
  private static SparkSession cluster() {
    SparkSession.Builder builder =
        SparkSession.builder()
            .master("local-cluster[1,1,1024]")
            .appName("connections of an executor")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "localhost")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.sql.session.timeZone", "UTC")
            .config("spark.executor.memory", "1g")
            .config("spark.executor.extraClassPath", System.getProperty("java.class.path"))
            // Spark is on the class path, and not in a folder of its own.
            .config("spark.executorEnv.SPARK_TESTING", "1")
            .config("spark.executorEnv.SPARK_SCALA_VERSION", "2.12");
    LocalDisk.SETTINGS.forEach(builder::config);
    return builder.getOrCreate();
  }
}
