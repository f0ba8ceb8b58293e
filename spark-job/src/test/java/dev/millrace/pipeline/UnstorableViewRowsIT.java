package dev.millrace.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.millrace.StackExtension;
import dev.millrace.config.PipelineDefinition;
import dev.millrace.config.parse.Overrides;
import dev.millrace.config.parse.PipelineLoader;
import dev.millrace.deadletter.DeadLetter;
import dev.millrace.deadletter.DeadLetters;
import dev.millrace.stack.LocalStack;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Rows of a view that its sink can't store are dead letters of the output until they change: no
 * older version stays in the sink, and a later one that can be stored is delivered.
 */
@ExtendWith(StackExtension.class)
class UnstorableViewRowsIT {

  private static final String UUID = "123e4567-e89b-12d3-a456-426614174000";

  @TempDir Path folder;

  @Test
  void areNotInCassandraUntilTheyCanBeStored(LocalStack stack) throws Exception {
    CassandraTables tables = CassandraTables.of(stack);
    stack.createTopic("unstorable-views-cassandra", 1);
    Names names =
        new Names(
            stack,
            "unstorable-views-cassandra",
            "cassandra",
            "cassandra: {contact-points: \"%s\", keyspace: unstorable_views, table: changed_rows, create: if-missing, types: {note: uuid}}"
                .formatted(stack.connections().cassandra()),
            "SELECT name, note FROM names");
    String longName = "k".repeat(70_000);
    names.put("a\u0000b", UUID);
    names.put("first", UUID);
    names.put("second", "text");
    names.put("", UUID);
    names.put(longName, UUID);
    names.put("gone", UUID);
    names.put("nothing", null);

    assertThat(names.run())
        .contains(
            ": 7 read = 7 changes + 0 rejected + 0 skipped, 3 rows of the result unstorable,");

    assertThat(stored(tables))
        .isEqualTo(Map.of("a\u0000b", UUID, "first", UUID, "gone", UUID, "nothing", "null"));
    assertThat(names.deadLetters())
        .extracting(
            letter -> letter.position().topic(),
            letter -> letter.position().partition(),
            letter -> letter.position().offset(),
            DeadLetter::code,
            DeadLetter::column)
        .containsExactlyInAnyOrder(
            tuple("unstorable-views-cassandra", 0, 2L, "UNSTORABLE_ROW", "note"),
            tuple("unstorable-views-cassandra", 0, 3L, "UNSTORABLE_ROW", "name"),
            tuple("unstorable-views-cassandra", 0, 4L, "UNSTORABLE_ROW", "name"));
    DeadLetter text = names.deadLetters().stream().filter(at(2)).findFirst().orElseThrow();
    assertThat(text.message())
        .isEqualTo(
            "Output view can't store the row in table unstorable_views.changed_rows at "
                + stack.connections().cassandra()
                + ": note is `text`, which is not a value of uuid. Correct it in the output's SQL,"
                + " or store 'note' as text.");
    assertThat(text(text.key())).isEqualTo("{\"name\":\"second\"}");
    assertThat(text(text.value())).isEqualTo("{\"name\":\"second\",\"note\":\"text\"}");

    names.put("first", "text, now");
    names.put("second", UUID);
    names.delete("");
    names.delete(longName);
    names.delete("gone");

    assertThat(names.run()).contains(", 1 row of the result unstorable,");
    assertThat(stored(tables))
        .isEqualTo(Map.of("a\u0000b", UUID, "second", UUID, "nothing", "null"));
    assertThat(names.deadLetters()).hasSize(4);

    names.delete("first");
    names.put("second", "text");
    names.delete("second");
    names.put("third", UUID);

    assertThat(names.run()).doesNotContain("rows of the result");
    assertThat(stored(tables))
        .isEqualTo(Map.of("a\u0000b", UUID, "third", UUID, "nothing", "null"));
    assertThat(names.deadLetters()).hasSize(4);
  }

  @Test
  void areNotInPostgresUntilTheyCanBeStored(LocalStack stack) throws Exception {
    stack.execute("CREATE TABLE unstorable_view (name text PRIMARY KEY, note varchar(4))");
    stack.createTopic("unstorable-views-postgres", 1);
    Names names =
        new Names(
            stack,
            "unstorable-views-postgres",
            "postgres",
            "postgres: {url: \"%s\", password: %s, table: public.unstorable_view}"
                .formatted(stack.jdbcUrl(), stack.connections().postgresPassword()),
            "SELECT name, note FROM names");
    names.put("a\u0000b", "note");
    names.put("first", "note");
    names.put("second", "a long note");
    names.put("k".repeat(3_000), "note");

    assertThat(names.run()).contains(", 3 rows of the result unstorable,");
    assertThat(inPostgres(stack)).isEqualTo(Map.of("first", "note"));
    assertThat(names.deadLetters())
        .extracting(letter -> letter.position().offset(), DeadLetter::column)
        .containsExactlyInAnyOrder(tuple(0L, "name"), tuple(2L, "note"), tuple(3L, "name"));
    assertThat(names.deadLetters().stream().filter(at(2)).findFirst().orElseThrow().message())
        .isEqualTo(
            "Output view can't store the row in table public.unstorable_view at "
                + stack.jdbcUrl()
                + ": note is `a long note`, too long for the column's type character varying(4)."
                + " Shorten it in the output's SQL (left(note, ...)), or run ALTER TABLE ... ALTER"
                + " COLUMN ... TYPE text.");

    names.put("first", "a long note");
    names.put("second", "now");
    names.delete("a\u0000b");
    assertThat(names.run()).contains(", 1 row of the result unstorable,");
    assertThat(inPostgres(stack)).isEqualTo(Map.of("second", "now"));

    names.delete("first");
    names.put("third", "3");
    assertThat(names.run()).doesNotContain("rows of the result");
    assertThat(inPostgres(stack)).isEqualTo(Map.of("second", "now", "third", "3"));
  }

  private static Map<String, String> inPostgres(LocalStack stack) throws SQLException {
    Map<String, String> held = new TreeMap<>();
    try (Connection connection = stack.connect();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT name, note FROM unstorable_view")) {
      while (rows.next()) {
        held.put(rows.getString(1), rows.getString(2));
      }
    }
    return held;
  }

  /** A group has no position of its own, and a null in its key is a value elsewhere. */
  @Test
  void mayBeGroups(LocalStack stack) throws Exception {
    CassandraTables tables = CassandraTables.of(stack);
    stack.createTopic("unstorable-groups", 1);
    Names names =
        new Names(
            stack,
            "unstorable-groups",
            "cassandra",
            "cassandra: {contact-points: \"%s\", keyspace: unstorable_groups, table: changed_rows, create: if-missing}"
                .formatted(stack.connections().cassandra()),
            "SELECT note, count(*) AS n FROM names GROUP BY note");
    names.put("first", "x");
    names.put("second", null);
    names.put("third", null);

    assertThat(names.run()).contains(", 1 row of the result unstorable,");

    assertThat(tables.query("SELECT note, n FROM unstorable_groups.changed_rows"))
        .containsExactly(Map.of("note", "x", "n", 1L));
    assertThat(names.deadLetters())
        .extracting(DeadLetter::column, letter -> text(letter.value()), DeadLetter::message)
        .containsExactly(
            tuple(
                "note",
                "{\"note\":null,\"n\":2}",
                "Output view can't store the row in table unstorable_groups.changed_rows at "
                    + stack.connections().cassandra()
                    + ": note is `null`, part of the primary key, which has no nulls. Leave such"
                    + " rows out in the output's SQL (WHERE note IS NOT NULL), or give them a"
                    + " value."));
  }

  @Test
  void areNotInTheTopicUntilTheyCanBeStored(LocalStack stack) throws Exception {
    stack.createTopic("unstorable-views-kafka", 1);
    Names names =
        new Names(
            stack,
            "unstorable-views-kafka",
            "kafka",
            "kafka: {bootstrap-servers: \"%s\", topic: unstorable-view, options: {max.request.size: 10000}}"
                .formatted(stack.bootstrapServers()),
            "SELECT name, note FROM names");
    names.put("first", "short");
    names.put("second", "y".repeat(20_000));

    assertThat(names.run()).contains(", 1 row of the result unstorable,");
    assertThat(held(stack, "unstorable-view")).isEqualTo(Map.of("first", "short"));

    names.put("first", "y".repeat(20_000));
    names.put("second", "short, now");
    assertThat(names.run()).contains(", 1 row of the result unstorable,");
    assertThat(held(stack, "unstorable-view")).isEqualTo(Map.of("second", "short, now"));

    names.delete("first");
    names.delete("second");
    assertThat(names.run()).doesNotContain("rows of the result");
    assertThat(held(stack, "unstorable-view")).isEmpty();
    assertThat(names.deadLetters())
        .extracting(letter -> letter.position().offset(), DeadLetter::code)
        .containsExactlyInAnyOrder(tuple(1L, "UNSTORABLE_ROW"), tuple(2L, "UNSTORABLE_ROW"));
  }

  /** What a topic takes is the size of a record once it is compressed. */
  @Test
  void mayBeTooLargeForTheTopicAlone(LocalStack stack) throws Exception {
    stack.createTopic("unstorable-views-topic", 1);
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", stack.bootstrapServers()))) {
      admin
          .createTopics(
              List.of(
                  new NewTopic("small-records", 1, (short) 1)
                      .configs(Map.of("cleanup.policy", "compact", "max.message.bytes", "10000"))))
          .all()
          .get();
    }
    Names names =
        new Names(
            stack,
            "unstorable-views-topic",
            "kafka",
            "kafka: {bootstrap-servers: \"%s\", topic: small-records}"
                .formatted(stack.bootstrapServers()),
            "SELECT name, note FROM names");
    String random =
        new Random(20261129)
            .ints(20_000, 'a', 'z' + 1)
            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
            .toString();
    names.put("first", "short");
    names.put("second", random);
    names.put("third", "y".repeat(20_000));

    assertThat(names.run()).contains(", 1 row of the result unstorable,");

    assertThat(held(stack, "small-records"))
        .isEqualTo(Map.of("first", "short", "third", "y".repeat(20_000)));
    assertThat(names.deadLetters())
        .extracting(DeadLetter::message)
        .containsExactly(
            "Output view can't store the row in topic small-records at "
                + stack.bootstrapServers()
                + ": its record, compressed, is larger than the topic's max.message.bytes (10,000"
                + " bytes). Leave what is large out of the output's sql, or raise the topic's"
                + " max.message.bytes.");
  }

  /** A reader of the rows that changed sees a row come and go, as it can be stored or not. */
  @Test
  void areNotInFilesUntilTheyCanBeStored(LocalStack stack) throws Exception {
    stack.createTopic("unstorable-views-files", 1);
    Names names =
        new Names(
            stack,
            "unstorable-views-files",
            "parquet",
            "parquet: {path: \"%s/{output}\", partition-by: [note]}"
                .formatted(folder.resolve("output")),
            "SELECT name, note FROM names");
    names.put("first", "");
    names.put("second", "x");
    names.put("third", "");
    names.run();
    names.put("first", "x");
    names.put("second", "");
    names.run();
    names.put("first", "y");
    names.delete("second");
    names.delete("third");
    names.run();

    assertThat(
            ParquetFiles.query(
                folder.resolve("output/view"),
                "SELECT batch, op, name, note FROM rows ORDER BY batch, name"))
        .extracting(
            row ->
                "%s %s %s %s"
                    .formatted(row.get("batch"), row.get("op"), row.get("name"), row.get("note")))
        .containsExactly("0 r second x", "1 c first x", "1 d second x", "2 u first y");
    assertThat(names.deadLetters())
        .extracting(letter -> letter.position().offset())
        .containsExactlyInAnyOrder(0L, 2L, 4L);
  }

  private static String text(ByteBuffer bytes) {
    return StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
  }

  private static java.util.function.Predicate<DeadLetter> at(long offset) {
    return letter -> letter.position().offset() == offset;
  }

  private static Map<String, String> stored(CassandraTables tables) {
    Map<String, String> stored = new TreeMap<>();
    tables
        .query("SELECT name, note FROM unstorable_views.changed_rows")
        .forEach(row -> stored.put((String) row.get("name"), String.valueOf(row.get("note"))));
    return stored;
  }

  /** What a reader of the compacted topic has in the end. */
  private static Map<String, String> held(LocalStack stack, String topic) {
    Map<String, String> held = new TreeMap<>();
    for (ConsumerRecord<String, String> record : stack.committedRecords(topic)) {
      String name = ChangeTopic.parse(record.key()).get("name").asText();
      if (record.value() == null) {
        held.remove(name);
      } else {
        held.put(name, ChangeTopic.parse(record.value()).get("note").asText());
      }
    }
    return held;
  }

  /** A table of names and notes, and a view of it. */
  private final class Names {

    private final LocalStack stack;
    private final String topic;
    private final String sink;
    private final String settings;
    private final String sql;
    private long lsn;

    Names(LocalStack stack, String topic, String sink, String settings, String sql) {
      this.stack = stack;
      this.topic = topic;
      this.sink = sink;
      this.settings = settings;
      this.sql = sql;
    }

    void put(String name, String note) throws Exception {
      send(name, note, "u", "false");
    }

    void delete(String name) throws Exception {
      send(name, null, "d", "true");
    }

    private void send(String name, String note, String operation, String isDeleted)
        throws Exception {
      lsn++;
      Properties properties = new Properties();
      properties.put("bootstrap.servers", stack.bootstrapServers());
      String key = "{\"name\":%s}".formatted(json(name));
      String value =
          "{\"name\":%s,\"note\":%s,\"__op\":\"%s\",\"__source_lsn\":%d,\"__deleted\":\"%s\"}"
              .formatted(json(name), json(note), operation, lsn, isDeleted);
      try (KafkaProducer<String, String> producer =
          new KafkaProducer<>(properties, new StringSerializer(), new StringSerializer())) {
        producer.send(new ProducerRecord<>(topic, key, value)).get();
      }
    }

    private static String json(String text) {
      return text == null ? "null" : "\"" + text.replace("\u0000", "\\u0000") + "\"";
    }

    /** Runs the view to the end of what is there; what a user sees. */
    String run() throws Exception {
      StringWriter seen = new StringWriter();
      new PipelineRun(pipeline(), new PrintWriter(seen, true), 200).run();
      return seen.toString();
    }

    List<DeadLetter> deadLetters() throws IOException {
      List<DeadLetter> letters = new ArrayList<>();
      DeadLetters.forEach(pipeline(), letters::add);
      return letters;
    }

    private PipelineDefinition pipeline() throws IOException {
      Path file =
          Files.writeString(
              folder.resolve("pipeline.yaml"),
              """
              name: unstorable-views
              source:
                kafka: {bootstrap-servers: "%1$s", topic: "%2$s", starting-offsets: earliest}
                format: debezium-json
              table:
                name: names
                key: [name]
                columns:
                  name: {type: string}
                  note: {type: string}
              outputs:
                view: {sink: %3$s, sql: "%4$s"}
              sinks: {%5$s}
              state: {partitions: 2}
              dead-letters: {sink: parquet, path: "%6$s/dead-letters"}
              checkpoints: "%6$s/checkpoints"
              """
                  .formatted(stack.bootstrapServers(), topic, sink, sql, settings, folder));
      Overrides overrides = Overrides.allAvailableNow();
      return new PipelineLoader(Map.of(), SinkConnectors.STANDARD.kinds())
          .load(file.toString(), overrides)
          .definition();
    }
  }
}
