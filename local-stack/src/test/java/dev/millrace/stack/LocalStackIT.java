package dev.millrace.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.stack.error.StackException;
import dev.millrace.stack.process.Component;
import dev.millrace.stack.server.ConnectorDefinition;
import dev.millrace.stack.server.Folders;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** One real stack for all; a test reads only the rows that it wrote. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class LocalStackIT {

  private static final String TABLE = "public.business_ncr_ride_bookings";
  private static final String UNWRAPPED = "business_postgres." + TABLE;
  private static final String ENVELOPE = "business_full." + TABLE;
  private static final String STATUS = "ncr_ride_bookings.csv/booking+status";
  private static final Duration TIMEOUT = Duration.ofMinutes(3);
  private static final ObjectMapper JSON = new ObjectMapper();

  private static LocalStackOptions options;
  private static LocalStack stack;

  @BeforeAll
  static void startStack() throws IOException {
    options = LocalStackOptions.in(Path.of("target/local-stack-it"));
    // What an aborted run left behind is ended and forgotten.
    LocalStack.start(options).close();
    Folders.delete(options.dataFolder());
    stack = LocalStack.start(options);
    stack.register(stack.connector("ride-bookings"));
    stack.register(stack.connector("ride-bookings-envelope"));
  }

  @AfterAll
  static void stopStack() {
    if (stack != null) {
      stack.close();
    }
  }

  @Test
  @Order(1)
  void deliversInsertUpdateAndDeleteUnwrapped() {
    stack.execute(
        """
        INSERT INTO business_ncr_ride_bookings (id, "%1$s") VALUES (1001, 'b''Completed''');
        """
            .formatted(STATUS));
    stack.execute(
        """
        UPDATE business_ncr_ride_bookings SET "%1$s" = 'b"Driver''s fault"' WHERE id = 1001;
        """
            .formatted(STATUS));
    stack.execute("DELETE FROM business_ncr_ride_bookings WHERE id = 1001");

    List<JsonNode> changes = awaitChanges(UNWRAPPED, 1001, 3);

    assertThat(changes).extracting(c -> c.path("__op").asText()).containsExactly("c", "u", "d");
    assertThat(changes)
        .extracting(c -> c.path(STATUS).asText())
        // Of a deleted row Postgres tells the key.
        .containsExactly("b'Completed'", "b\"Driver's fault\"", "null");
    assertThat(changes)
        .extracting(c -> c.path("__deleted").asText())
        .containsExactly("false", "false", "true");
    assertThat(changes)
        .allSatisfy(
            change -> {
              assertThat(change.path("id").asLong()).isEqualTo(1001);
              assertThat(change.path("__source_lsn").asLong()).isPositive();
              assertThat(change.path("__source_txId").asLong()).isPositive();
              assertThat(change.path("__source_ts_ms").asLong()).isPositive();
            });
  }

  @Test
  @Order(2)
  void keepsNullInColumnWithDefault() {
    stack.execute("INSERT INTO business_ncr_ride_bookings (id, updated_at) VALUES (1002, NULL)");

    JsonNode unwrapped = awaitChanges(UNWRAPPED, 1002, 1).get(0);
    JsonNode envelope = awaitChanges(ENVELOPE, 1002, 1).get(0);

    assertThat(unwrapped.get("updated_at").isNull()).isTrue();
    assertThat(unwrapped.get("created_at").isNull()).isFalse();
    assertThat(envelope.path("after").get("updated_at").isNull()).isTrue();
  }

  @Test
  @Order(3)
  void deliversOldRowAndTombstoneInEnvelope() {
    stack.execute("INSERT INTO business_ncr_ride_bookings (id) VALUES (1003)");
    stack.execute("DELETE FROM business_ncr_ride_bookings WHERE id = 1003");

    await()
        .atMost(TIMEOUT)
        .untilAsserted(
            () ->
                assertThat(recordsOf(ENVELOPE, 1003))
                    .extracting(ConsumerRecord::value)
                    .hasSize(3)
                    .last()
                    .isNull());
    JsonNode deletion = parse(recordsOf(ENVELOPE, 1003).get(1).value());
    assertThat(deletion.path("op").asText()).isEqualTo("d");
    assertThat(deletion.path("before").path("id").asLong()).isEqualTo(1003);
    assertThat(deletion.get("after").isNull()).isTrue();
  }

  @Test
  @Order(4)
  void deliversTruncateInEnvelopeAlone() {
    stack.execute("TRUNCATE " + TABLE);
    stack.execute("INSERT INTO business_ncr_ride_bookings (id) VALUES (1004)");
    awaitChanges(ENVELOPE, 1004, 1);
    awaitChanges(UNWRAPPED, 1004, 1);

    assertThat(stack.committedRecords(ENVELOPE))
        .filteredOn(record -> record.key() == null)
        .extracting(record -> parse(record.value()).path("op").asText())
        .isNotEmpty()
        .containsOnly("t");
    assertThat(stack.committedRecords(UNWRAPPED)).noneMatch(record -> record.key() == null);
  }

  @Test
  @Order(5)
  void neitherLosesNorRepeatsRowsWhenConnectIsKilled() {
    AtomicBoolean isKilled = new AtomicBoolean();
    CompletableFuture<Long> writing =
        CompletableFuture.supplyAsync(() -> insertUntil(isKilled, 100_001, 103_000));
    try {
      await()
          .atMost(TIMEOUT)
          .until(() -> stack.committedRecords(UNWRAPPED).stream().anyMatch(r -> idOf(r) > 100_100));
      stack.kill(Component.CONNECT);
    } finally {
      isKilled.set(true);
    }
    stack.restart(Component.CONNECT);
    long last = writing.join();

    await()
        .atMost(TIMEOUT)
        .until(
            () ->
                stack.committedRecords(UNWRAPPED).stream()
                    .anyMatch(record -> idOf(record) == last));
    assertThat(stack.committedRecords(UNWRAPPED))
        .filteredOn(record -> idOf(record) > 100_000)
        .extracting(LocalStackIT::idOf)
        .containsExactlyInAnyOrderElementsOf(
            LongStream.rangeClosed(100_001, last).boxed().toList());
  }

  /**
   * Inserts rows, ten a statement, until both hold: the flag is set and there are enough. However
   * slow the reader is, rows are written while it is killed.
   *
   * @return the last id
   */
  private static long insertUntil(AtomicBoolean isSet, long firstId, long leastLastId) {
    long id = firstId;
    while (!isSet.get() || id <= leastLastId) {
      stack.execute(
          "INSERT INTO business_ncr_ride_bookings (id) SELECT generate_series(%d, %d)"
              .formatted(id, id + 9));
      id += 10;
    }
    return id - 1;
  }

  @Test
  @Order(6)
  void goesOnAfterPostgresAndKafkaWereKilled() {
    stack.kill(Component.POSTGRES);
    stack.restart(Component.POSTGRES);
    stack.execute("INSERT INTO business_ncr_ride_bookings (id) VALUES (1005)");
    assertThat(awaitChanges(UNWRAPPED, 1005, 1)).hasSize(1);

    stack.kill(Component.KAFKA);
    stack.restart(Component.KAFKA);
    stack.execute("INSERT INTO business_ncr_ride_bookings (id) VALUES (1006)");
    assertThat(awaitChanges(UNWRAPPED, 1006, 1)).hasSize(1);
  }

  @Test
  @Order(7)
  void startsWithSnapshotUnderNewNameAfterConnectorWasDeleted() {
    ConnectorDefinition other =
        stack
            .connector("ride-bookings")
            .named("other")
            .with("topic.prefix", "other")
            .with("slot.name", "other")
            .with("offsets.storage.topic", "connect-offsets-other")
            .with("topic.creation.default.partitions", "4");
    stack.execute("INSERT INTO business_ncr_ride_bookings (id) VALUES (1007)");
    stack.register(other);
    stack.delete(other);
    stack.register(other.named("another"));
    stack.delete(other.named("another"));

    assertThat(awaitChanges("other." + TABLE, 1007, 2))
        .extracting(change -> change.path("__op").asText())
        .containsExactly("r", "r");
  }

  @Test
  @Order(8)
  void refusesSecondStackInSameFolder() {
    assertThatThrownBy(() -> LocalStack.start(options))
        .isInstanceOf(StackException.class)
        .hasMessageContaining("is already running (process " + ProcessHandle.current().pid() + ")");
  }

  @Test
  @Order(9)
  void saysWhoHoldsPortsThatAreInUse() {
    Ports ports = stack.connections().ports();
    LocalStackOptions colliding =
        LocalStackOptions.in(Path.of("target/local-stack-it-ports"))
            .withPorts(new Ports(ports.postgres(), ports.kafka(), 0, 0, 0, 0));

    assertThatThrownBy(() -> LocalStack.start(colliding))
        .isInstanceOf(StackException.class)
        .hasMessageContaining(
            "Port %d, which Postgres needs, is in use by process %d"
                .formatted(ports.postgres(), stack.process(Component.POSTGRES).identity().pid()))
        .hasMessageContaining(
            "Port %d, which Kafka needs, is in use by process %d"
                .formatted(ports.kafka(), stack.process(Component.KAFKA).identity().pid()))
        .hasMessageContaining("--free-ports");
  }

  @Test
  @Order(10)
  void saysHowTheLogEndsWhenAProcessDies() {
    stack.process(Component.CONNECT).kill();

    await().atMost(TIMEOUT).until(() -> stack.death().isDone());
    assertThat(stack.death().join())
        .hasMessageContaining("Kafka Connect died")
        .hasMessageContaining("connect.log");
    assertThatThrownBy(() -> stack.execute("SELECT 1")).isSameAs(stack.death().join());
  }

  /** The values of one row's changes, tombstones left out, in the order of the topic. */
  private static List<JsonNode> awaitChanges(String topic, long id, int count) {
    return await()
        .atMost(TIMEOUT)
        .until(
            () ->
                recordsOf(topic, id).stream()
                    .filter(record -> record.value() != null)
                    .map(record -> parse(record.value()))
                    .toList(),
            changes -> changes.size() >= count);
  }

  private static List<ConsumerRecord<String, String>> recordsOf(String topic, long id) {
    return stack.committedRecords(topic).stream().filter(record -> idOf(record) == id).toList();
  }

  private static long idOf(ConsumerRecord<String, String> record) {
    return record.key() == null ? -1 : parse(record.key()).path("id").asLong();
  }

  private static JsonNode parse(String json) {
    try {
      return JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new AssertionError(json, e);
    }
  }
}
