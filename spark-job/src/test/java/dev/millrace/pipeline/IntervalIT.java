package dev.millrace.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.StackExtension;
import dev.millrace.config.PipelineDefinition;
import dev.millrace.config.parse.Overrides;
import dev.millrace.config.parse.PipelineLoader;
import dev.millrace.pipeline.command.Preview;
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
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Messages that are not changes: Kafka to Parquet by interval, with a lookup, and to Kafka as they
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
                run.output().resolve("dead-letters/query=users-by-interval-parquet"),
                "SELECT code FROM rows ORDER BY code"))
        .extracting(row -> row.get("code"))
        .containsExactly("INVALID_JSON", "INVALID_VALUE", "NOT_AN_OBJECT");
  }

  @Test
  void deliversEachMessageOnceThroughKills(LocalStack stack) throws Exception {
    long seed = System.nanoTime();
    System.out.printf("kills in the middle of a batch, by interval: seed %d%n", seed);
    Random random = new Random(seed);
    String topic = "users-by-interval-killed";
    stack.createTopic(topic, 2);
    ShippedRun run =
        new ShippedRun(
            "interval.yaml",
            folder,
            Map.of(
                "KAFKA_BOOTSTRAP_SERVERS",
                stack.bootstrapServers(),
                "KAFKA_TOPIC",
                topic,
                "INTERVAL",
                "200ms"));
    String output = "users-by-interval";
    int sent = 0;
    for (int kill = 0; kill < 2; kill++) {
      try (JobProcess job =
          JobProcess.start(
              "interval",
              folder,
              "parquet",
              run.variables(),
              List.of("--set", "source.kafka.max-offsets-per-trigger=20"))) {
        List<String> some = new ArrayList<>(users(sent, sent + 400));
        some.add("cut off " + kill);
        send(stack, topic, some);
        sent += 400;
        job.awaitCommitAfter(output, job.newest(output, "commits"));
        job.awaitBatchInFlight(output);
        // A random point of the batch: nothing that happens tells one from another.
        LockSupport.parkNanos(Duration.ofMillis(random.nextInt(300)).toNanos());
        job.kill();
      }
    }

    run.run(output, "parquet");

    assertThat(ParquetFiles.query(run.output().resolve(output), "SELECT id FROM rows"))
        .extracting(row -> row.get("id"))
        .containsExactlyInAnyOrderElementsOf(
            IntStream.range(0, sent).mapToObj(n -> "user-" + n).toList());
    assertThat(
            ParquetFiles.query(
                run.output().resolve("dead-letters/query=users-by-interval-parquet"),
                "SELECT decode(value) AS value FROM rows ORDER BY value"))
        .extracting(row -> row.get("value"))
        .containsExactly("cut off 0", "cut off 1");
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
    StringWriter seen = new StringWriter();
    new Preview(run.load("copies", "kafka"), new PrintWriter(seen, true), 200).show(10);
    sendRecords(stack, List.of(new ProducerRecord<>("pass-through-in", "b", "later")));
    run.run("copies", "kafka");

    assertThat(pairs(stack, "pass-through-out"))
        .containsExactlyInAnyOrderElementsOf(pairs(stack, "pass-through-in"))
        .hasSize(5)
        .contains("null=\u00fcber", "gone=null");
    assertThat(seen.toString())
        .contains(
            "no JSON at all", "4 read = 4 changes + 0 rejected + 0 skipped; nothing was written");
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
        dead-letters: {sink: parquet, path: "%s"}
        checkpoints: "%s"
        """
            .formatted(
                stack.bootstrapServers(),
                topic,
                songs,
                folder.resolve("played"),
                folder.resolve("dead-letters"),
                folder.resolve("checkpoints")));
    String seen;
    PipelineDefinition pipeline =
        new PipelineLoader(Map.of(), SinkConnectors.STANDARD.kinds())
            .load(file.toString(), Overrides.none())
            .definition();
    try (RunningPipeline running = new RunningPipeline(pipeline)) {
      send(stack, topic, List.of("{\"song\":\"Blue\"}", "{\"song\":\"Unknown\"}"));
      running.await(() -> hasRows(2));
      send(stack, topic, List.of("{\"song\":\"Blue\"}"));
      running.await(() -> hasRows(3));
      Files.writeString(songs, "name,tempo\nBlue,99\nUnknown,60\n");
      send(stack, topic, List.of("{\"song\":\"Blue\"}"));
      running.await(() -> hasRows(4));
      seen = running.seen();
    }

    assertThat(played("SELECT song, tempo, batch FROM rows ORDER BY batch, song"))
        .extracting(row -> row.get("song") + " " + row.get("tempo"))
        .containsExactly("Blue 98", "Unknown null", "Blue 98", "Blue 99");
    assertThat(seen.lines().filter(line -> line.startsWith("lookup songs:")))
        .containsExactly(
            "lookup songs: 1 rows from csv " + songs, "lookup songs: 2 rows from csv " + songs);
  }

  private boolean hasRows(long rows) throws Exception {
    return Files.isDirectory(folder.resolve("played/batch=0"))
        && played("SELECT * FROM rows").size() == rows;
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
