package dev.millrace.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.StackExtension;
import dev.millrace.config.PipelineDefinition;
import dev.millrace.config.parse.Overrides;
import dev.millrace.config.parse.PipelineLoader;
import dev.millrace.stack.LocalStack;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The pipeline of songs: who listened to what, joined with a CSV, into a table in Cassandra. */
@ExtendWith(StackExtension.class)
class SongsIT {

  private static final String HOME = System.getProperty("millrace.home");

  private static final String HEADER =
      "name,artists,duration_ms,album_name,album_release_date,danceability,energy,key,loudness,mode,"
          + "speechiness,acousticness,instrumentalness,liveness,valence,tempo\n";

  @TempDir Path folder;

  @Test
  void joinsEachEventWithTheSongAsItIsKnownThen(LocalStack stack) throws Exception {
    CassandraTables tables = CassandraTables.of(stack);
    stack.createTopic("songs_played", 2);
    writeSongs(HEADER + song("Blue", "0.25"), 1);
    try (RunningPipeline running = new RunningPipeline(pipeline(stack))) {
      ChangeTopic.write(
          stack,
          "songs_played",
          List.of(
              event(1, "Ada", "Blue", "2026-01-31T17:10:00Z"),
              event(2, "Ada", "Unknown", "2026-01-31T17:20:00Z"),
              event(3, "Ada", "Blue", "2026-01-31T18:00:00Z"),
              event(4, "Bo", "Blue", "2026-01-31T17:10:00Z"),
              record("Bo", "{\"id\":\"no uuid\",\"person\":\"Bo\"}"),
              record("Bo", "{\"id\":\"%s\",\"song\":\"Blue\"}".formatted(uuid(6)))));
      running.await(() -> count(tables) == 4);
      writeSongs(HEADER + song("Blue", "0.25") + song("Unknown", "0.75"), 2);
      ChangeTopic.write(
          stack, "songs_played", List.of(event(5, "Ada", "Unknown", "2026-01-31T17:59:59.999Z")));
      running.await(() -> count(tables) == 5);
    }

    assertThat(
            tables.query(
                "SELECT song, danceability, tempo FROM spotify.records WHERE name = 'Ada'"))
        .containsExactly(
            Map.of("song", "Blue", "danceability", 0.25, "tempo", 98.5),
            Map.of("song", "Unknown", "danceability", 0.75, "tempo", 98.5),
            Map.of("song", "Unknown"),
            Map.of("song", "Blue", "danceability", 0.25, "tempo", 98.5));
    assertThat(
            ParquetFiles.query(
                folder.resolve("output/dead-letters/query=records-cassandra"),
                "SELECT count(*) AS n FROM rows"))
        .containsExactly(Map.of("n", 2L));
    assertThat(report(stack))
        .contains(
            "SELECT AVG(danceability) FROM spotify.records WHERE name = 'Ada' AND timestamp >="
                + " '2026-01-31T17:00:00Z' AND timestamp < '2026-01-31T18:00:00Z'",
            "0.5",
            "(3 rows)",
            "SELECT name, timestamp, song, artists, danceability, tempo, id FROM spotify.records"
                + " LIMIT 50",
            "(5 rows)")
        .doesNotContain("ALLOW FILTERING");
  }

  private PipelineDefinition pipeline(LocalStack stack) {
    Map<String, String> variables =
        Map.of(
            "KAFKA_BOOTSTRAP_SERVERS", stack.bootstrapServers(),
            "CASSANDRA_CONTACT_POINTS", stack.connections().cassandra(),
            "SONGS_CSV", songs().toString(),
            "INTERVAL", "1s",
            "OUTPUT_DIR", folder.resolve("output").toString(),
            "CHECKPOINT_DIR", folder.resolve("checkpoints").toString());
    Overrides overrides = Overrides.none();
    return new PipelineLoader(variables, SinkConnectors.STANDARD.kinds())
        .load(HOME + "/pipelines/songs.yaml", overrides)
        .definition();
  }

  /** What {@code ./millrace report songs} reports about Ada's hour. */
  private static String report(LocalStack stack) throws IOException, InterruptedException {
    String[] address = stack.connections().cassandra().split(":", -1);
    ProcessBuilder builder =
        new ProcessBuilder(
                HOME + "/millrace",
                "report",
                "songs",
                "--name",
                "Ada",
                "--from",
                "2026-01-31T17:00:00Z")
            .redirectErrorStream(true);
    builder
        .environment()
        .putAll(
            Map.of(
                "MILLRACE_BUILD", "never",
                "CASSANDRA_HOST", address[0],
                "CASSANDRA_PORT", address[1]));
    Process process = builder.start();
    String seen = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(seen).isZero();
    return seen;
  }

  /** None before the first batch has made the table. */
  private static long count(CassandraTables tables) {
    return tables
            .query("SELECT * FROM system_schema.tables WHERE keyspace_name = 'spotify'")
            .isEmpty()
        ? 0
        : tables.query("SELECT id FROM spotify.records").size();
  }

  private Path songs() {
    return folder.resolve("songs.csv");
  }

  private void writeSongs(String csv, int second) throws IOException {
    Files.writeString(songs(), csv);
    Files.setLastModifiedTime(
        songs(), FileTime.from(Instant.ofEpochSecond(1_700_000_000 + second)));
  }

  private static String song(String name, String danceability) {
    return name
        + ",Ann,201000,Colours,1990-04-30,"
        + danceability
        + ",0.377,8,-15.0,0,0.3,0.4,0.0,0.5,0.7,98.5\n";
  }

  private static ConsumerRecord<String, String> event(
      int number, String person, String song, String at) {
    return record(
        person,
        "{\"id\":\"%s\",\"person\":\"%s\",\"song\":\"%s\",\"timestamp\":\"%s\"}"
            .formatted(uuid(number), person, song, at));
  }

  private static String uuid(int number) {
    return "00000000-0000-4000-8000-%012d".formatted(number);
  }

  private static ConsumerRecord<String, String> record(String key, String value) {
    return new ConsumerRecord<>("", 0, 0, key, value);
  }
}
