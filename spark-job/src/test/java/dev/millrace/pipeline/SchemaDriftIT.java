package dev.millrace.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.StackExtension;
import dev.millrace.config.PipelineDefinition;
import dev.millrace.config.parse.Overrides;
import dev.millrace.config.parse.PipelineLoader;
import dev.millrace.config.parse.TableLoader;
import dev.millrace.stack.LocalStack;
import dev.millrace.stack.server.ConnectorDefinition;
import dev.millrace.table.InferenceSource;
import dev.millrace.table.TableInference;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * A table that is altered while a job runs whose columns were inferred from the schema of its
 * messages: the job lives, and each change is delivered or rejected as the columns of the first
 * start have it.
 */
@ExtendWith(StackExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SchemaDriftIT {

  private static final Duration TIMEOUT = Duration.ofSeconds(90);

  private static final Pattern PROGRESS =
      Pattern.compile("([\\d,]+) read = ([\\d,]+) changes \\+ ([\\d,]+) rejected");

  /** A test that is run again meets nothing of the run before. */
  private final String run = "drift_" + Long.toString(System.nanoTime(), 36);

  private final String table = "public." + run;
  private ConnectorDefinition connector;

  @TempDir Path folder;

  @BeforeAll
  void capture(LocalStack stack) {
    stack.execute(
        """
        CREATE TABLE %1$s (
          id bigint PRIMARY KEY, "rides.csv/fare" text, dropped text, renamed int, counted int,
          code text, at timestamp);
        ALTER TABLE %1$s REPLICA IDENTITY FULL;
        GRANT SELECT ON %1$s TO debezium_user;
        CREATE PUBLICATION %2$s FOR TABLE %1$s;
        INSERT INTO %1$s VALUES (1, $$b'12.5'$$, 'there', 10, 100, 'A', '2025-11-07 11:29:32.953131')
        """
            .formatted(table, run));
    connector =
        stack
            .connector("ride-bookings")
            .named(run)
            .with("topic.prefix", run)
            .with("table.include.list", table)
            .with("slot.name", run)
            .with("publication.name", run)
            .with("offsets.storage.topic", "offsets-" + run)
            .with("key.converter.schemas.enable", "true")
            .with("value.converter.schemas.enable", "true");
    stack.register(connector);
    Awaitility.await().atMost(TIMEOUT).until(() -> stack.committedRecords(topic()).size() == 1);
  }

  @AfterAll
  void release(LocalStack stack) {
    stack.delete(connector);
    stack.execute("DROP PUBLICATION %s; DROP TABLE %s".formatted(run, table));
  }

  private String topic() {
    return run + "." + table;
  }

  private PipelineDefinition pipeline(LocalStack stack) throws Exception {
    Path file = folder.resolve("pipeline.yaml");
    Files.writeString(
        file,
        """
        name: drift
        source:
          kafka:
            bootstrap-servers: %s
            topic: %s
        outputs:
          changes:
            sink: parquet
        sinks:
          parquet:
            path: %s/{output}
        dead-letters:
          path: %s/dead-letters
        checkpoints: %s/checkpoints
        """
            .formatted(stack.bootstrapServers(), topic(), folder, folder, folder));
    return new PipelineLoader(Map.of(), SinkConnectors.STANDARD.kinds())
        .load(file.toString(), Overrides.none())
        .definition();
  }

  /** A run on a thread of its own. */
  private static final class Running {
    private final StringWriter seen = new StringWriter();
    private final PipelineRun run;
    private final CompletableFuture<Void> end;

    Running(PipelineDefinition pipeline) {
      run = new PipelineRun(pipeline, new PrintWriter(seen, true), 200);
      end =
          CompletableFuture.runAsync(
              () -> {
                try {
                  run.run();
                } catch (InterruptedException e) {
                  throw new CompletionException(e);
                }
              });
    }

    String stop() {
      run.stop();
      end.join();
      return seen.toString();
    }
  }

  private List<Map<String, Object>> rows() throws SQLException {
    return ParquetFiles.query(
        folder.resolve("changes"),
        "SELECT id, fare, dropped, renamed, counted, code, CAST(\"at\" AT TIME ZONE 'UTC' AS VARCHAR)"
            + " AS \"at\" FROM rows ORDER BY id");
  }

  private List<Map<String, Object>> rejects() throws SQLException {
    Path rejects = folder.resolve("dead-letters").resolve("query=changes-parquet");
    if (!hasBatches(rejects)) {
      return List.of();
    }
    return ParquetFiles.query(rejects, "SELECT code, \"column\", message FROM rows");
  }

  private static boolean hasBatches(Path folder) {
    String[] names = folder.toFile().list();
    return names != null && List.of(names).stream().anyMatch(name -> name.startsWith("batch="));
  }

  private void await(Running running, int changes, int rejected) {
    Awaitility.await()
        .atMost(TIMEOUT)
        // DuckDB knows no query over files that are not there yet.
        .ignoreExceptionsInstanceOf(SQLException.class)
        .failFast(() -> assertThat(running.end).as(running.seen.toString()).isNotDone())
        .untilAsserted(
            () -> {
              assertThat(rows()).as(running.seen.toString()).hasSize(changes);
              assertThat(rejects()).as(running.seen.toString()).hasSize(rejected);
            });
  }

  private static Map<String, Object> row(
      long id, String fare, String dropped, Integer renamed, Integer counted, String code) {
    Map<String, Object> row = new java.util.LinkedHashMap<>();
    row.put("id", id);
    row.put("fare", fare);
    row.put("dropped", dropped);
    row.put("renamed", renamed);
    row.put("counted", counted);
    row.put("code", code);
    row.put("at", "2025-11-07 11:29:32.953131");
    return row;
  }

  @Test
  void outlivesEveryChangeOfTheTable(LocalStack stack) throws Exception {
    Running first = new Running(pipeline(stack));
    await(first, 1, 0);

    String at = "'2025-11-07 11:29:32.953131'";
    stack.execute("ALTER TABLE %s ADD COLUMN added text".formatted(table));
    stack.execute(
        "INSERT INTO %s VALUES (2, $$b'1'$$, 'there', 20, 200, 'B', %s, 'new')"
            .formatted(table, at));
    stack.execute("ALTER TABLE %s DROP COLUMN dropped".formatted(table));
    stack.execute(
        "INSERT INTO %s (id, renamed, counted, code, at) VALUES (3, 30, 300, 'C', %s)"
            .formatted(table, at));
    stack.execute("ALTER TABLE %s RENAME COLUMN renamed TO other".formatted(table));
    stack.execute(
        "INSERT INTO %s (id, other, counted, code, at) VALUES (4, 40, 400, 'D', %s)"
            .formatted(table, at));
    // Debezium asks Postgres for the types of columns when it meets their first row, and its task
    // fails if they are others by then than those of the row.
    await(first, 4, 0);
    stack.execute("ALTER TABLE %s ALTER COLUMN code TYPE int USING length(code)".formatted(table));
    stack.execute(
        "INSERT INTO %s (id, counted, code, at) VALUES (5, 500, 7, %s)".formatted(table, at));
    await(first, 5, 0);
    stack.execute("ALTER TABLE %s ALTER COLUMN counted TYPE text".formatted(table));
    stack.execute(
        """
        INSERT INTO %1$s (id, counted, code, at) VALUES (6, 'many', 8, %2$s);
        INSERT INTO %1$s (id, counted, code, at) VALUES (7, '700', 9, %2$s)
        """
            .formatted(table, at));
    await(first, 6, 1);
    String seen = first.stop();

    assertThat(rows())
        .containsExactly(
            row(1, "b'12.5'", "there", 10, 100, "A"),
            row(2, "b'1'", "there", 20, 200, "B"),
            row(3, null, null, 30, 300, "C"),
            row(4, null, null, null, 400, "D"),
            row(5, null, null, null, 500, "7"),
            row(7, null, null, null, 700, "9"));
    assertThat(rejects())
        .singleElement()
        .satisfies(
            reject -> {
              assertThat(reject.get("code")).isEqualTo("INVALID_VALUE");
              assertThat(reject.get("column")).isEqualTo("counted");
            });
    assertThat(counted(seen, 1)).isEqualTo(7);
    assertThat(counted(seen, 2)).isEqualTo(6);
    assertThat(counted(seen, 3)).isEqualTo(1);
    assertThat(seen)
        .contains(
            "table: inferred from 1 message (with schemas) of topic " + topic(),
            "    fare: {from: rides.csv/fare, type: string}",
            "    at: {type: timestamp, unit: micros}");
    for (String field : List.of("added", "other")) {
      assertThat(seen)
          .containsOnlyOnce(
              "unknown field '%s' in %s: not declared, left out. \"./millrace infer\" proposes it.%n"
                  .formatted(field, topic()));
    }

    Running second = new Running(pipeline(stack));
    stack.execute(
        "INSERT INTO %s (id, counted, code, at) VALUES (8, '800', 10, %s)".formatted(table, at));
    await(second, 7, 1);
    assertThat(second.stop())
        .contains("table: 7 columns, as inferred at the first start (")
        .doesNotContain("inferred from");
    assertThat(rows()).endsWith(row(8, null, null, null, 800, "10"));

    proposesWhatTheTableIsNow(stack);
  }

  private void proposesWhatTheTableIsNow(LocalStack stack) throws Exception {
    StringWriter yaml = new StringWriter();
    StringWriter notes = new StringWriter();
    TableInference inference =
        new TableInference(new PrintWriter(yaml, true), new PrintWriter(notes, true));

    inference.infer(new InferenceSource.OfPipeline(pipeline(stack)), 1000);

    assertThat(notes.toString())
        .contains(
            "read 8 messages (with schemas) of topic " + topic(),
            "with the proposed columns: 8 changes, 0 skipped, 0 rejected");
    assertThat(yaml.toString())
        .contains(
            "  key: [id]",
            "  text-encoding: python-bytes",
            "    # Its schema changed: int, then string.",
            "    added: {type: string}",
            "    other: {type: int}");

    StringWriter ofPostgres = new StringWriter();
    new TableInference(new PrintWriter(ofPostgres, true), new PrintWriter(notes, true))
        .infer(
            new InferenceSource.OfPostgres(
                stack.jdbcUrl(),
                stack.connections().postgresUser(),
                stack.connections().postgresPassword(),
                table),
            1000);
    assertThat(ofPostgres.toString())
        .isEqualToNormalizingNewlines(
            """
            table:
              key: [id]
              replica-identity: full
              text-encoding: python-bytes
              columns:
                id: {type: bigint}
                fare: {from: rides.csv/fare, type: double}
                other: {type: int}
                counted: {type: string}
                code: {type: int}
                at: {type: timestamp, unit: micros}
                added: {type: string}
            """);
    assertThat(TableLoader.parse(ofPostgres.toString(), "proposed").columns()).hasSize(7);
  }

  private static long counted(String seen, int group) {
    return PROGRESS
        .matcher(seen)
        .results()
        .map((MatchResult line) -> line.group(group).replace(",", ""))
        .mapToLong(Long::parseLong)
        .sum();
  }
}
