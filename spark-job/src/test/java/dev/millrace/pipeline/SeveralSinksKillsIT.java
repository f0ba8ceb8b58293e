package dev.millrace.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.StackExtension;
import dev.millrace.stack.LocalStack;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * One state and twelve outputs, three views for each of four sinks: the job, or the server of a
 * sink, is killed by SIGKILL while a batch is on its way from one sink to the next. In the end each
 * view in each sink equals Postgres. {@code -Dmillrace.sinks.kills=20} continues until each sink
 * was caught so often.
 */
@ExtendWith(StackExtension.class)
class SeveralSinksKillsIT {

  private static final int KILLS = Integer.getInteger("millrace.sinks.kills", 1);
  private static final int RIDES = 15;
  private static final Duration TIMEOUT = Duration.ofMinutes(4);
  private static final Duration POLL_INTERVAL = Duration.ofMillis(2);
  private static final String SMALL_BATCHES = "source.kafka.max-offsets-per-trigger=25";
  private static final String LAST_VIEW = "mirror";

  /** Of what a kill waits at most once its moment has come, so that it meets any point of it. */
  private static final int MAX_DELAY_MILLIS = 300;

  @TempDir Path folder;

  @Test
  void ofTheJobLeaveEverySinkEqualToPostgres(LocalStack stack) throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    Map<Integer, Long> begin = stack.endOffsets(StackExtension.TOPIC);
    long firstId = RideViews.firstId(stack);
    Map<String, Integer> caught = new TreeMap<>();
    int kills = 0;
    try (TargetPostgres target = new TargetPostgres(folder)) {
      SeveralSinks sinks = SeveralSinks.written(stack, target, folder, "sinks-kills");
      PlayedRides.play(stack, seed, 3 * RIDES);
      while (SeveralSinks.SINKS.stream().anyMatch(sink -> caught.getOrDefault(sink, 0) < KILLS)) {
        String wanted =
            SeveralSinks.SINKS.stream()
                .min((one, other) -> caught.getOrDefault(one, 0) - caught.getOrDefault(other, 0))
                .orElseThrow();
        PlayedRides.play(stack, seed + ++kills, RIDES);
        try (JobProcess job = sinks.start(begin, "--set", SMALL_BATCHES)) {
          // The batch that the last kill left unfinished, then one that is new.
          long before = newest(sinks, "commits");
          Awaitility.await()
              .atMost(TIMEOUT)
              .until(() -> job.requireAlive() && newest(sinks, "commits") > before);
          Awaitility.await()
              .atMost(TIMEOUT)
              .pollInterval(POLL_INTERVAL)
              .until(() -> job.requireAlive() && isNext(sinks, wanted));
          LockSupport.parkNanos(Duration.ofMillis(random.nextInt(MAX_DELAY_MILLIS)).toNanos());
          job.kill();
        }
        String where = whereItStopped(sinks);
        caught.merge(where, 1, Integer::sum);
        System.out.printf("kills of the job, seed %d: %d so far, %s%n", seed, kills, caught);
      }
      try (JobProcess job = sinks.start(begin, "--available-now")) {
        assertThat(job.awaitExit()).as(job.seen()).isZero();
      }
      for (String sink : SeveralSinks.SINKS) {
        sinks.views(sink, firstId).requireEqualToPostgres();
      }
    }
  }

  @Test
  void ofTheTargetsServerLeaveEverySinkEqualToPostgres(LocalStack stack) throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    Map<Integer, Long> begin = stack.endOffsets(StackExtension.TOPIC);
    long firstId = RideViews.firstId(stack);
    int caught = 0;
    int kills = 0;
    try (TargetPostgres target = new TargetPostgres(folder)) {
      SeveralSinks sinks = SeveralSinks.written(stack, target, folder, "servers-kills");
      PlayedRides.play(stack, seed, 3 * RIDES);
      try (JobProcess job = sinks.start(begin, "--set", SMALL_BATCHES)) {
        Awaitility.await()
            .atMost(TIMEOUT)
            .until(() -> job.requireAlive() && newest(sinks, "commits") >= 0);
        while (caught < KILLS) {
          PlayedRides.play(stack, seed + ++kills, RIDES);
          Awaitility.await()
              .atMost(TIMEOUT)
              .pollInterval(POLL_INTERVAL)
              .until(() -> job.requireAlive() && isNext(sinks, "postgres"));
          long batch = newest(sinks, "offsets");
          LockSupport.parkNanos(Duration.ofMillis(random.nextInt(MAX_DELAY_MILLIS)).toNanos());
          target.kill();
          target.start();
          // The job tries again after a second, so this is how far it had come.
          caught += sinks.batch("postgres", LAST_VIEW) < batch ? 1 : 0;
          System.out.printf(
              "kills of Postgres, seed %d: %d, %d in its batch%n", seed, kills, caught);
          Awaitility.await()
              .atMost(TIMEOUT)
              .until(() -> job.requireAlive() && newest(sinks, "commits") >= batch);
        }
        for (String sink : SeveralSinks.SINKS) {
          Awaitility.await(sink)
              .atMost(TIMEOUT)
              .untilAsserted(
                  () -> {
                    job.requireAlive();
                    sinks.views(sink, firstId).requireEqualToPostgres();
                  });
        }
        assertThat(job.terminate()).as(job.seen()).isZero();
      }
    }
  }

  /**
   * Whether the batch under way has been delivered to the sink before this one, and not to this.
   */
  private static boolean isNext(SeveralSinks sinks, String sink) throws Exception {
    long batch = newest(sinks, "offsets");
    if (batch <= newest(sinks, "commits")) {
      return false;
    }
    int place = SeveralSinks.SINKS.indexOf(sink);
    return place == 0
        ? isInState(sinks, batch) && sinks.batch(sink, LAST_VIEW) < batch
        : sinks.batch(SeveralSinks.SINKS.get(place - 1), LAST_VIEW) >= batch
            && sinks.batch(sink, LAST_VIEW) < batch;
  }

  /** The sink that a batch had begun to be delivered to, as the one before it has all of it. */
  private static String whereItStopped(SeveralSinks sinks) throws SQLException {
    long batch = newest(sinks, "offsets");
    if (batch <= newest(sinks, "commits") || !isInState(sinks, batch)) {
      return "before any sink";
    }
    for (String sink : SeveralSinks.SINKS) {
      if (sinks.batch(sink, LAST_VIEW) < batch) {
        return sink;
      }
    }
    return "after all sinks";
  }

  /** Whether all of the state's partitions have the batch. */
  private static boolean isInState(SeveralSinks sinks, long batch) {
    Path state = sinks.checkpoint().resolve("state");
    for (String store : List.of("table", "groups")) {
      for (int partition = 0; partition < 4; partition++) {
        if (!Files.exists(
            state.resolve(store).resolve("" + partition).resolve((batch + 1) + ".changelog"))) {
          return false;
        }
      }
    }
    return true;
  }

  private static long newest(SeveralSinks sinks, String log) {
    String[] names = sinks.checkpoint().resolve(log).toFile().list();
    return names == null
        ? -1
        : List.of(names).stream()
            .filter(name -> name.matches("\\d+"))
            .mapToLong(Long::parseLong)
            .max()
            .orElse(-1);
  }
}
