package dev.millrace.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.StackExtension;
import dev.millrace.config.Overrides;
import dev.millrace.config.Overrides.OutputChoice;
import dev.millrace.config.PipelineLoader;
import dev.millrace.stack.LocalStack;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Messages that are no changes: Kafka to Parquet by interval, with a lookup, and to Kafka as they
 * are.
 */
@ExtendWith(StackExtension.class)
class IntervalIT {

  @TempDir Path folder;

  @Test
  void deliversEachMessageOnceAndRejectsWhatCannotBeRead(LocalStack stack) throws Exception {
    String topic = "users-by-interval-in";
    stack.createTopic(topic, 2);
    ShippedRun run =
        new ShippedRun(
            "interval.yaml",
            folder,
            Map.of("KAFKA_BOOTSTRAP_SERVERS", stack.bootstrapServers(), "KAFKA_TOPIC", topic));
    List<String> first = new ArrayList<>(users(0, 20));
    first.add("{\"id\": \"cut off\", \"first_name\"");
    first.add("{\"id\": \"wrong type\", \"dob\": \"yesterday\"}");
    first.add("[]");
    first.add(null);
    send(stack, topic, first);

    String seen = run.run("users-by-interval", "parquet");
    send(stack, topic, users(20, 25));
    String again = run.run("users-by-interval", "parquet");

    assertThat(seen).contains("24 read = 20 changes + 3 rejected + 1 skipped");
    assertThat(again).contains("5 read = 5 changes + 0 rejected + 0 skipped");
    Path output = run.output().resolve("users-by-interval");
    assertThat(
            ParquetFiles.query(
                output,
                "SELECT batch, count(*) AS rows, count(DISTINCT id) AS ids, min(dob) AS dob, "
                    + "count(message_timestamp) AS timed FROM rows GROUP BY batch ORDER BY batch"))
        .extracting(row -> row.get("batch") + " " + row.get("rows") + " " + row.get("ids"))
        .containsExactly("0 20 20", "1 5 5");
    assertThat(
            ParquetFiles.query(
                run.output().resolve("rejects/query=users-by-interval-parquet"),
                "SELECT code FROM rows ORDER BY code"))
        .extracting(row -> row.get("code"))
        .containsExactly("INVALID_JSON", "INVALID_VALUE", "NOT_AN_OBJECT");
  }

  @Test
  void passesKeysAndValuesThrough(LocalStack stack) throws Exception {
    stack.createTopic("pass-through-in", 3);
    ShippedRun run =
        new ShippedRun(
            "pass-through.yaml",
            folder,
            Map.of(
                "KAFKA_BOOTSTRAP_SERVERS", stack.bootstrapServers(),
                "KAFKA_TOPIC", "pass-through-in",
                "OUTPUT_TOPIC", "pass-through-out"));
    List<ProducerRecord<String, String>> records =
        List.of(
            new ProducerRecord<>("pass-through-in", "a", "no JSON at all"),
            new ProducerRecord<>("pass-through-in", "a", "{\"n\":1}"),
            new ProducerRecord<>("pass-through-in", null, "\u00fcber"),
            new ProducerRecord<>("pass-through-in", "gone", null));
    sendRecords(stack, records);

    run.run("copies", "kafka");
    sendRecords(stack, List.of(new ProducerRecord<>("pass-through-in", "b", "later")));
    run.run("copies", "kafka");

    assertThat(pairs(stack, "pass-through-out"))
        .containsExactlyInAnyOrderElementsOf(pairs(stack, "pass-through-in"))
        .hasSize(5)
        .contains("null=\u00fcber", "gone=null");
  }

  @Test
  void joinsALookupThatChangesWhileItRuns(LocalStack stack) throws Exception {
    String topic = "songs-with-a-lookup";
    stack.createTopic(topic, 1);
    Path songs = folder.resolve("songs.csv");
    Files.writeString(songs, "name,tempo\nBlue,98\n");
    Files.setLastModifiedTime(songs, FileTime.from(Instant.ofEpochSecond(1_700_000_000)));
    Path file = folder.resolve("songs.yaml");
    Files.writeString(
        file,
        """
        name: songs-lookup
        source: {kafka: {bootstrap-servers: "%s", topic: %s}, format: json}
        table: {columns: {song: {type: string}}}
        lookups:
          songs:
            files: {path: "%s", format: csv, schema: {name: {type: string}, tempo: {type: int}}}
        outputs:
          played:
            sql: SELECT m.song, s.tempo FROM messages m LEFT JOIN songs s ON m.song = s.name
            sink: parquet
        sinks: {parquet: {path: "%s"}}
        rejects: {sink: parquet, path: "%s"}
        checkpoints: "%s"
        """
            .formatted(
                stack.bootstrapServers(),
                topic,
                songs,
                folder.resolve("played"),
                folder.resolve("rejects"),
                folder.resolve("checkpoints")));
    StringWriter seen = new StringWriter();
    PipelineRun run =
        new PipelineRun(
            new PipelineLoader(Map.of())
                .load(
                    file.toString(),
                    new Overrides(
                        new OutputChoice.First(),
                        Optional.empty(),
                        List.of(),
                        Optional.empty(),
                        Optional.empty()))
                .definition(),
            new PrintWriter(seen, true),
            200);
    CompletableFuture<Void> running =
        CompletableFuture.runAsync(
            () -> {
              try {
                run.run();
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
            });
    try {
      send(stack, topic, List.of("{\"song\":\"Blue\"}", "{\"song\":\"Unknown\"}"));
      awaitRows(2, running, seen);
      send(stack, topic, List.of("{\"song\":\"Blue\"}"));
      awaitRows(3, running, seen);
      Files.writeString(songs, "name,tempo\nBlue,99\nUnknown,60\n");
      send(stack, topic, List.of("{\"song\":\"Blue\"}"));
      awaitRows(4, running, seen);
    } finally {
      run.stop();
      running.join();
    }

    assertThat(played("SELECT song, tempo, batch FROM rows ORDER BY batch, song"))
        .extracting(row -> row.get("song") + " " + row.get("tempo"))
        .containsExactly("Blue 98", "Unknown null", "Blue 98", "Blue 99");
    assertThat(seen.toString().lines().filter(line -> line.startsWith("lookup songs:")))
        .containsExactly(
            "lookup songs: 1 rows from csv " + songs, "lookup songs: 2 rows from csv " + songs);
  }

  private void awaitRows(long rows, CompletableFuture<Void> running, StringWriter seen) {
    Awaitility.await()
        .atMost(Duration.ofMinutes(2))
        .until(
            () -> {
              if (running.isDone()) {
                running.join();
                throw new AssertionError("the run has ended:\n" + seen);
              }
              return Files.isDirectory(folder.resolve("played/batch=0"))
                  && played("SELECT * FROM rows").size() == rows;
            });
  }

  private List<Map<String, Object>> played(String sql) throws Exception {
    return ParquetFiles.query(folder.resolve("played"), sql);
  }

  private static List<String> users(int from, int until) {
    return IntStream.range(from, until)
        .mapToObj(
            n ->
                """
                {"id":"user-%d","first_name":"Ada","dob":"1987-04-23","registered_date":"2021-06-30T08:15:00Z","post_code":null}
                """
                    .formatted(n)
                    .strip())
        .toList();
  }

  private static List<String> pairs(LocalStack stack, String topic) {
    return stack.committedRecords(topic).stream()
        .map((ConsumerRecord<String, String> record) -> record.key() + "=" + record.value())
        .toList();
  }

  private static void send(LocalStack stack, String topic, List<String> values) {
    sendRecords(
        stack,
        values.stream().map(value -> new ProducerRecord<String, String>(topic, value)).toList());
  }

  private static void sendRecords(LocalStack stack, List<ProducerRecord<String, String>> records) {
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", stack.bootstrapServers()),
            new StringSerializer(),
            new StringSerializer())) {
      for (ProducerRecord<String, String> record : records) {
        producer.send(record).get();
      }
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
