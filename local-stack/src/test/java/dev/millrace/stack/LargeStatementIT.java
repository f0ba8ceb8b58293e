package dev.millrace.stack;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.stack.process.Component;
import dev.millrace.stack.server.Folders;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

/**
 * COPY writes the rows of a page as one record of the write-ahead log, so they share an LSN: a
 * connector that resumes after an LSN must neither take the rest of them for sent nor send any
 * again. {@link ResumeWithinCopyIT} has the positions one by one; here a kill chooses them. Of
 * these rows a page holds two, so every other kill of a COPY leaves the first row of an LSN alone.
 */
class LargeStatementIT {

  private static final String TOPIC = "business_postgres.public.business_ncr_ride_bookings";
  private static final String COLUMN = "\"ncr_ride_bookings.csv/customer+id\"";
  private static final int ROUNDS = 10;
  private static final int ROWS = 4_000;

  /** Half of a page less its header and the row's. */
  private static final String TEXT = "x".repeat(3_900);

  private static final Duration TIMEOUT = Duration.ofMinutes(2);
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The ids in the topic so far. */
  private final TreeSet<Long> arrived = new TreeSet<>();

  private final List<Long> repeated = new ArrayList<>();

  @Test
  void losesNoRowOfACopyOrInsertWhenConnectIsKilled() throws Exception {
    long seed = System.nanoTime();
    System.out.printf("kills of Connect within a statement: seed %d%n", seed);
    Random random = new Random(seed);
    try (LocalStack stack = started();
        Connection session = stack.connect();
        KafkaConsumer<String, String> consumer = consumer(stack)) {
      for (int round = 0; round < ROUNDS; round++) {
        long first = 1_000_000L + (long) round * ROWS;
        if (round % 4 == 3) {
          insert(session, first);
        } else {
          copy(session, first);
        }
        int enough = 1 + random.nextInt(ROWS / 2);
        poll(consumer, () -> rowsFrom(first) >= enough);
        stack.kill(Component.CONNECT);
        poll(consumer, Duration.ofSeconds(1));
        assertThat(rowsFrom(first)).as("rows sent before the kill").isLessThan(ROWS);
        stack.restart(Component.CONNECT);
        poll(consumer, () -> rowsFrom(first) == ROWS);

        int missing = ROWS - rowsFrom(first);
        assertThat(missing).as("missing rows of round %d, seed %d", round, seed).isZero();
      }
    }
    assertThat(arrived)
        .containsExactlyElementsOf(
            LongStream.range(1_000_000L, 1_000_000L + (long) ROUNDS * ROWS).boxed().toList());
    assertThat(repeated).as("rows sent twice, seed %d", seed).isEmpty();
  }

  private static LocalStack started() throws IOException {
    LocalStackOptions options = LocalStackOptions.in(Path.of("target/large-statement-it"));
    LocalStack.endOrphans(options);
    Folders.delete(options.dataFolder());
    LocalStack stack = LocalStack.start(options);
    stack.createTopic(TOPIC, 3);
    // Neither compressed nor stored elsewhere.
    stack.execute(
        "ALTER TABLE business_ncr_ride_bookings ALTER COLUMN %s SET STORAGE PLAIN"
            .formatted(COLUMN));
    // A transaction of Connect may end after any row.
    stack.register(stack.connector("ride-bookings").with("max.batch.size", "97"));
    return stack;
  }

  private static void copy(Connection session, long first) throws SQLException, IOException {
    String rows =
        LongStream.range(first, first + ROWS)
            .mapToObj(id -> id + "\t" + TEXT + "\n")
            .collect(Collectors.joining());
    session
        .unwrap(PGConnection.class)
        .getCopyAPI()
        .copyIn(
            "COPY business_ncr_ride_bookings (id, %s) FROM STDIN".formatted(COLUMN),
            new StringReader(rows));
  }

  private static void insert(Connection session, long first) throws SQLException {
    String rows =
        LongStream.range(first, first + ROWS)
            .mapToObj(id -> "(%d, '%s')".formatted(id, TEXT))
            .collect(Collectors.joining(", "));
    try (Statement statement = session.createStatement()) {
      statement.execute(
          "INSERT INTO business_ncr_ride_bookings (id, %s) VALUES ".formatted(COLUMN) + rows);
    }
  }

  private static KafkaConsumer<String, String> consumer(LocalStack stack) {
    KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers", stack.bootstrapServers(), "isolation.level", "read_committed"),
            new StringDeserializer(),
            new StringDeserializer());
    List<TopicPartition> partitions =
        consumer.partitionsFor(TOPIC).stream()
            .map(each -> new TopicPartition(each.topic(), each.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    return consumer;
  }

  private interface Condition {
    boolean holds();
  }

  /** Reads until the condition holds, or nothing has come for {@link #TIMEOUT}. */
  private void poll(KafkaConsumer<String, String> consumer, Condition condition)
      throws IOException {
    Instant end = Instant.now().plus(TIMEOUT);
    while (!condition.holds() && Instant.now().isBefore(end)) {
      if (poll(consumer, Duration.ofMillis(100)) > 0) {
        end = Instant.now().plus(TIMEOUT);
      }
    }
  }

  private int poll(KafkaConsumer<String, String> consumer, Duration wait) throws IOException {
    int count = 0;
    for (ConsumerRecord<String, String> record : consumer.poll(wait)) {
      long id = JSON.readTree(record.key()).path("id").asLong();
      if (!arrived.add(id)) {
        repeated.add(id);
      }
      count++;
    }
    return count;
  }

  private int rowsFrom(long first) {
    return arrived.tailSet(first).size();
  }
}
