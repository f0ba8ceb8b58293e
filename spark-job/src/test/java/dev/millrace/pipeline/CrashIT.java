package dev.millrace.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.StackExtension;
import dev.millrace.pipeline.ChangeTopic.Message;
import dev.millrace.simulator.Pace;
import dev.millrace.simulator.RideSimulation;
import dev.millrace.simulator.SimulationListener;
import dev.millrace.simulator.SimulationSettings;
import dev.millrace.stack.LocalStack;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The job, killed repeatedly in the middle of a batch, delivers each change once all the same. */
@ExtendWith(StackExtension.class)
class CrashIT {

  private static final int KILLS = 3;
  private static final List<String> OUTPUTS =
      List.of("bookings", "numbered", "average-by-operation");

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"parquet", "kafka"})
  void deliversEachChangeOnceThroughKills(String sink, LocalStack stack) throws Exception {
    long seed = System.nanoTime();
    System.out.printf("kills in the middle of a batch, sink %s: seed %d%n", sink, seed);
    Random random = new Random(seed);
    Map<Integer, Long> begin = stack.endOffsets(StackExtension.TOPIC);
    TestPipeline pipeline =
        new TestPipeline(stack.bootstrapServers(), StackExtension.TOPIC, folder, sink)
            .from(begin)
            .with("source.kafka.max-offsets-per-trigger=200")
            .with("sinks.kafka.topic=crash-{output}");

    try (PlayedRides rides = new PlayedRides(stack, seed)) {
      for (int kill = 1; kill <= KILLS; kill++) {
        String output = OUTPUTS.get(random.nextInt(OUTPUTS.size()));
        Duration delay = Duration.ofMillis(random.nextInt(400));
        try (JobProcess job = JobProcess.start(pipeline, List.of())) {
          job.awaitCommitAfter(output, job.newest(output, "commits"));
          job.awaitBatchInFlight(output);
          // A random point of the batch: nothing that happens tells one from another.
          LockSupport.parkNanos(delay.toNanos());
          job.kill();
          System.out.printf("killed %s after %d ms of a batch%n", output, delay.toMillis());
        }
      }
      rides.end();
    }
    try (JobProcess job =
        JobProcess.start(
            pipeline.with("source.kafka.max-offsets-per-trigger=100000"),
            List.of("--available-now"))) {
      assertThat(job.awaitExit()).as(job.seen()).isZero();
    }

    List<Message> messages = ChangeTopic.read(stack, StackExtension.TOPIC, begin);
    List<String> identities =
        messages.stream().map(each -> each.partition() + "-" + each.offset()).toList();
    for (String output : List.of("bookings", "numbered")) {
      assertThat(rows(stack, pipeline, output))
          .as(output)
          .extracting(row -> row.get("partition") + "-" + row.get("offset"))
          .containsExactlyInAnyOrderElementsOf(identities);
    }
    Map<String, String> averages = new HashMap<>();
    rows(stack, pipeline, "average-by-operation")
        .forEach(row -> averages.put(row.get("op"), row.get("avg_booking")));
    double updates =
        messages.stream()
            .filter(each -> each.value().get("__op").asText().equals("u"))
            .map(each -> each.number("booking+value"))
            .filter(value -> value != null)
            .mapToDouble(value -> value)
            .average()
            .orElseThrow();
    assertThat(Double.parseDouble(averages.get("u")))
        .isCloseTo(updates, org.assertj.core.api.Assertions.within(1e-6));
  }

  @Test
  void endsAfterTheBatchInFlightOnSigterm(LocalStack stack) throws Exception {
    TestPipeline pipeline =
        new TestPipeline(stack.bootstrapServers(), StackExtension.TOPIC, folder, "parquet")
            .from(stack.endOffsets(StackExtension.TOPIC))
            .with("source.kafka.max-offsets-per-trigger=20");
    try (Connection connection = stack.connect()) {
      new RideSimulation(
              connection, new SimulationSettings(1, 200, Pace.UNLIMITED), SimulationListener.SILENT)
          .run();
    }
    try (JobProcess job = JobProcess.start(pipeline, List.of())) {
      job.awaitCommitAfter("bookings", 1);
      job.awaitBatchInFlight("bookings");

      assertThat(job.terminate()).as(job.seen()).isZero();

      assertThat(job.seen()).doesNotContain("error");
      assertThat(DeliveredRows.fromParquet(pipeline.output("bookings")))
          .extracting(row -> Long.valueOf(row.get("batch")))
          .as("a batch that is delivered is committed")
          .allMatch(batch -> batch <= newest(job, "bookings"));
    }
  }

  private static long newest(JobProcess job, String output) {
    try {
      return job.newest(output, "commits");
    } catch (java.io.IOException e) {
      throw new AssertionError(e);
    }
  }

  private static List<Map<String, String>> rows(
      LocalStack stack, TestPipeline pipeline, String output) {
    return pipeline.sink().equals("kafka")
        ? DeliveredRows.fromKafka(stack, "crash-" + output)
        : DeliveredRows.fromParquet(pipeline.output(output));
  }
}
