package dev.millrace.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.StackExtension;
import dev.millrace.stack.LocalStack;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A sink whose server is away for longer than it is waited for, next to others. */
@ExtendWith(StackExtension.class)
class SinkOutageIT {

  private static final long SEED = 20261201;
  private static final Duration TIMEOUT = Duration.ofMinutes(3);
  private static final String IMPATIENT = "sinks.postgres.retry-timeout=2s";
  private static final String DETACH = "state.on-sink-failure=detach";

  /** So that rides are seen under way: files of a view that never had a row do not exist. */
  private static final String SMALL_BATCHES = "source.kafka.max-offsets-per-trigger=40";

  private static final List<String> OTHERS = List.of("parquet", "kafka", "iceberg");

  @TempDir Path folder;

  /** Its server is killed, and comes back; the topic has nothing new then. */
  @Test
  void theOthersContinueAndItGetsTheWholeResultOnceItIsBack(LocalStack stack) throws Exception {
    Map<Integer, Long> begin = stack.endOffsets(StackExtension.TOPIC);
    long firstId = RideViews.firstId(stack);
    try (TargetPostgres target = new TargetPostgres(folder)) {
      SeveralSinks sinks = SeveralSinks.written(stack, target, folder, "outage");
      PlayedRides.play(stack, SEED, 60);
      try (JobProcess job =
          sinks.start(begin, "--set", SMALL_BATCHES, "--set", IMPATIENT, "--set", DETACH)) {
        awaitEqual(sinks, SeveralSinks.SINKS, firstId, job);
        target.kill();
        PlayedRides.play(stack, SEED + 1, 40);
        awaitEqual(sinks, OTHERS, firstId, job);
        assertThat(job.seen())
            .containsPattern(
                "postgres-mirror: its sink is detached from batch \\d+ on, as it is away");
        // Killed meanwhile: a run that follows finds the sink detached, and still away.
        job.kill();
      }
      PlayedRides.play(stack, SEED + 2, 20);
      try (JobProcess job =
          sinks.start(begin, "--set", SMALL_BATCHES, "--set", IMPATIENT, "--set", DETACH)) {
        awaitEqual(sinks, OTHERS, firstId, job);
        target.start();
        awaitEqual(sinks, SeveralSinks.SINKS, firstId, job);
        assertThat(job.seen())
            .containsPattern(
                "postgres-mirror: its sink is back and gets the whole result with batch \\d+");
        PlayedRides.play(stack, SEED + 3, 20);
        awaitEqual(sinks, SeveralSinks.SINKS, firstId, job);
        assertThat(job.terminate()).as(job.seen()).isZero();
      }
    }
  }

  /** A run that ends by itself must not end as if all had been delivered. */
  @Test
  void aRunThatEndsByItselfFailsWithTheNamesOfWhatIsLeftOut(LocalStack stack) throws Exception {
    Map<Integer, Long> begin = stack.endOffsets(StackExtension.TOPIC);
    long firstId = RideViews.firstId(stack);
    PlayedRides.play(stack, SEED + 4, 30);
    try (TargetPostgres target = new TargetPostgres(folder)) {
      SeveralSinks sinks = SeveralSinks.written(stack, target, folder, "left-out");
      target.kill();
      try (JobProcess job =
          sinks.start(
              begin,
              "--available-now",
              "--set",
              SMALL_BATCHES,
              "--set",
              IMPATIENT,
              "--set",
              DETACH)) {
        assertThat(job.awaitExit()).as(job.seen()).isEqualTo(1);
        assertThat(job.seen())
            .contains(
                "postgres-completed-by-vehicle, postgres-open-rides, postgres-mirror: the sink is detached");
      }
      for (String sink : OTHERS) {
        sinks.views(sink, firstId).requireEqualToPostgres();
      }
      target.start();
      try (JobProcess job =
          sinks.start(
              begin,
              "--available-now",
              "--set",
              SMALL_BATCHES,
              "--set",
              IMPATIENT,
              "--set",
              DETACH)) {
        assertThat(job.awaitExit()).as(job.seen()).isZero();
      }
      sinks.views("postgres", firstId).requireEqualToPostgres();
    }
  }

  /** Unless it is told otherwise. */
  @Test
  void theRunEndsWithTheErrorOfTheSink(LocalStack stack) throws Exception {
    Map<Integer, Long> begin = stack.endOffsets(StackExtension.TOPIC);
    PlayedRides.play(stack, SEED + 5, 10);
    try (TargetPostgres target = new TargetPostgres(folder)) {
      SeveralSinks sinks = SeveralSinks.written(stack, target, folder, "stops");
      target.kill();
      try (JobProcess job =
          sinks.start(begin, "--available-now", "--set", SMALL_BATCHES, "--set", IMPATIENT)) {
        assertThat(job.awaitExit()).as(job.seen()).isEqualTo(1);
        assertThat(job.seen()).contains("can't be used, also after retries for 2 s");
      }
    }
  }

  private static void awaitEqual(
      SeveralSinks sinks, List<String> which, long firstId, JobProcess job) {
    for (String sink : which) {
      Awaitility.await(sink)
          .atMost(TIMEOUT)
          .untilAsserted(
              () -> {
                job.requireAlive();
                sinks.views(sink, firstId).requireEqualToPostgres();
              });
    }
  }
}
