package dev.millrace.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.StackExtension;
import dev.millrace.config.parse.Overrides.OutputChoice;
import dev.millrace.error.UserException;
import dev.millrace.stack.LocalStack;
import dev.millrace.stack.process.Component;
import java.io.StringReader;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.apache.commons.io.FileUtils;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;

/** Changes that a topic has more than once are given to an output over {@code changes} once. */
@ExtendWith(StackExtension.class)
class RedeliveriesIT {

  private static final int COPIED = 4_000;
  private static final int UPDATED = 500;
  private static final Duration TIMEOUT = Duration.ofMinutes(3);

  /** Half of a page, so that a COPY has many LSNs of two rows each. */
  private static final String TEXT = "x".repeat(3_900);

  private static final String COLUMN = "\"ncr_ride_bookings.csv/customer+id\"";

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"parquet", "kafka", "postgres", "iceberg"})
  void eachChangeIsDeliveredOnceThroughKillsOfConnectAndOfTheJob(String sink, LocalStack stack)
      throws Exception {
    long seed = System.nanoTime();
    System.out.printf("redeliveries through kills, sink %s: seed %d%n", sink, seed);
    Random random = new Random(seed);
    CapturedTable table = CapturedTable.create(stack, "redelivered_to_" + sink);
    table.capture();
    TestPipeline pipeline =
        new TestPipeline(stack.bootstrapServers(), table.topic(), folder, sink)
            .with("source.deduplicate=true")
            .with("source.kafka.max-offsets-per-trigger=300")
            .with("sinks.kafka.topic=" + table.name() + "-{output}")
            .with("sinks.postgres.url=" + stack.jdbcUrl())
            .with("sinks.postgres.password=" + stack.connections().postgresPassword())
            .with("sinks.postgres.table=redelivered.{output}")
            // Each change is a row, in Postgres, too.
            .with("sinks.postgres.guard=none");
    stack.execute("DROP SCHEMA IF EXISTS redelivered CASCADE; CREATE SCHEMA redelivered");
    List<String> outputs = List.of("--output", "numbered");

    try (JobProcess job = JobProcess.start(pipeline, "--output=bookings", outputs)) {
      change(stack, table);
      awaitMessages(stack, table, 1 + random.nextInt(COPIED / 2));
      stack.kill(Component.CONNECT);
      killWithinABatch(job, random);
      stack.restart(Component.CONNECT);
    }
    awaitMessages(stack, table, COPIED + 2 * UPDATED);
    List<ConsumerRecord<String, String>> sent = sorted(stack.committedRecords(table.topic()));
    // What Connect does where it can't resume exactly: it sends what follows an earlier position.
    List<ConsumerRecord<String, String>> again =
        sent.subList(random.nextInt(sent.size() - 200), sent.size());
    ChangeTopic.write(stack, table.topic(), again.stream().map(RedeliveriesIT::later).toList());
    for (int kill = 0; kill < 2; kill++) {
      try (JobProcess job = JobProcess.start(pipeline, "--output=bookings", outputs)) {
        job.awaitCommitAfter("bookings", job.newest("bookings", "commits"));
        job.awaitBatchInFlight("bookings");
        killWithinABatch(job, random);
      }
    }
    String seen = runToTheEnd(pipeline, outputs);

    assertThat(stack.committedRecords(table.topic())).hasSize(sent.size() + again.size());
    List<String> expected = sent.stream().map(RedeliveriesIT::identity).distinct().toList();
    System.out.printf(
        "%d messages, %d of them once more, %d changes%n",
        sent.size() + again.size(), again.size(), expected.size());
    assertThat(expected).hasSizeGreaterThanOrEqualTo(COPIED + 2 * UPDATED);
    assertThat(seen)
        .containsPattern(" changes \\+ 0 rejected \\+ 0 skipped, [\\d,]+ repeated, in ");
    for (String output : List.of("bookings", "numbered")) {
      assertThat(rows(stack, table, pipeline, output))
          .as("%s, seed %d", output, seed)
          .extracting(row -> row.get("id") + " " + row.get("op") + "@" + row.get("lsn"))
          .containsExactlyInAnyOrderElementsOf(expected);
    }
  }

  /** A COPY, whose rows share LSNs, and a transaction that updates rows twice. */
  private static void change(LocalStack stack, CapturedTable table) throws Exception {
    String rows =
        LongStream.range(0, COPIED)
            .mapToObj(id -> id + "\t" + TEXT + "\n")
            .collect(Collectors.joining());
    try (Connection connection = stack.connect()) {
      connection
          .unwrap(PGConnection.class)
          .getCopyAPI()
          .copyIn(
              "COPY %s (id, %s) FROM STDIN".formatted(table.name(), COLUMN),
              new StringReader(rows));
    }
    try (Connection connection = table.transaction()) {
      for (int update = 0; update < 2; update++) {
        try (var statement = connection.createStatement()) {
          statement.execute(
              "UPDATE %s SET %s = 'same' WHERE id < %d".formatted(table.name(), COLUMN, UPDATED));
        }
      }
      connection.commit();
    }
  }

  private static void awaitMessages(LocalStack stack, CapturedTable table, int count) {
    Awaitility.await()
        .atMost(TIMEOUT)
        .until(() -> stack.committedRecords(table.topic()).size() >= count);
  }

  private static void killWithinABatch(JobProcess job, Random random) throws Exception {
    job.awaitCommitAfter("bookings", -1);
    // A random point: nothing that happens tells one from another.
    LockSupport.parkNanos(Duration.ofMillis(random.nextInt(400)).toNanos());
    job.kill();
  }

  private static String runToTheEnd(TestPipeline pipeline, List<String> outputs) throws Exception {
    List<String> flags = new ArrayList<>(outputs);
    flags.add("--available-now");
    try (JobProcess job =
        JobProcess.start(
            pipeline.with("source.kafka.max-offsets-per-trigger=100000"),
            "--output=bookings",
            flags)) {
      assertThat(job.awaitExit()).as(job.seen()).isZero();
      return job.seen();
    }
  }

  private static List<ConsumerRecord<String, String>> sorted(
      List<ConsumerRecord<String, String>> records) {
    return records.stream()
        .sorted(
            Comparator.comparingInt((ConsumerRecord<String, String> record) -> record.partition())
                .thenComparingLong(ConsumerRecord::offset))
        .toList();
  }

  /** The same change in another message: the connector states when it sent it. */
  private static ConsumerRecord<String, String> later(ConsumerRecord<String, String> record) {
    assertThat(record.value()).contains("\"__ts_ms\":1");
    return new ConsumerRecord<>(
        record.topic(),
        record.partition(),
        record.offset(),
        record.key(),
        record.value().replace("\"__ts_ms\":1", "\"__ts_ms\":2"));
  }

  private static String identity(ConsumerRecord<String, String> record) {
    var value = ChangeTopic.parse(record.value());
    return "%d %s@%d"
        .formatted(
            value.path("id").asLong(),
            value.path("__op").asText(),
            value.path("__source_lsn").asLong());
  }

  private static List<Map<String, String>> rows(
      LocalStack stack, CapturedTable table, TestPipeline pipeline, String output) {
    return switch (pipeline.sink()) {
      case "kafka" -> DeliveredRows.fromKafka(stack, table.name() + "-" + output);
      case "postgres" -> DeliveredRows.fromPostgres(stack::connect, "redelivered." + output);
      case "iceberg" ->
          IcebergRows.read(pipeline.folder().resolve("output/iceberg"), "ride_bookings." + output);
      default -> DeliveredRows.fromParquet(pipeline.output(output));
    };
  }

  @Test
  void whatIsBeyondTheWindowIsDeliveredAgain(LocalStack stack) throws Exception {
    String topic = "redelivered_late";
    stack.createTopic(topic, 1);
    TestPipeline pipeline =
        new TestPipeline(stack.bootstrapServers(), topic, folder, "parquet")
            .with("source.deduplicate={window: 1m}");
    OutputChoice first = new OutputChoice.First();

    write(stack, topic, change(1, 100, 0), change(2, 110, 30_000));
    assertThat(pipeline.run(first)).contains("2 read = 2 changes").doesNotContain("repeated");
    write(stack, topic, change(1, 100, 0), change(2, 110, 30_000), change(3, 120, 60_001));
    assertThat(pipeline.run(first)).contains("3 read = 3 changes + 0 rejected + 0 skipped, 2 repe");
    write(stack, topic, change(1, 100, 0), change(2, 110, 30_000));
    assertThat(pipeline.run(first)).contains("2 read = 2 changes + 0 rejected + 0 skipped, 1 repe");

    assertThat(delivered(pipeline)).containsExactly("0 1", "1 2", "4 3", "5 1");

    write(stack, topic, change(1, 100, 0).replace("__source_lsn", "__source_no"));
    assertThat(pipeline.run(first))
        .contains(
            "bookings: messages in redelivered_late lack the LSN, the source's time or a key");
    assertThat(delivered(pipeline)).hasSize(5);
  }

  @Test
  void theErrorOfALostStateNamesTheFolderAfterWhoseRemovalTheRunContinues(LocalStack stack)
      throws Exception {
    String topic = "redelivered_after_a_loss";
    stack.createTopic(topic, 1);
    TestPipeline pipeline =
        new TestPipeline(stack.bootstrapServers(), topic, folder, "parquet")
            .with("source.deduplicate=true");
    OutputChoice first = new OutputChoice.First();
    Path seen = folder.resolve("checkpoints/ride-bookings/bookings/parquet/seen");
    write(stack, topic, change(1, 100, 0));
    pipeline.run(first);
    FileUtils.deleteDirectory(seen.resolve("topics").toFile());
    write(stack, topic, change(1, 100, 0), change(2, 110, 0));

    assertThatThrownBy(() -> pipeline.run(first))
        .isInstanceOf(UserException.class)
        .hasMessageContaining(seen + ": the changes that the output remembers for")
        .hasMessageContaining("Remove this folder and start again");

    FileUtils.deleteDirectory(seen.toFile());
    pipeline.run(first);
    assertThat(delivered(pipeline)).containsExactly("0 1", "1 1", "2 2");
  }

  @Test
  void anOutputThatWouldCountRepeatsIsRefused(LocalStack stack) {
    TestPipeline pipeline =
        new TestPipeline(stack.bootstrapServers(), "redelivered_counts", folder, "parquet")
            .with("source.deduplicate=true")
            .with("source.kafka.retry-timeout=0s");
    stack.createTopic("redelivered_counts", 1);

    assertThatThrownBy(
            () -> pipeline.run(new OutputChoice.Named(List.of("bookings", "average-by-operation"))))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("outputs.average-by-operation.sql: an aggregate that continues")
        .hasMessageContaining("would count repeated changes");
  }

  private static List<String> delivered(TestPipeline pipeline) {
    return DeliveredRows.fromParquet(pipeline.output("bookings")).stream()
        .sorted(Comparator.comparingLong(row -> Long.parseLong(row.get("offset"))))
        .map(row -> row.get("offset") + " " + row.get("id"))
        .toList();
  }

  private static String change(long id, long lsn, long millis) {
    return """
        {"id":%d,"__op":"c","__source_lsn":%d,"__source_txId":7,"__source_ts_ms":%d}"""
        .formatted(id, lsn, millis);
  }

  private static void write(LocalStack stack, String topic, String... values) throws Exception {
    ChangeTopic.write(
        stack,
        topic,
        Arrays.stream(values)
            .map(
                value ->
                    new ConsumerRecord<>(
                        topic, 0, 0, value.replaceAll("(\"id\":\\d+).*", "$1}"), value))
            .toList());
  }
}
