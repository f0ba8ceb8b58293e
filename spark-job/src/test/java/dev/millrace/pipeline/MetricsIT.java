package dev.millrace.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.StackExtension;
import dev.millrace.config.PipelineDefinition;
import dev.millrace.config.parse.Overrides;
import dev.millrace.config.parse.Overrides.OutputChoice;
import dev.millrace.config.parse.PipelineLoader;
import dev.millrace.stack.LocalStack;
import dev.millrace.stack.process.ListeningPort;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The counts of a running query where monitoring finds them. */
@ExtendWith(StackExtension.class)
class MetricsIT {

  @TempDir Path folder;

  @Test
  void showsCountsInJmxAndToPrometheus(LocalStack stack) throws Exception {
    String topic = "metrics";
    stack.createTopic(topic, 1);
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", stack.bootstrapServers()),
            new StringSerializer(),
            new StringSerializer())) {
      producer.send(new ProducerRecord<>(topic, "{\"id\":1,\"__op\":\"c\"}")).get();
      producer.send(new ProducerRecord<>(topic, "{\"id\":2,\"__op\":\"c\"}")).get();
      // No folder can have this name.
      String status =
          "\"ncr_ride_bookings.csv/booking+status\":\"b'%s'\"".formatted("x".repeat(300));
      producer
          .send(new ProducerRecord<>(topic, "{\"id\":3,%s,\"__op\":\"c\"}".formatted(status)))
          .get();
      producer.send(new ProducerRecord<>(topic, "{\"id\":")).get();
      producer.send(new ProducerRecord<>(topic, null)).get();
    }
    TestPipeline pipeline = new TestPipeline(stack.bootstrapServers(), topic, folder, "parquet");
    int port = ListeningPort.anyFree();
    PipelineRun run =
        new PipelineRun(load(pipeline, port), new PrintWriter(new StringWriter()), 200);
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try {
      CompletableFuture<Void> ended =
          CompletableFuture.runAsync(
              () -> {
                try {
                  run.run();
                } catch (InterruptedException e) {
                  throw new IllegalStateException(e);
                }
              },
              thread);
      Awaitility.await()
          .atMost(Duration.ofMinutes(2))
          .until(() -> ended.isDone() || gauge("read").equals(Optional.of(5L)));

      assertThat(gauge("changes")).contains(3L);
      assertThat(gauge("rejected")).contains(1L);
      assertThat(gauge("skipped")).contains(1L);
      assertThat(gauge("unstorable")).contains(1L);
      assertThat(gauge("lag")).contains(0L);
      assertThat(gauge("batch")).contains(0L);
      assertThat(gauge("batch-milliseconds").orElseThrow()).isPositive();
      HttpResponse<String> prometheus =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(
                          URI.create("http://localhost:" + port + "/metrics/prometheus/"))
                      .build(),
                  HttpResponse.BodyHandlers.ofString());
      assertThat(prometheus.body().lines())
          .contains("metrics_millrace_driver_query_bookings_parquet_read_Value{type=\"gauges\"} 5");
      run.stop();
      ended.get(2, TimeUnit.MINUTES);
    } finally {
      run.stop();
      thread.shutdown();
    }
  }

  private static PipelineDefinition load(TestPipeline pipeline, int port) {
    String file =
        Path.of(System.getProperty("millrace.home"), "pipelines", "ride-bookings.yaml").toString();
    return new PipelineLoader(pipeline.environment(), SinkConnectors.STANDARD.kinds())
        .load(
            file,
            new Overrides(
                new OutputChoice.First(),
                Optional.of("parquet"),
                List.of(
                    "sinks.parquet.partition-by=[booking_status]",
                    "spark.conf.spark.ui.enabled=true",
                    "spark.conf.spark.ui.port=" + port,
                    "spark.conf.spark.driver.host=localhost"),
                Optional.empty(),
                Optional.of(pipeline.folder().resolve("checkpoints").toString())))
        .definition();
  }

  /** A gauge of the query as JMX has it; empty before there is one. */
  private static Optional<Long> gauge(String name) throws Exception {
    MBeanServer beans = ManagementFactory.getPlatformMBeanServer();
    for (ObjectName bean :
        beans.queryNames(
            new ObjectName("metrics:name=*.query.bookings.parquet." + name + ",*"), null)) {
      return Optional.of((Long) beans.getAttribute(bean, "Value"));
    }
    return Optional.empty();
  }
}
