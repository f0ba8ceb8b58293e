package dev.millrace.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.StackExtension;
import dev.millrace.stack.LocalStack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The job, killed by SIGKILL in every phase of a batch of views, repeatedly: in the end each view
 * equals Postgres. {@code -Dmillrace.views.kills=50} makes it a soak test, of so many kills a sink,
 * which compares after every tenth; every 20th batch is compared with Spark's own result. Each
 * second seed has the state in memory.
 */
@ExtendWith(StackExtension.class)
class ViewKillsIT {

  private static final int KILLS = Integer.getInteger("millrace.views.kills", 3);
  private static final int COMPARISON_INTERVAL = 10;
  private static final int FIRST_RIDES = 100;
  private static final int RIDES = 15;
  private static final int PARTITIONS = 4;
  private static final Duration TIMEOUT = Duration.ofMinutes(4);

  /** A phase can be over before it is seen; the kill then meets another one, which is counted. */
  private static final Duration PHASE_TIMEOUT = Duration.ofSeconds(20);

  private static final Duration POLL_INTERVAL = Duration.ofNanos(200_000);
  private static final String FIRST_OUTPUT = "completed-by-vehicle";
  private static final String LAST_OUTPUT = "mirror";

  @TempDir Path folder;

  /** How far a batch has come, as far as files tell. */
  private enum Phase {
    NOT_BEGUN,
    /** Some partitions have committed their next version. */
    IN_THE_STATES_COMMIT,
    /** All partitions have, and no sink has anything of the batch. */
    BETWEEN_STATE_AND_SINK,
    /** The first sink writes; of sinks without files that is all that can be seen. */
    IN_A_SINK,
    /** The first sink has the batch, the last one does not. */
    BETWEEN_TWO_SINKS,
    /** All sinks have the batch; Spark has not committed it. */
    BEFORE_THE_COMMIT
  }

  private static final List<Phase> WANTED =
      List.of(
          Phase.IN_THE_STATES_COMMIT,
          Phase.BETWEEN_STATE_AND_SINK,
          Phase.IN_A_SINK,
          Phase.BETWEEN_TWO_SINKS);

  @ParameterizedTest
  @ValueSource(strings = {"parquet", "kafka", "postgres", "iceberg"})
  void leaveTheViewsEqualToPostgres(String sink, LocalStack stack) throws Exception {
    long seed = System.nanoTime();
    String store = seed % 2 == 0 ? "rocksdb" : "memory";
    System.out.printf("kills of views, sink %s, state.store %s: seed %d%n", sink, store, seed);
    Random random = new Random(seed);
    Map<Integer, Long> begin = stack.endOffsets(StackExtension.TOPIC);
    long firstId = RideViews.firstId(stack);
    String topics =
        switch (sink) {
          case "postgres" -> "view_kills";
          case "iceberg" -> "ride_views";
          default -> "view-kills-" + sink;
        };
    Map<String, String> environment =
        Map.of(
            "KAFKA_BOOTSTRAP_SERVERS",
            stack.bootstrapServers(),
            "KAFKA_TOPIC",
            StackExtension.TOPIC,
            "OUTPUT_DIR",
            folder.resolve("output").toString(),
            "OUTPUT_TOPIC",
            topics,
            "OUTPUT_POSTGRES_URL",
            stack.jdbcUrl(),
            "OUTPUT_POSTGRES_PASSWORD",
            stack.connections().postgresPassword());
    List<String> flags =
        new ArrayList<>(
            List.of("--all-outputs", "--set", "state.shadow=20", "--set", "state.store=" + store));
    if (sink.equals("postgres")) {
      // A test that is run again finds what the first run left.
      stack.execute("DROP SCHEMA IF EXISTS " + topics + " CASCADE; CREATE SCHEMA " + topics);
      flags.addAll(List.of("--set", "sinks.postgres.table=" + topics + ".{output}"));
    }
    new TestPipeline("", StackExtension.TOPIC, folder, sink)
        .from(begin)
        .settings()
        .forEach(setting -> flags.addAll(List.of("--set", setting)));
    Map<Phase, Integer> killed = new EnumMap<>(Phase.class);
    PlayedRides.play(stack, seed, FIRST_RIDES);
    for (int kill = 1; kill <= KILLS; kill++) {
      if (kill % 3 == 0) PlayedRides.play(stack, seed + kill, RIDES);
      try (JobProcess job =
          start(sink, environment, flags, "--set", "source.kafka.max-offsets-per-trigger=25")) {
        // The batch that the last kill left unfinished, then one that is new.
        long before = newest("commits");
        await(job, TIMEOUT, () -> newest("commits") > before);
        if (sink.equals("parquet")) {
          Phase wanted = WANTED.get(kill % WANTED.size());
          await(job, PHASE_TIMEOUT, () -> isIn(wanted));
        } else {
          // Only the state's commit can be seen: from there on anywhere, the sinks included.
          await(job, PHASE_TIMEOUT, () -> isIn(Phase.IN_THE_STATES_COMMIT));
          LockSupport.parkNanos(Duration.ofMillis(random.nextInt(500)).toNanos());
        }
        job.kill();
      }
      killed.merge(phase(), 1, Integer::sum);
      System.out.printf("kills of views, sink %s: %d so far, %s%n", sink, kill, killed);
      if (kill % COMPARISON_INTERVAL == 0 || kill == KILLS) {
        try (JobProcess job = start(sink, environment, flags, "--available-now")) {
          assertThat(job.awaitExit()).as(job.seen()).isZero();
        }
        new RideViews(stack, sink, topics, folder.resolve("output"), firstId)
            .requireEqualToPostgres();
        System.out.printf("kills of views, sink %s: equal to Postgres%n", sink);
        if (kill < KILLS) PlayedRides.play(stack, seed - kill, RIDES);
      }
    }
  }

  private JobProcess start(
      String sink, Map<String, String> environment, List<String> flags, String... more)
      throws IOException {
    List<String> all = new ArrayList<>(flags);
    all.addAll(List.of(more));
    return JobProcess.start("ride-views", folder, sink, environment, all);
  }

  private interface Condition {
    boolean isMet() throws IOException;
  }

  /** Awaitility's shortest pause is longer than some phases. */
  private static void await(JobProcess job, Duration timeout, Condition condition)
      throws IOException {
    long end = System.nanoTime() + timeout.toNanos();
    while (System.nanoTime() < end && !condition.isMet()) {
      job.requireAlive();
      LockSupport.parkNanos(POLL_INTERVAL.toNanos());
    }
  }

  private Path checkpoint() {
    return folder.resolve("checkpoints/ride-views/table.bookings");
  }

  private Phase phase() throws IOException {
    long batch = newest("offsets");
    if (batch < 0 || batch == newest("commits")) {
      return Phase.NOT_BEGUN;
    }
    int committed = committedStores(batch);
    if (committed < 2 * PARTITIONS) {
      return committed == 0 ? Phase.NOT_BEGUN : Phase.IN_THE_STATES_COMMIT;
    }
    if (has(LAST_OUTPUT, batch)) {
      return Phase.BEFORE_THE_COMMIT;
    }
    if (has(FIRST_OUTPUT, batch)) {
      return Phase.BETWEEN_TWO_SINKS;
    }
    return isStaged(FIRST_OUTPUT, batch) ? Phase.IN_A_SINK : Phase.BETWEEN_STATE_AND_SINK;
  }

  /** Looks at as few files as it can: the phase must not be over meanwhile. */
  private boolean isIn(Phase phase) throws IOException {
    long batch = newest("offsets");
    return switch (phase) {
      case IN_THE_STATES_COMMIT -> {
        int committed = committedStores(batch);
        yield committed > 0 && committed < 2 * PARTITIONS;
      }
      case BETWEEN_STATE_AND_SINK -> committedStores(batch) == 2 * PARTITIONS && !isEnded(batch);
      case IN_A_SINK -> isStaged(FIRST_OUTPUT, batch);
      case BETWEEN_TWO_SINKS ->
          has(FIRST_OUTPUT, batch) && !has(LAST_OUTPUT, batch) && !isEnded(batch);
      default -> throw new IllegalArgumentException(phase.toString());
    };
  }

  private boolean isEnded(long batch) throws IOException {
    return newest("commits") >= batch;
  }

  private int committedStores(long batch) {
    int committed = 0;
    for (String store : List.of("table", "groups")) {
      for (int partition = 0; partition < PARTITIONS; partition++) {
        Path versions = checkpoint().resolve("state").resolve(store).resolve("" + partition);
        boolean isCommitted =
            Files.exists(versions.resolve((batch + 1) + ".changelog"))
                || Files.exists(versions.resolve((batch + 1) + ".changes"));
        committed += isCommitted ? 1 : 0;
      }
    }
    return committed;
  }

  private boolean has(String output, long batch) {
    return Files.exists(folder.resolve("output").resolve(output).resolve("batch=" + batch));
  }

  private boolean isStaged(String output, long batch) throws IOException {
    Path staging = folder.resolve("output/." + output + ".staging");
    if (!Files.isDirectory(staging)) {
      return false;
    }
    try (Stream<Path> runs = Files.list(staging)) {
      return runs.anyMatch(run -> Files.exists(run.resolve("batch=" + batch)));
    }
  }

  private long newest(String log) throws IOException {
    Path files = checkpoint().resolve(log);
    if (!Files.isDirectory(files)) {
      return -1;
    }
    try (Stream<Path> batches = Files.list(files)) {
      return batches
          .map(file -> file.getFileName().toString())
          .filter(name -> name.matches("\\d+"))
          .mapToLong(Long::parseLong)
          .max()
          .orElse(-1);
    }
  }
}
