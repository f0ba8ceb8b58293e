package dev.millrace.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.StackExtension;
import dev.millrace.config.parse.Overrides;
import dev.millrace.config.parse.PipelineLoader;
import dev.millrace.stack.LocalStack;
import dev.millrace.stack.process.Component;
import dev.millrace.stack.server.ConnectorDefinition;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Rows that are deleted while nobody listens: their replication slot was dropped, so that no
 * message tells. A snapshot of the whole table, which does not have them, removes them from views.
 */
@ExtendWith(StackExtension.class)
class ResnapshotIT {

  private static final int ROWS = 30;
  private static final int MANY_ROWS = 2_500;

  @TempDir Path folder;

  @Test
  void rowsThatAWholeSnapshotLacksAreGoneAndOthersRemoveNothing(LocalStack stack) throws Exception {
    CapturedTable table = CapturedTable.create(stack, "resnapshot");
    for (long id = 1; id <= ROWS; id++) {
      table.insert(id, "old");
    }
    ConnectorDefinition first = table.capture("ride-bookings");
    table.insert(100, "streamed");
    table.await(100, "c", "streamed");
    assertThat(run(table)).doesNotContain("a snapshot of the table is complete");
    requireEqual(table);

    stack.delete(first);
    stack.execute(
        """
        DELETE FROM resnapshot WHERE id %% 3 = 0 OR id = 100;
        UPDATE resnapshot SET "%s" = 'b''unseen''' WHERE id %% 5 = 0
        """
            .formatted(CapturedTable.STATUS));
    ConnectorDefinition second = again(first, "resnapshot_second");
    stack.register(second);
    table.insert(101, "after the snapshot");
    table.await(101, "c", "after the snapshot");
    assertThat(run(table))
        .contains("a snapshot of the table is complete; 11 rows that it lacks were removed");
    requireEqual(table);
    assertThat(run(table)).doesNotContain("a snapshot of the table is complete");

    stack.delete(second);
    stack.execute("DELETE FROM resnapshot WHERE id = 101");
    ConnectorDefinition third = again(first, "resnapshot_third").with("snapshot.mode", "no_data");
    stack.register(third);
    int before = table.changes(1).size();
    table.requestSnapshot("incremental");
    Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> table.changes(1).size() > before);
    table.insert(102, "after the incremental one");
    table.await(102, "c", "after the incremental one");
    run(table);
    assertThat(held()).containsKeys(101L, 102L).hasSize(table.statuses().size() + 1);

    table.requestBlockingSnapshotOf("id < 10");
    table.insert(103, "after the blocking one");
    table.await(103, "c", "after the blocking one");
    assertThat(run(table, "partial")).doesNotContain("a snapshot of the table is complete");
    assertThat(held()).containsKeys(101L, 102L, 103L).hasSize(table.statuses().size() + 1);
    stack.delete(third);
  }

  @Test
  void aSnapshotThatIsKilledAndBeginsAgainRemovesTheSameRows(LocalStack stack) throws Exception {
    CapturedTable table = CapturedTable.create(stack, "resnapshot_killed");
    stack.execute(
        "INSERT INTO resnapshot_killed (id, \"%s\") SELECT id, 'b''old''' FROM generate_series(1, %d) AS id"
            .formatted(CapturedTable.STATUS, MANY_ROWS));
    ConnectorDefinition first = table.capture("ride-bookings-envelope");
    run(table);
    requireEqual(table);

    stack.delete(first);
    stack.execute("DELETE FROM resnapshot_killed WHERE id % 7 = 0");
    long before = messages(table);
    long snapshots = completeSnapshots(table);
    ConnectorDefinition second =
        again(first, "resnapshot_killed_second")
            .with("max.batch.size", "20")
            .with("max.queue.size", "40");
    CompletableFuture<Void> registration = CompletableFuture.runAsync(() -> stack.register(second));
    Awaitility.await()
        .atMost(Duration.ofMinutes(1))
        .pollInterval(Duration.ofMillis(20))
        .until(() -> messages(table) > before + 100);
    stack.kill(Component.CONNECT);
    assertThat(messages(table)).isLessThan(before + MANY_ROWS / 2);
    run(table);
    assertThat(held()).hasSize(MANY_ROWS);
    stack.execute("DELETE FROM resnapshot_killed WHERE id % 11 = 0");
    stack.restart(Component.CONNECT);
    registration.exceptionally(killed -> null).join();
    Awaitility.await()
        .atMost(Duration.ofMinutes(4))
        .until(() -> completeSnapshots(table) > snapshots);
    assertThat(run(table)).contains("a snapshot of the table is complete");
    requireEqual(table);
    stack.delete(second);
  }

  /** How many rows are marked as the last of a snapshot. */
  private static long completeSnapshots(CapturedTable table) {
    return table.stack().committedRecords(table.topic()).stream()
        .filter(record -> record.value() != null)
        .filter(record -> record.value().contains("\"snapshot\":\"last"))
        .count();
  }

  private static long messages(CapturedTable table) {
    return table.stack().endOffsets(table.topic()).values().stream()
        .mapToLong(Long::longValue)
        .sum();
  }

  /** The same connector with a slot that it creates itself, and offsets of its own. */
  private static ConnectorDefinition again(ConnectorDefinition connector, String name) {
    return connector
        .named(name)
        .with("slot.name", name)
        .with("offsets.storage.topic", "connect-offsets-" + name);
  }

  private String run(CapturedTable table) throws Exception {
    return run(table, "whole");
  }

  private String run(CapturedTable table, String snapshots) throws Exception {
    boolean isLarge = table.name().endsWith("killed");
    Path file =
        Files.writeString(
            folder.resolve("resnapshot.yaml"),
            """
            name: resnapshot
            source:
              kafka:
                bootstrap-servers: %s
                topic: %s
                max-offsets-per-trigger: %d
              format: debezium-json
            table:
              name: rides
              key: [id]
              replica-identity: full
              text-encoding: python-bytes
              columns:
                id: {type: bigint}
                status: {from: %s, type: string}
            outputs:
              mirror: {sql: SELECT * FROM rides, sink: parquet}
            sinks: {parquet: {path: "%s/{output}"}}
            state: {partitions: 2, snapshots: %s}
            dead-letters: {sink: parquet, path: "%s/dead-letters"}
            checkpoints: "%s"
            """
                .formatted(
                    table.stack().bootstrapServers(),
                    table.topic(),
                    isLarge ? 2_000 : 12,
                    CapturedTable.STATUS,
                    folder.resolve("output"),
                    snapshots,
                    folder.resolve("output"),
                    folder.resolve("checkpoints")));
    StringWriter seen = new StringWriter();
    new PipelineRun(
            new PipelineLoader(Map.of(), SinkConnectors.STANDARD.kinds())
                .load(file.toString(), Overrides.allAvailableNow())
                .definition(),
            new PrintWriter(seen, true),
            200)
        .run();
    return seen.toString();
  }

  private void requireEqual(CapturedTable table) throws Exception {
    assertThat(without(table.statuses(), held())).isEmpty();
    assertThat(without(held(), table.statuses())).isEmpty();
  }

  private static Map<Long, String> without(Map<Long, String> rows, Map<Long, String> others) {
    Map<Long, String> left = new TreeMap<>(rows);
    left.entrySet().removeAll(others.entrySet());
    return left;
  }

  /** Status by id, as a reader of all changes of the mirror holds it. */
  private Map<Long, String> held() {
    Map<Long, String> held = new TreeMap<>();
    for (Map<String, String> row :
        DeliveredRows.fromParquet(folder.resolve("output").resolve("mirror"))) {
      long id = Long.parseLong(row.get("id"));
      if (row.get("op").equals("d")) {
        assertThat(held.remove(id)).isNotNull();
      } else {
        held.put(id, row.get("status"));
      }
    }
    return held;
  }
}
