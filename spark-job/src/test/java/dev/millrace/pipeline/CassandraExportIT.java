package dev.millrace.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import dev.millrace.StackExtension;
import dev.millrace.config.CassandraConnection;
import dev.millrace.config.CassandraTableName;
import dev.millrace.config.LookupDefinition.CassandraLookup;
import dev.millrace.pipeline.lookup.Lookup;
import dev.millrace.pipeline.lookup.LookupCassandra;
import dev.millrace.stack.LocalStack;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Tables in Cassandra that are read: as a source, and as the static side of a join. */
@ExtendWith(StackExtension.class)
class CassandraExportIT {

  private static final String ID = "00000000-0000-4000-8000-00000000000";

  @TempDir Path folder;

  private CassandraTables tables;

  @BeforeEach
  void createTables(LocalStack stack) {
    tables = CassandraTables.of(stack);
    tables.execute(
        "CREATE KEYSPACE IF NOT EXISTS export WITH replication ="
            + " {'class': 'SimpleStrategy', 'replication_factor': 1}");
  }

  @Test
  void sendsEachRowOnceARunKeyedByItsPrimaryKey(LocalStack stack) throws Exception {
    tables.execute(
        "CREATE TABLE export.orders (shop text, at timestamp, id uuid, price decimal,"
            + " tags set<text>, counts map<text, int>, note text, PRIMARY KEY ((shop), at, id))",
        "INSERT INTO export.orders (shop, at, id, price, tags, counts) VALUES ('a',"
            + " '2024-03-23T12:30:45.123Z', "
            + ID
            + "1, 18.5, {'red', 'new'}, {'x': 1})");
    for (int order = 2; order <= 5; order++) {
      tables.execute(
          "INSERT INTO export.orders (shop, at, id, note) VALUES ('%s', %d, %s%d, 'n')"
              .formatted(order < 5 ? "a" : "b", order, ID, order));
    }
    ShippedRun run =
        run(stack, "orders").with("source.cassandra.options.basic.request.page-size=2");

    String seen = run.run("export", "kafka");

    assertThat(seen)
        .contains(
            "table export.orders at %s: 7 columns, primary key (shop, at, id)%n"
                .formatted(stack.connections().cassandra()),
            "  counts  map<text, int>  map<string,int>\n",
            "  at      timestamp       timestamp\n",
            "its first 5 rows:\n",
            "\"note\": \"n\"",
            "batch 0: 5 read = 5 changes");
    List<ConsumerRecord<String, String>> records = stack.committedRecords("exported-orders");
    assertThat(records)
        .extracting(ConsumerRecord::key, ConsumerRecord::value)
        .hasSize(5)
        .contains(
            tuple(
                "{\"shop\":\"a\",\"at\":\"2024-03-23T12:30:45.123000Z\",\"id\":\"" + ID + "1\"}",
                "{\"shop\":\"a\",\"at\":\"2024-03-23T12:30:45.123000Z\",\"id\":\""
                    + ID
                    + "1\",\"counts\":{\"x\":1},\"note\":null,\"price\":18.500000000000000000,"
                    + "\"tags\":[\"new\",\"red\"]}"));
    assertThat(logs()).hasSize(1).first().asString().contains("its first 5 rows:", "5 read");

    // As if the first run had been killed before it could say that it was done.
    Path checkpoint = folder.resolve("checkpoints/cassandra-export/export/kafka");
    Files.delete(checkpoint.resolve("commits/0"));
    Files.deleteIfExists(checkpoint.resolve("commits/.0.crc"));
    run.run("export", "kafka");
    assertThat(stack.committedRecords("exported-orders")).hasSize(5);

    run.run("export", "kafka");
    assertThat(
            stack.committedRecords("exported-orders").stream()
                .collect(Collectors.groupingBy(ConsumerRecord::key, Collectors.counting())))
        .hasSize(5)
        .allSatisfy((key, times) -> assertThat(times).isEqualTo(2));
  }

  @Test
  void saysThatATableIsEmptyAndSendsNothing(LocalStack stack) throws Exception {
    tables.execute("CREATE TABLE export.nothing (id int PRIMARY KEY)");

    String seen = run(stack, "nothing").run("export", "kafka");

    assertThat(seen)
        .contains("export.nothing at")
        .contains("is empty: there is nothing to deliver");
    assertThat(stack.committedRecords("exported-nothing")).isEmpty();
  }

  @Test
  void tellsWhatIsWrongWithTheEnvironment(LocalStack stack) {
    String place = stack.connections().cassandra();
    tables.execute("CREATE TABLE IF NOT EXISTS export.here (id int PRIMARY KEY, n int)");
    ShippedRun run = run(stack, "here").with("sinks.kafka.create=never");

    assertThatThrownBy(() -> run.run("export", "kafka"))
        .hasMessageContaining("has no topic 'exported-here'. Create it, or let Millrace do so");
    assertThatThrownBy(() -> run.with("source.cassandra.table=gone").run("export", "kafka"))
        .hasMessageStartingWith(
            "source.cassandra.table: Cassandra at "
                + place
                + " has no table export.gone. Its keyspace has ")
        .hasMessageContaining("here");
    assertThatThrownBy(() -> run.with("source.cassandra.keyspace=gone").run("export", "kafka"))
        .hasMessage(
            "source.cassandra.keyspace: Cassandra at "
                + place
                + " has no keyspace 'gone'. Name one that is there; ./millrace cql \"DESCRIBE"
                + " KEYSPACES\" lists them.");
    assertThatThrownBy(
            () -> run.with("source.cassandra.local-datacenter=moon").run("export", "kafka"))
        .hasMessage(
            "source.cassandra.local-datacenter: Cassandra at "
                + place
                + " has no datacenter 'moon'. Use datacenter1.");
    assertThatThrownBy(
            () ->
                run.with("source.cassandra.contact-points=localhost:1")
                    .with("source.cassandra.retry-timeout=1s")
                    .run("export", "kafka"))
        .hasMessageStartingWith("Cassandra at localhost:1: no answer within 1 s (")
        .hasMessageContaining("or wait longer with source.cassandra.retry-timeout.");
    assertThatThrownBy(
            () ->
                run.with("outputs.export.sql=SELECT n, count(*) AS c FROM rows GROUP BY n")
                    .run("export", "parquet"))
        .hasMessageContaining(
            "an aggregate that continues from batch to batch is not possible over cassandra, as each"
                + " run reads the whole table again. Add 'scope: batch'");
    assertThat(String.join("", logs()))
        .contains(
            "Cassandra at localhost:1 does not answer (",
            "); trying again in 1 s",
            "error: source");
  }

  @Test
  void enrichesAStreamFromATableAndReadsThatAgainOnceItIsTooOld(LocalStack stack) throws Exception {
    tables.execute(
        "CREATE TABLE export.songs (name text PRIMARY KEY, tempo double)",
        "INSERT INTO export.songs (name, tempo) VALUES ('Blue', 98.5)");
    stack.createTopic("played", 1);
    ChangeTopic.write(stack, "played", List.of(played(1, "Blue"), played(2, "Red")));
    Path file = folder.resolve("played.yaml");
    Files.writeString(
        file,
        """
        name: played
        source:
          kafka: {bootstrap-servers: "%s", topic: played}
          format: json
        table:
          columns: {id: {type: int}, song: {type: string}}
        lookups:
          songs:
            cassandra: {contact-points: "%s", keyspace: export, table: songs, reload: 1m}
        outputs:
          enriched:
            sql: SELECT m.id, s.tempo FROM messages m LEFT JOIN songs s ON s.name = m.song
            sink: parquet
        sinks:
          parquet: {path: "${OUTPUT_DIR}/{output}"}
        dead-letters: {path: "${OUTPUT_DIR}/dead-letters"}
        """
            .formatted(stack.bootstrapServers(), stack.connections().cassandra()));

    String seen = new ShippedRun(file.toString(), folder, Map.of()).run("enriched", "parquet");

    assertThat(seen).contains("lookup songs: 1 rows from table export.songs at ");
    assertThat(
            ParquetFiles.query(
                folder.resolve("output/enriched"), "SELECT id, tempo FROM rows ORDER BY id"))
        .extracting(row -> row.get("id"), row -> row.get("tempo"))
        .containsExactly(tuple(1, 98.5), tuple(2, null));

    AtomicLong clock = new AtomicLong();
    StringWriter said = new StringWriter();
    Lookup songs =
        new LookupCassandra(
            new CassandraLookup("songs", songs(stack), Optional.of(Duration.ofSeconds(5))),
            new PrintWriter(said, true),
            clock::get);
    try (SparkSession session = SparkSessions.open("lookup", Map.of())) {
      assertThat(songs.rows(session).collectAsList())
          .containsExactly(RowFactory.create("Blue", 98.5));
      tables.execute("INSERT INTO export.songs (name, tempo) VALUES ('Blue', 99)");
      clock.addAndGet(Duration.ofMillis(4_999).toNanos());
      assertThat(songs.rows(session).collectAsList())
          .containsExactly(RowFactory.create("Blue", 98.5));
      clock.addAndGet(Duration.ofMillis(1).toNanos());
      assertThat(songs.rows(session).collectAsList())
          .containsExactly(RowFactory.create("Blue", 99.0));
      tables.execute("DROP TABLE export.songs");
      clock.addAndGet(Duration.ofSeconds(5).toNanos());
      assertThat(songs.rows(session).collectAsList())
          .containsExactly(RowFactory.create("Blue", 99.0));
    }
    assertThat(said.toString().lines())
        .hasSize(3)
        .last()
        .asString()
        .startsWith("lookup songs: Cassandra refuses to read export.songs (")
        .endsWith("The previous rows stay in use.");
  }

  private ShippedRun run(LocalStack stack, String table) {
    return new ShippedRun(
        "cassandra-export.yaml",
        folder,
        Map.of(
            "KAFKA_BOOTSTRAP_SERVERS",
            stack.bootstrapServers(),
            "CASSANDRA_CONTACT_POINTS",
            stack.connections().cassandra(),
            "CASSANDRA_KEYSPACE",
            "export",
            "CASSANDRA_TABLE",
            table,
            "OUTPUT_TOPIC",
            "exported-" + table,
            "LOG_DIR",
            folder.resolve("logs").toString()));
  }

  private static CassandraTableName songs(LocalStack stack) {
    return new CassandraTableName(
        new CassandraConnection(
            "lookups.songs.cassandra",
            List.of(stack.connections().cassandra()),
            "datacenter1",
            "",
            "",
            Duration.ofMinutes(2),
            Map.of()),
        "local-quorum",
        "export",
        "songs");
  }

  private static ConsumerRecord<String, String> played(int id, String song) {
    return new ConsumerRecord<>("", 0, 0, null, "{\"id\":%d,\"song\":\"%s\"}".formatted(id, song));
  }

  /** The texts of all logs. */
  private List<String> logs() {
    try (Stream<Path> files = Files.list(folder.resolve("logs"))) {
      return files.sorted().map(CassandraExportIT::text).toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
