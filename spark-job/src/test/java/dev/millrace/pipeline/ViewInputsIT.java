package dev.millrace.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.StackExtension;
import dev.millrace.config.parse.Overrides;
import dev.millrace.config.parse.PipelineLoader;
import dev.millrace.stack.LocalStack;
import dev.millrace.stack.server.ConnectorDefinition;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Views of a table equal Postgres, in each form that changes have, and after all that happens to a
 * table: transactions that are open during snapshots of each kind, values that Postgres does not
 * send, deletes by key, keys that change, rows that are deleted and inserted again, truncates.
 */
@ExtendWith(StackExtension.class)
class ViewInputsIT {

  /** So long that Postgres keeps it apart (TOAST), and does not send it unless it changes. */
  private static final String LETTERS =
      "SELECT string_agg(md5(random()::text), '') FROM generate_series(1, 300)";

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "ride-bookings, DEFAULT", "ride-bookings, FULL",
    "ride-bookings-envelope, DEFAULT", "ride-bookings-envelope, FULL"
  })
  void equalPostgres(String connector, String identity, LocalStack stack) throws Exception {
    boolean isEnvelope = connector.endsWith("envelope");
    String name =
        "inputs_"
            + (isEnvelope ? "envelope_" : "unwrapped_")
            + identity.toLowerCase(java.util.Locale.ROOT);
    CapturedTable table = CapturedTable.create(stack, name);
    stack.execute(
        """
        ALTER TABLE %1$s DROP CONSTRAINT %1$s_pkey, ADD PRIMARY KEY (id), ADD COLUMN note text;
        ALTER TABLE %1$s ALTER COLUMN note SET STORAGE EXTERNAL;
        ALTER TABLE %1$s REPLICA IDENTITY %2$s
        """
            .formatted(name, identity));
    for (long id = 1; id <= 9; id++) {
      table.insert(id, "old");
    }
    stack.execute("UPDATE %s SET note = 'b''' || (%s) || ''''".formatted(name, LETTERS));

    ConnectorDefinition registered;
    try (Connection initial = table.transaction()) {
      table.set(initial, 1, "open during the first");
      registered = table.capture(connector);
      initial.commit();
    }
    await(table, "open during the first");

    try (Connection blocking = table.transaction()) {
      table.set(blocking, 2, "open during a blocking one");
      int before = records(table).size();
      table.requestSnapshot("blocking");
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> records(table).size() >= before + 9);
      run(table, identity);
      blocking.commit();
    }
    await(table, "open during a blocking one");

    try (Connection incremental = table.transaction()) {
      table.set(incremental, 3, "open during an incremental one");
      int before = records(table).size();
      table.requestSnapshot("incremental");
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> records(table).size() >= before + 9);
      run(table, identity);
      incremental.commit();
    }
    await(table, "open during an incremental one");

    stack.execute("UPDATE %s SET id = id + 100 WHERE id = 4".formatted(name));
    stack.execute("UPDATE %s SET id = id + 100, note = 'b''sent''' WHERE id = 5".formatted(name));
    stack.execute(
        "DELETE FROM %1$s WHERE id = 6; INSERT INTO %1$s (id, note) VALUES (6, 'b''again''')"
            .formatted(name));
    stack.execute("DELETE FROM %s WHERE id = 7".formatted(name));
    try (Connection several = table.transaction()) {
      table.set(several, 8, "first");
      table.set(several, 8, "second");
      several.commit();
    }
    table.insert(50, "all so far");
    await(table, "all so far");
    // In one batch: without REPLICA IDENTITY FULL Postgres does not send a long value under a new
    // key
    // either.
    run(table, identity, 1_000);
    requireEqual(table);

    if (identity.equals("DEFAULT")) {
      requireReported(table);
    }
    if (isEnvelope) {
      stack.execute("TRUNCATE %s".formatted(name));
      table.insert(60, "after the truncate");
      await(table, "after the truncate");
      run(table, identity);
      assertThat(rows(table)).hasSize(1);
      requireEqual(table);
    }
    stack.delete(registered);
  }

  /**
   * A value that is not sent under a new key, and whose row under the old key another batch has
   * deleted, is never null: the row is a dead letter.
   */
  private void requireReported(CapturedTable table) throws Exception {
    // So that the create comes later in its partition than the delete does in its own.
    table.insert(201, "first with the new key");
    table.stack().execute("DELETE FROM %s WHERE id = 201".formatted(table.name()));
    table.stack().execute("UPDATE %s SET id = 201 WHERE id = 1".formatted(table.name()));
    table.insert(51, "after the new key");
    await(table, "after the new key");
    run(table, "DEFAULT", 1);

    assertThat(held("mirror", "id")).doesNotContainKeys("1", "201").containsKey("51");
    assertThat(
            ParquetFiles.query(
                folder.resolve("output/dead-letters/query=table.rides-console-rows"),
                "SELECT code, decode(key) AS key, \"column\", topic, message FROM rows"))
        .singleElement()
        .satisfies(
            letter ->
                assertThat(letter)
                    .containsEntry("code", "UNKNOWN_VALUE")
                    .containsEntry("key", "{\"id\":201}")
                    .containsEntry("column", "note")
                    .containsEntry("topic", table.topic())
                    .hasEntrySatisfying(
                        "message",
                        message ->
                            assertThat((String) message)
                                .startsWith(
                                    "An update changed the key of the row, and Postgres did not"
                                        + " send the unchanged values of note. The row is left out"
                                        + " of rides until a change has all its values.")));

    table
        .stack()
        .execute("UPDATE %s SET note = 'b''touched''' WHERE id = 201".formatted(table.name()));
    await(table, "touched");
    run(table, "DEFAULT");
    requireEqual(table);
  }

  private static List<String> records(CapturedTable table) {
    return table.stack().committedRecords(table.topic()).stream()
        .map(record -> record.value() == null ? "" : record.value())
        .toList();
  }

  private static void await(CapturedTable table, String text) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> records(table).stream().anyMatch(record -> record.contains(text)));
  }

  private void run(CapturedTable table, String identity) throws Exception {
    run(table, identity, 7);
  }

  private void run(CapturedTable table, String identity, int batchSize) throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("inputs.yaml"),
            """
            name: inputs
            source:
              kafka:
                bootstrap-servers: %s
                topic: %s
                starting-offsets: earliest
                max-offsets-per-trigger: %d
              format: debezium-json
            table:
              name: rides
              key: [id]
              replica-identity: %s
              text-encoding: python-bytes
              columns:
                id: {type: bigint}
                status: {from: %s, type: string}
                note: {type: string}
            outputs:
              mirror: {sql: SELECT * FROM rides, sink: parquet}
              by-status:
                sql: SELECT status, count(*) AS n, sum(length(note)) AS letters FROM rides GROUP BY status
                sink: parquet
            sinks: {parquet: {path: "%s/{output}"}}
            state: {partitions: 2}
            trigger: {interval: 0s}
            dead-letters: {sink: parquet, path: "%s/dead-letters"}
            checkpoints: "%s"
            """
                .formatted(
                    table.stack().bootstrapServers(),
                    table.topic(),
                    batchSize,
                    identity.toLowerCase(java.util.Locale.ROOT),
                    CapturedTable.STATUS,
                    folder.resolve("output"),
                    folder.resolve("output"),
                    folder.resolve("checkpoints")));
    Overrides overrides = Overrides.allAvailableNow();
    StringWriter seen = new StringWriter();
    new PipelineRun(
            new PipelineLoader(Map.of(), SinkConnectors.STANDARD.kinds())
                .load(file.toString(), overrides)
                .definition(),
            new PrintWriter(seen, true),
            200)
        .run();
    assertThat(seen.toString()).doesNotContain("warning: rides, ");
  }

  private void requireEqual(CapturedTable table) throws Exception {
    List<String> rows = rows(table);
    assertThat(held("mirror", "id").values())
        .extracting(row -> row.get("id") + ", " + row.get("status") + ", " + row.get("note"))
        .containsExactlyInAnyOrderElementsOf(rows);
    Map<String, Integer> counts = new TreeMap<>();
    rows.forEach(row -> counts.merge(row.split(", ", 3)[1], 1, Integer::sum));
    Map<String, Integer> found = new TreeMap<>();
    held("by-status", "status")
        .forEach((status, row) -> found.put(status, Integer.valueOf(row.get("n"))));
    assertThat(found).isEqualTo(counts);
  }

  private static List<String> rows(CapturedTable table) throws Exception {
    List<String> rows = new ArrayList<>();
    try (Connection connection = table.stack().connect();
        Statement statement = connection.createStatement();
        ResultSet found =
            statement.executeQuery(
                "SELECT id, \"%s\", note FROM %s".formatted(CapturedTable.STATUS, table.name()))) {
      while (found.next()) {
        rows.add(
            found.getLong(1) + ", " + text(found.getString(2)) + ", " + text(found.getString(3)));
      }
    }
    return rows;
  }

  private static String text(String literal) {
    return literal == null ? null : literal.substring(2, literal.length() - 1);
  }

  private Map<String, Map<String, String>> held(String output, String key) {
    Map<String, Map<String, String>> held = new TreeMap<>();
    for (Map<String, String> row :
        DeliveredRows.fromParquet(folder.resolve("output").resolve(output))) {
      String name = String.valueOf(row.get(key));
      if (row.get("op").equals("d")) {
        assertThat(held.remove(name)).isNotNull();
      } else {
        held.put(name, row);
      }
    }
    return held;
  }
}
