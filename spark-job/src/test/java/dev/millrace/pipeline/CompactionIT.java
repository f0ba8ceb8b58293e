package dev.millrace.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.StackExtension;
import dev.millrace.pipeline.ChangeTopic.Message;
import dev.millrace.stack.LocalStack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Batches of a running job are copied by compactions that are killed, while DuckDB reads. */
@ExtendWith(StackExtension.class)
class CompactionIT {

  private static final int KILLS = 3;
  private static final String OUTPUT = "bookings";

  /** As docs/compaction.md has it. */
  private static final String BOTH =
      """
      WITH copied AS MATERIALIZED (
        SELECT batch, partition, "offset" FROM read_parquet('%1$s.compacted/*/*.parquet'))
      SELECT * FROM copied
      UNION ALL
      SELECT batch, partition, "offset" FROM read_parquet('%1$s/*/*.parquet', hive_partitioning = true)
      WHERE batch > (SELECT max(batch) FROM copied)
      """;

  @TempDir Path folder;

  @Test
  void copiesEachBatchOnceThroughKills(LocalStack stack) throws Exception {
    long seed = System.nanoTime();
    System.out.printf("kills of compactions: seed %d%n", seed);
    Random random = new Random(seed);
    Map<Integer, Long> begin = stack.endOffsets(StackExtension.TOPIC);
    TestPipeline pipeline =
        new TestPipeline(stack.bootstrapServers(), StackExtension.TOPIC, folder, "parquet")
            .from(begin);
    AtomicBoolean isOver = new AtomicBoolean();
    CompletableFuture<Integer> reader;
    int killedWhileWriting = 0;
    try (PlayedRides rides = new PlayedRides(stack, seed);
        JobProcess job =
            JobProcess.start(
                pipeline.with("source.kafka.max-offsets-per-trigger=100"),
                "--output=" + OUTPUT,
                List.of())) {
      job.awaitCommitAfter(OUTPUT, 1);
      compact(pipeline);
      reader = CompletableFuture.supplyAsync(() -> readUntil(isOver));
      for (int kill = 1; kill <= KILLS; kill++) {
        job.awaitCommitAfter(OUTPUT, job.newest(OUTPUT, "commits"));
        Set<String> leftByKills = staged();
        try (JobProcess compaction = JobProcess.compaction(pipeline, OUTPUT, List.of())) {
          Awaitility.await()
              .atMost(Duration.ofMinutes(2))
              .pollInterval(Duration.ofMillis(2))
              .until(() -> compaction.requireAlive() && !leftByKills.containsAll(staged()));
          // A random point of a copy: what happens in it is not told.
          LockSupport.parkNanos(Duration.ofMillis(random.nextInt(400)).toNanos());
          compaction.kill();
          killedWhileWriting += staged().isEmpty() ? 0 : 1;
        }
      }
      rides.end();
      assertThat(job.terminate()).as(job.seen()).isZero();
    }
    isOver.set(true);
    System.out.printf(
        "kills of compactions: %d of %d while files were written; DuckDB has read %d times%n",
        killedWhileWriting, KILLS, reader.get());
    try (JobProcess job = JobProcess.start(pipeline, List.of("--available-now"))) {
      assertThat(job.awaitExit()).as(job.seen()).isZero();
    }
    compact(pipeline, "--keep-newest", "1");

    List<Message> messages = ChangeTopic.read(stack, StackExtension.TOPIC, begin);
    assertThat(identities())
        .containsExactlyInAnyOrderElementsOf(
            messages.stream().map(each -> each.partition() + "-" + each.offset()).toList());
    try (Stream<Path> left = Files.list(pipeline.output(OUTPUT))) {
      assertThat(left.filter(each -> each.getFileName().toString().startsWith("batch=")))
          .hasSize(1);
    }
    assertThat(killedWhileWriting).isPositive();
    assertThat(reader.get()).isPositive();
  }

  private void compact(TestPipeline pipeline, String... flags)
      throws IOException, InterruptedException {
    try (JobProcess compaction = JobProcess.compaction(pipeline, OUTPUT, List.of(flags))) {
      assertThat(compaction.awaitExit()).as(compaction.seen()).isZero();
      assertThat(compaction.seen()).contains(OUTPUT + ": copied ");
    }
  }

  /** What compactions are writing, or were when they were killed. */
  private Set<String> staged() throws IOException {
    Path staging = folder.resolve("output/." + OUTPUT + ".compacted.staging");
    try (Stream<Path> runs = Files.list(staging)) {
      return runs.map(run -> run.getFileName().toString()).collect(Collectors.toSet());
    } catch (NoSuchFileException e) {
      return Set.of();
    }
  }

  /** Each read finds each change once, and no fewer than the one before. */
  private int readUntil(AtomicBoolean isOver) {
    int reads = 0;
    int before = 0;
    while (!isOver.get()) {
      List<String> found;
      try {
        found = identities();
      } catch (SQLException e) {
        throw new AssertionError(e);
      }
      assertThat(found).doesNotHaveDuplicates().hasSizeGreaterThanOrEqualTo(before);
      before = found.size();
      reads++;
    }
    return reads;
  }

  private List<String> identities() throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(BOTH.formatted(folder.resolve("output").resolve(OUTPUT)))) {
      List<String> identities = new ArrayList<>();
      while (rows.next()) {
        identities.add(rows.getLong("partition") + "-" + rows.getLong("offset"));
      }
      return identities;
    }
  }
}
