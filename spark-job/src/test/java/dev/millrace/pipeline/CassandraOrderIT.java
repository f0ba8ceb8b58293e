package dev.millrace.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.StackExtension;
import dev.millrace.config.parse.Overrides.OutputChoice;
import dev.millrace.stack.LocalStack;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Which change of a key is the newest, where positions in the log or clocks would tell wrong. */
@ExtendWith(StackExtension.class)
class CassandraOrderIT {

  private static final OutputChoice BOOKINGS = new OutputChoice.First();

  @TempDir Path folder;

  @Test
  void keepsWhatATransactionWroteThatWasOpenDuringASnapshot(LocalStack stack) throws Exception {
    CassandraTables.of(stack);
    CapturedTable table = CapturedTable.create(stack, "open_rides");
    for (long id = 1; id <= 3; id++) {
      table.insert(id, "old");
    }
    TestPipeline pipeline = table.toCassandra(folder);

    try (Connection initial = table.transaction()) {
      table.set(initial, 1, "new");
      table.capture();
      table.await(1, "r", "old");
      initial.commit();
    }
    table.await(1, "u", "new");

    try (Connection blocking = table.transaction()) {
      table.set(blocking, 2, "new");
      table.requestSnapshot("blocking");
      table.await(1, "r", "new");
      pipeline.run(BOOKINGS);
      blocking.commit();
    }
    table.await(2, "u", "new");

    try (Connection incremental = table.transaction()) {
      table.set(incremental, 3, "new");
      int before = table.changes(3).size();
      table.requestSnapshot("incremental");
      Awaitility.await()
          .atMost(Duration.ofMinutes(3))
          .until(() -> table.changes(3).size() > before);
      pipeline.run(BOOKINGS);
      incremental.commit();
    }
    table.await(3, "u", "new");
    pipeline.run(BOOKINGS);

    assertThat(table.statuses()).isEqualTo(Map.of(1L, "new", 2L, "new", 3L, "new"));
    assertThat(table.statusesInCassandra()).isEqualTo(table.statuses());
  }

  @Test
  void keepsRowsWhoseKeysAStatementMoves(LocalStack stack) throws Exception {
    CassandraTables.of(stack);
    CapturedTable table = CapturedTable.create(stack, "moved_rides");
    table.capture();
    for (long id = 1; id <= 5; id++) {
      table.insert(id, "ride " + id);
    }
    table.await(5, "c", "ride 5");
    TestPipeline pipeline = table.toCassandra(folder);
    pipeline.run(BOOKINGS);

    // The older rows are in Cassandra.
    stack.execute("UPDATE moved_rides SET id = id + 1");
    table.await(6, "c", "ride 5");
    table.await(1, "d", "ride 1");
    pipeline.run(BOOKINGS);
    assertThat(table.statuses())
        .isEqualTo(Map.of(2L, "ride 1", 3L, "ride 2", 4L, "ride 3", 5L, "ride 4", 6L, "ride 5"));
    assertThat(table.statusesInCassandra()).isEqualTo(table.statuses());

    // And now in the batch itself: twice, with a swap between, and a row that is not kept.
    stack.execute("UPDATE moved_rides SET id = id + 1");
    stack.execute(
        "UPDATE moved_rides SET id = CASE id WHEN 3 THEN 4 ELSE 3 END WHERE id IN (3, 4)");
    stack.execute(
        "INSERT INTO moved_rides (id) VALUES (20); DELETE FROM moved_rides WHERE id = 20");
    stack.execute("UPDATE moved_rides SET id = id + 1");
    table.insert(99, "last");
    table.await(99, "c", "last");
    table.await(8, "c", "ride 5");
    pipeline.run(BOOKINGS);
    assertThat(table.statusesInCassandra()).isEqualTo(table.statuses());

    // A whole replay under a new checkpoint.
    table.toCassandra(folder.resolve("again")).run(BOOKINGS);
    assertThat(table.statusesInCassandra()).isEqualTo(table.statuses());
  }

  @Test
  void keepsTheLaterOfTwoMessagesOfOneMillisecond(LocalStack stack) throws Exception {
    CassandraTables tables = CassandraTables.of(stack);
    stack.createTopic("millisecond", 1);
    List<ProducerRecord<String, String>> records = new ArrayList<>();
    for (int offset = 0; offset <= 1000; offset++) {
      String status = offset < 999 ? "first" : offset == 999 ? "older" : "newer";
      records.add(
          new ProducerRecord<>(
              "millisecond",
              0,
              1_700_000_000_000L,
              "{\"id\":1}",
              "{%s,\"__op\":\"u\"}".formatted(fields(1, status))));
    }
    send(stack, records);
    TestPipeline pipeline =
        pipeline(stack, "millisecond").with("source.kafka.max-offsets-per-trigger=1000");

    pipeline.run(BOOKINGS);

    assertThat(tables.query("SELECT id, booking_status FROM millisecond.bookings"))
        .containsExactly(Map.of("id", 1L, "booking_status", "newer"));
  }

  @Test
  void takesAReplayedMessageForAsOldAsItsOrigin(LocalStack stack) throws Exception {
    CassandraTables tables = CassandraTables.of(stack);
    stack.createTopic("origins", 1);
    stack.createTopic("origins-replay", 1);
    // Offsets 0 and 1 are rejected; a newer change of key 1 comes after the command has looked.
    ChangeTopic.write(
        stack,
        "origins",
        List.of(
            change(1, "c", 100, "Requested", "not a number"),
            change(2, "c", 101, "Requested", "not a number"),
            change(1, "u", 102, "Completed", "20.0")));
    TestPipeline pipeline = pipeline(stack, "origins");
    pipeline.run(BOOKINGS);
    pipeline.run(new OutputChoice.Named(List.of("high-value")));
    send(
        stack,
        List.of(
            replayed("origins", 0, change(1, "c", 100, "Requested", "1800.0")),
            replayed("origins", 1, change(2, "c", 101, "Requested", "1900.0"))));

    pipeline.run(BOOKINGS);
    pipeline.run(new OutputChoice.Named(List.of("high-value")));

    assertThat(tables.query("SELECT id, booking_status, booking_value FROM origins.bookings"))
        .containsExactlyInAnyOrder(
            Map.of("id", 1L, "booking_status", "Completed", "booking_value", 20.0),
            Map.of("id", 2L, "booking_status", "Requested", "booking_value", 1900.0));

    ChangeTopic.write(stack, "origins", List.of(change(2, "u", 103, "Completed", "2000.0")));
    pipeline.run(new OutputChoice.Named(List.of("high-value")));
    assertThat(tables.query("SELECT id, booking_value FROM origins.high_value"))
        .contains(Map.of("id", 2L, "booking_value", 2000.0));
  }

  @Test
  void takesTheChangesOfAPartitionThatWasAddedForTheNewerOnes(LocalStack stack) throws Exception {
    CassandraTables tables = CassandraTables.of(stack);
    stack.createTopic("partitions", 1);
    TestPipeline pipeline = pipeline(stack, "partitions");
    ChangeTopic.write(
        stack,
        "partitions",
        IntStream.range(0, 40)
            .mapToObj(each -> change(each % 20, "u", 100 + each, "Requested", "1.0"))
            .toList());
    pipeline.run(BOOKINGS);
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", stack.bootstrapServers()))) {
      admin.createPartitions(Map.of("partitions", NewPartitions.increaseTo(4))).all().get();
    }
    ChangeTopic.write(
        stack,
        "partitions",
        IntStream.range(0, 20)
            .mapToObj(each -> change(each, "u", 200 + each, "Completed", "2.0"))
            .toList());

    pipeline.run(BOOKINGS);

    assertThat(tables.query("SELECT booking_status FROM partitions.bookings"))
        .hasSize(20)
        .containsOnly(Map.of("booking_status", "Completed"));
  }

  @Test
  void takesATopicThatWasCreatedAgainForNewerThanTheTable(LocalStack stack) throws Exception {
    CassandraTables tables = CassandraTables.of(stack);
    stack.createTopic("again", 1);
    ChangeTopic.write(
        stack,
        "again",
        IntStream.range(0, 50)
            .mapToObj(each -> change(1, "u", 90_000_000 + each, "Requested", "1.0"))
            .toList());
    pipeline(stack, "again").run(BOOKINGS);
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", stack.bootstrapServers()))) {
      admin.deleteTopics(List.of("again")).all().get();
    }
    // A restored server counts its log from below, and the topic its offsets from 0.
    Awaitility.await().ignoreExceptions().untilAsserted(() -> stack.createTopic("again", 1));
    ChangeTopic.write(stack, "again", List.of(change(1, "r", 7, "Completed", "2.0")));

    new TestPipeline(stack.bootstrapServers(), "again", folder.resolve("new"), "cassandra")
        .with("sinks.cassandra.contact-points=" + stack.connections().cassandra())
        .with("sinks.cassandra.keyspace=again")
        .run(BOOKINGS);

    assertThat(tables.query("SELECT booking_status FROM again.bookings"))
        .containsExactly(Map.of("booking_status", "Completed"));
  }

  private TestPipeline pipeline(LocalStack stack, String topic) {
    return new TestPipeline(stack.bootstrapServers(), topic, folder, "cassandra")
        .with("sinks.cassandra.contact-points=" + stack.connections().cassandra())
        .with("sinks.cassandra.keyspace=" + topic);
  }

  private static ProducerRecord<String, String> replayed(
      String topic, long origin, ConsumerRecord<String, String> message) {
    ProducerRecord<String, String> record =
        new ProducerRecord<>(topic + "-replay", message.key(), message.value());
    record.headers().add("millrace.replay.topic", bytes(topic));
    record.headers().add("millrace.replay.partition", bytes("0"));
    record.headers().add("millrace.replay.offset", bytes(Long.toString(origin)));
    return record;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static void send(LocalStack stack, List<ProducerRecord<String, String>> records)
      throws Exception {
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", stack.bootstrapServers(), "acks", "all"),
            new StringSerializer(),
            new StringSerializer())) {
      for (ProducerRecord<String, String> record : records) {
        producer.send(record).get();
      }
    }
  }

  private static ConsumerRecord<String, String> change(
      long id, String op, long lsn, String status, String value) {
    return new ConsumerRecord<>(
        "",
        0,
        0,
        "{\"id\":%d}".formatted(id),
        "{%s,\"ncr_ride_bookings.csv/booking+value\":\"b'%s'\",\"__op\":\"%s\",\"__source_lsn\":%d,\"__deleted\":\"%s\"}"
            .formatted(fields(id, status), value, op, lsn, op.equals("d")));
  }

  private static String fields(long id, String status) {
    return "\"id\":%d,\"ncr_ride_bookings.csv/booking+status\":\"b'%s'\"".formatted(id, status);
  }
}
