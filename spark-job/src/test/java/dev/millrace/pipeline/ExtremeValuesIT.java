package dev.millrace.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.StackExtension;
import dev.millrace.config.PipelineDefinition;
import dev.millrace.config.parse.Overrides;
import dev.millrace.config.parse.PipelineLoader;
import dev.millrace.stack.LocalStack;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Values at the ends of their types, on the console, in Kafka and in Cassandra: each is delivered
 * as it is, or its row is a dead letter of the output that states why, and the others are
 * delivered.
 */
@ExtendWith(StackExtension.class)
class ExtremeValuesIT {

  private static final String DIGITS = "9999999999999999999999999999.9999999999";

  @TempDir Path folder;

  @Test
  void theConsoleShowsThem() throws Exception {
    String shown = run("console", "");

    assertThat(shown)
        .contains(": 4 read = 4 changes + 0 rejected + 0 skipped, in ")
        .contains(
            // A cell has 32 characters at most.
            " 1  | a b                              | NaN       | 9999999999999999999999999999.99\u2026 | 0001-01-01 00:00:00           | -0043-03-15 | 24:00:00.000000",
            " 2  |                                  | -Infinity | -1E-10                           | +294246-12-31 23:59:59.999999 | 9999-12-31  | 00:00:00.000000");
    assertThat(shown.chars()).doesNotContain(0);
  }

  @Test
  void kafkaHasThemAsJson(LocalStack stack) throws Exception {
    String settings =
        "kafka: {bootstrap-servers: \"%s\", topic: extreme-values, options: {max.request.size: 90000}}"
            .formatted(stack.bootstrapServers());

    assertThat(run("kafka", settings))
        .contains("4 changes + 0 rejected + 0 skipped, 1 row of the result unstorable, in ");

    Map<Integer, JsonNode> rows = new TreeMap<>();
    for (ConsumerRecord<String, String> record : stack.committedRecords("extreme-values")) {
      JsonNode row = ChangeTopic.parse(record.value());
      rows.put(row.get("id").asInt(), row);
      if (row.get("id").asInt() == 1) {
        assertThat(record.value()).contains("\"amount\":" + DIGITS);
      }
    }
    assertThat(rows.keySet()).containsExactly(1, 2, 3);
    assertThat(texts(rows.get(1)))
        .containsExactly(
            "a\u0000b", "NaN", "0001-01-01T00:00:00.000000Z", "-0043-03-15", "24:00:00.000000");
    assertThat(texts(rows.get(2)))
        .containsExactly(
            "\u0000",
            "-Infinity",
            "+294246-12-31T23:59:59.999999Z",
            "9999-12-31",
            "00:00:00.000000");
    assertThat(texts(rows.get(3))).containsExactly("", "null", "null", "null", "null");
    assertThat(deadLetters("kafka"))
        .containsExactly(
            tuple(
                "UNSTORABLE_ROW",
                null,
                "Output all can't store the row in topic extreme-values at "
                    + stack.bootstrapServers()
                    + ": its record is larger than max.request.size (90,000 bytes). Leave what is"
                    + " large out of the output's sql, or raise sinks.kafka.options.max.request.size,"
                    + " and the topic's max.message.bytes with it."));
  }

  private static List<String> texts(JsonNode row) {
    return Stream.of("note", "ratio", "moment", "day", "clock")
        .map(name -> row.get(name).asText())
        .toList();
  }

  /** A timestamp of Cassandra has milliseconds. */
  @Test
  void cassandraStoresThem(LocalStack stack) throws Exception {
    CassandraTables tables = CassandraTables.of(stack);
    String settings =
        "cassandra: {contact-points: \"%s\", keyspace: extreme_values, table: rows, create: if-missing}"
            .formatted(stack.connections().cassandra());

    assertThat(run("cassandra", settings))
        .contains("4 changes + 0 rejected + 0 skipped, 2 rows of the result unstorable, in ");

    assertThat(tables.query("SELECT * FROM extreme_values.rows"))
        .extracting(
            row -> row.get("id"),
            row -> row.get("note"),
            row -> row.get("ratio"),
            row -> row.get("amount"),
            row -> row.get("moment"),
            row -> row.get("day"),
            row -> row.get("clock"))
        .containsExactlyInAnyOrder(
            tuple(
                1L,
                "a\u0000b",
                Double.NaN,
                new BigDecimal(DIGITS),
                Instant.parse("0001-01-01T00:00:00Z"),
                LocalDate.of(-43, 3, 15),
                "24:00:00.000000"),
            tuple(
                2L,
                "\u0000",
                Double.NEGATIVE_INFINITY,
                new BigDecimal("-0.0000000001"),
                Instant.parse("+294246-12-31T23:59:59.999Z"),
                LocalDate.of(9999, 12, 31),
                "00:00:00.000000"));
    String place =
        "Output all can't store the row in table extreme_values.rows at "
            + stack.connections().cassandra();
    assertThat(deadLetters("cassandra"))
        .containsExactlyInAnyOrder(
            tuple(
                "UNSTORABLE_ROW",
                "note",
                place
                    + ": note is ``, the partition key, which must not be empty. Leave such rows out"
                    + " in the output's SQL (WHERE note <> ''), or give them a value."),
            tuple(
                "UNSTORABLE_ROW",
                "note",
                place
                    + ": note is `"
                    + "k".repeat(80)
                    + "`, longer than the key (note) may be: 65,535 bytes. Use a shorter column as"
                    + " key, or a hash of it (sha2) in the output's SQL."));
  }

  /** Code, column and message of each, as another reader finds them. */
  private List<Tuple> deadLetters(String sink) throws Exception {
    return ParquetFiles.query(
            folder.resolve("dead-letters/query=all-" + sink),
            "SELECT code, \"column\" AS concerned, message FROM rows")
        .stream()
        .map(row -> tuple(row.get("code"), row.get("concerned"), row.get("message")))
        .toList();
  }

  /** Delivers four rows from a file, and returns what a user saw. */
  private String run(String sink, String settings) throws Exception {
    StringWriter seen = new StringWriter();
    new PipelineRun(pipeline(sink, settings), new PrintWriter(seen, true), 400).run();
    return seen.toString();
  }

  private PipelineDefinition pipeline(String sink, String settings) throws Exception {
    Files.createDirectories(folder.resolve("in"));
    Files.writeString(
        folder.resolve("in/rows.json"),
        """
        {"id":1,"note":"a\\u0000b","ratio":"NaN","amount":%s,"moment":"0001-01-01T00:00:00Z","day":"-0043-03-15","clock":"24:00:00"}
        {"id":2,"note":"\\u0000","ratio":"-Infinity","amount":-1E-10,"moment":"+294246-12-31T23:59:59.999999Z","day":"9999-12-31","clock":"00:00"}
        {"id":3,"note":""}
        {"id":4,"note":"%s"}
        """
            .formatted(DIGITS, "k".repeat(100_000)));
    Path file =
        Files.writeString(
            folder.resolve("pipeline.yaml"),
            """
            name: extreme
            source: {files: {path: "%1$s/in", format: json}}
            table:
              columns:
                id: {type: bigint}
                note: {type: string}
                ratio: {type: double}
                amount: {type: "decimal(38,10)"}
                moment: {type: timestamp, unit: iso}
                day: {type: date, unit: iso}
                clock: {type: time, unit: iso}
            outputs:
              all:
                key: [note]
                sink: %2$s
                sql: SELECT id, note, ratio, amount, moment, day, clock FROM rows
            sinks: {%3$s}
            dead-letters: {sink: parquet, path: "%1$s/dead-letters"}
            checkpoints: %1$s/checkpoints
            trigger: {available-now: true}
            """
                .formatted(folder, sink, settings));
    Overrides overrides = Overrides.none();
    return new PipelineLoader(Map.of(), SinkConnectors.STANDARD.kinds())
        .load(file.toString(), overrides)
        .definition();
  }
}
