package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.StackExtension;
import dev.millrace.cli.RidesCommand.Ended;
import dev.millrace.pipeline.ParquetFiles;
import dev.millrace.stack.LocalStack;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Dead letters from their delivery to their replay, on the real stack. */
@ExtendWith(StackExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DeadLettersIT {

  private static final String TOPIC = "rejects";
  private static final String REPLAY = TOPIC + "-replay";

  @TempDir Path folder;

  private RidesCommand command;

  @BeforeAll
  void produce(LocalStack stack) throws Exception {
    command = new RidesCommand(stack.bootstrapServers());
    stack.createTopic(TOPIC, 1);
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", stack.bootstrapServers()),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      send(producer, 1, ride(1, "1.5", 100));
      send(producer, 2, ride(2, "two", 101));
      send(producer, 3, ride(3, "three", 102));
      send(producer, 3, ride(3, "3.5", 103));
      send(producer, 4, ride(4, "four", 104));
      send(producer, 4, ride(4, "still four", 105));
      send(producer, 5, "{\"id\":5,".getBytes(StandardCharsets.UTF_8));
      send(producer, 6, new byte[] {'{', (byte) 0xff});
      send(producer, 7, null);
    }
  }

  private static byte[] ride(int id, String value, long lsn) {
    return """
        {"id":%d,"ncr_ride_bookings.csv/booking+value":"b'%s'","__op":"u","__source_lsn":%d}"""
        .formatted(id, value, lsn)
        .getBytes(StandardCharsets.UTF_8);
  }

  private static void send(KafkaProducer<byte[], byte[]> producer, int id, byte[] value)
      throws Exception {
    ProducerRecord<byte[], byte[]> message =
        new ProducerRecord<>(
            TOPIC, "{\"id\":%d}".formatted(id).getBytes(StandardCharsets.UTF_8), value);
    message.headers().add("trace", new byte[] {'t', (byte) ('0' + id)});
    producer.send(message).get();
  }

  @Test
  void listsMendsAndReplays(LocalStack stack) throws Exception {
    Path place = folder.resolve("parquet");
    String alone = "source.kafka.starting-offsets={\"%s\":{\"0\":0}}".formatted(TOPIC);
    Ended first = command.run(TOPIC, place, "--sink", "parquet", "--set", alone);
    assertThat(first.err()).isEmpty();
    assertThat(first.out()).contains(": 9 read = 2 changes + 6 rejected + 1 skipped, ");
    // A second query meets the same messages.
    assertThat(command.run(TOPIC, place, "--output", "high-value", "--sink", "parquet").err())
        .isEmpty();

    Ended groups = rejects(place);

    assertThat(groups.out())
        .startsWith("6 in parquet files in " + place.resolve("output/dead-letters"))
        .containsPattern("INVALID_VALUE in booking_value: 4, first \\S+Z, last \\S+Z\n")
        .contains("  rejects 0/5: Cannot read column booking_value from field")
        .contains("INVALID_JSON: 2, ");
    assertThat(rejects(place, "--list", "--limit", "2").out().lines())
        .satisfiesExactly(
            line -> assertThat(line).contains("  rejects 0/7  INVALID_JSON  Cannot read "),
            line -> assertThat(line).contains("  rejects 0/6  INVALID_JSON  Cannot read "),
            line -> assertThat(line).isEqualTo("... and 4 older"));

    Path export = folder.resolve("corrected.jsonl");
    assertThat(rejects(place, "--export", export.toString()).out())
        .isEqualTo("6 written to %s%n".formatted(export));
    assertThat(Files.readString(export))
        .contains("\"headers\":[{\"key\":\"trace\",\"value\":\"t2\"}],\"key\":\"{\\\"id\\\":2}\"")
        .contains("\"valueBase64\":\"e/8=\"");
    assertThat(rejects(place, "--code", "INVALID_VALUE", "--column", "id", "--list").out())
        .startsWith("No dead letters in ");

    Files.writeString(
        export,
        Files.readString(export)
            .replace("b'two'", "b'2.5'")
            .replace("b'three'", "b'3.0'")
            .replace("b'four'", "b'4.0'")
            .replace("b'still four'", "b'4.5'"));
    Ended replayed = replay(place, export);

    assertThat(replayed.err().lines())
        .satisfiesExactlyInAnyOrder(
            line ->
                assertThat(line)
                    .contains(
                        "corrected.jsonl:", ": rejects 0/6 is still rejected, INVALID_JSON: "),
            line ->
                assertThat(line)
                    .contains(
                        "corrected.jsonl:", ": rejects 0/7 is still rejected, INVALID_JSON: "),
            line -> assertThat(line).isEqualTo("2 problems"));
    assertThat(replayed.exitCode()).isEqualTo(2);
    assertThat(replayed.out().lines())
        .containsExactly(
            "sent      rejects 0/1",
            "not sent  rejects 0/2: superseded by the newer change of its key at rejects 0/3"
                + " (lsn 103)",
            "sent      rejects 0/4",
            "sent      rejects 0/5",
            "3 sent to rejects-replay, 3 not sent");

    Ended again = replay(place, export);

    assertThat(again.exitCode()).isEqualTo(2);
    assertThat(again.out())
        .contains(
            "not sent  rejects 0/1: it was sent before, as rejects-replay 0/0",
            "0 sent to rejects-replay, 6 not sent");
    List<ConsumerRecord<String, String>> sent = stack.committedRecords(REPLAY);
    assertThat(sent)
        .extracting(record -> record.key() + headers(record))
        .containsExactly(
            "{\"id\":2} trace=t2 millrace.replay.topic=rejects millrace.replay.partition=0"
                + " millrace.replay.offset=1",
            "{\"id\":4} trace=t4 millrace.replay.topic=rejects millrace.replay.partition=0"
                + " millrace.replay.offset=4",
            "{\"id\":4} trace=t4 millrace.replay.topic=rejects millrace.replay.partition=0"
                + " millrace.replay.offset=5");

    assertThat(command.run(TOPIC, place, "--sink", "parquet").out())
        .contains(": 3 read = 3 changes + 0 rejected + 0 skipped, ");
    assertThat(changes(place))
        .containsExactly("1 1.5 100", "3 3.5 103", "2 2.5 101", "4 4.0 104", "4 4.5 105");
  }

  private static String headers(ConsumerRecord<String, String> record) {
    StringBuilder text = new StringBuilder();
    record
        .headers()
        .forEach(
            header -> {
              if (!header.key().endsWith("timestamp")) {
                text.append(' ')
                    .append(header.key())
                    .append('=')
                    .append(new String(header.value(), StandardCharsets.UTF_8));
              }
            });
    return text.toString();
  }

  /** Changes of a topic that gets its replays after the query's first batch, by a Kafka sink. */
  @Test
  void keepsDeadLettersInKafkaAndMarksOfBothTopicsApart(LocalStack stack) throws IOException {
    Path place = folder.resolve("kafka");
    String[] flags = {"--sink", "kafka", "--set", "dead-letters.sink=kafka"};
    // Without the second topic at first: the checkpoint continues with it.
    String topic = TOPIC + "-one";
    stack.createTopic(topic, 1);
    List<byte[]> values = List.of(ride(1, "1.5", 1), ride(2, "two", 2), ride(3, "3.5", 3));
    produce(topic, values);
    Path oneTopic = folder.resolve("one-topic.yaml");
    Files.writeString(
        oneTopic,
        Files.readString(Path.of(RidesCommand.FILE)).replaceFirst(" +replay-topic: .*\n", ""));
    List<String> arguments =
        new ArrayList<>(List.of("run", oneTopic.toString(), "--available-now"));
    arguments.addAll(List.of(flags));
    assertThat(command.execute(topic, place, arguments).out())
        .contains(": 3 read = 2 changes + 1 rejected + 0 skipped, ");

    Path export = folder.resolve("corrected-one.jsonl");
    Ended exported =
        command.execute(
            topic,
            place,
            List.of(
                "dead-letters",
                RidesCommand.FILE,
                "--set",
                "dead-letters.sink=kafka",
                "--export",
                export.toString()));
    assertThat(exported.err()).isEmpty();
    Files.writeString(export, Files.readString(export).replace("b'two'", "b'2.5'"));
    Ended replayed =
        command.execute(topic, place, List.of("replay", RidesCommand.FILE, export.toString()));
    assertThat(replayed.err()).isEmpty();
    assertThat(replayed.exitCode()).isZero();
    produce(topic, List.of(ride(4, "4.5", 4)));

    assertThat(run(topic, place, flags).out())
        .contains(": 2 read = 2 changes + 0 rejected + 0 skipped, ");
    assertThat(stack.committedRecords(topic + "-bookings"))
        .extracting(record -> record.key())
        .containsExactlyInAnyOrder("{\"id\":1}", "{\"id\":3}", "{\"id\":2}", "{\"id\":4}");
    assertThat(run(topic, place, flags).out()).doesNotContain(" read = ");
  }

  /** Whoever writes to the topic of dead letters: what is none of them is passed over. */
  @Test
  void passesOverForeignRecordsAndReplaysInTransactionsOfABoundedSize(LocalStack stack)
      throws Exception {
    String topic = TOPIC + "-many";
    Path place = folder.resolve("many");
    int count = 2_500;
    stack.createTopic(topic, 1);
    produce(topic, List.of(ride(1, "one", 1)));
    String deadLetters = topic + "-dead";
    String ofTopic = "dead-letters.topic=" + deadLetters;
    String[] flags = {"--sink", "parquet", "--set", "dead-letters.sink=kafka", "--set", ofTopic};
    assertThat(run(topic, place, flags).out()).contains(" + 1 rejected + ");
    List<String> list =
        List.of(
            "dead-letters",
            RidesCommand.FILE,
            "--set",
            "dead-letters.sink=kafka",
            "--set",
            ofTopic,
            "--list");
    Ended before = command.execute(topic, place, list);
    assertThat(before.err()).isEmpty();
    for (String foreign :
        List.of(
            "{\"offset\":1,\"code\":\"X\"}",
            "{\"offset\":1,\"code\":\"X\",\"pipeline\":\"p\",\"message\":\"m\",\"timestamp\":\"soon\"}",
            "{\"offset\":1,\"code\":\"X\",\"pipeline\":\"p\",\"message\":\"m\",\"value\":\"%%\"}",
            "[1]",
            "7",
            "no JSON")) {
      produce(deadLetters, List.of(foreign.getBytes(StandardCharsets.UTF_8)));
    }

    Ended after = command.execute(topic, place, list);

    assertThat(after.err()).isEmpty();
    assertThat(after.out()).isEqualTo(before.out());

    Path file = folder.resolve("many.jsonl");
    List<String> lines = new ArrayList<>();
    for (int offset = 0; offset < count; offset++) {
      lines.add(
          "{\"topic\":\"%s\",\"partition\":0,\"offset\":%d,\"key\":\"{\\\"id\\\":%d}\",\"value\":{\"id\":%d,\"__op\":\"c\",\"__source_lsn\":%d}}"
              .formatted(topic, 10 + offset, offset, offset, 100 + offset));
    }
    Files.write(file, lines);
    Ended replayed =
        command.execute(topic, place, List.of("replay", RidesCommand.FILE, file.toString()));

    assertThat(replayed.err()).isEmpty();
    assertThat(replayed.out()).contains("2500 sent to %s-replay, 0 not sent".formatted(topic));
    assertThat(stack.committedRecords(topic + "-replay")).hasSize(count);
    // Each transaction ends with a marker.
    assertThat(end(stack, topic + "-replay")).isEqualTo(count + 3L);
  }

  private static long end(LocalStack stack, String topic) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", stack.bootstrapServers()))) {
      TopicPartition partition = new TopicPartition(topic, 0);
      return admin
          .listOffsets(Map.of(partition, OffsetSpec.latest()))
          .partitionResult(partition)
          .get()
          .offset();
    }
  }

  private Ended run(String topic, Path place, String... flags) {
    return command.run(topic, place, flags);
  }

  private void produce(String topic, List<byte[]> values) {
    try {
      command.produce(topic, values);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private Ended rejects(Path place, String... flags) {
    List<String> arguments = new ArrayList<>(List.of("dead-letters", RidesCommand.FILE));
    arguments.addAll(List.of(flags));
    Ended ended = command.execute(TOPIC, place, arguments);
    assertThat(ended.err()).isEmpty();
    assertThat(ended.exitCode()).isZero();
    return ended;
  }

  private Ended replay(Path place, Path export) {
    return command.execute(TOPIC, place, List.of("replay", RidesCommand.FILE, export.toString()));
  }

  private static List<String> changes(Path place) throws SQLException {
    return ParquetFiles.query(
            place.resolve("output/bookings"),
            "SELECT id, booking_value, lsn FROM rows ORDER BY batch, \"offset\"")
        .stream()
        .map(row -> row.get("id") + " " + row.get("booking_value") + " " + row.get("lsn"))
        .toList();
  }
}
