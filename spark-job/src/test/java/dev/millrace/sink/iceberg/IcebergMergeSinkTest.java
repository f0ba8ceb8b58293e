package dev.millrace.sink.iceberg;

import static dev.millrace.sink.ReadRows.texts;
import static dev.millrace.sink.ReadRows.withoutFirst;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.SparkTest;
import dev.millrace.config.CompactionOptions;
import dev.millrace.config.CompactionOptions.Retention;
import dev.millrace.config.OutputDefinition;
import dev.millrace.config.OutputDefinition.Mode;
import dev.millrace.config.OutputDefinition.Scope;
import dev.millrace.config.SinkDefinition.Create;
import dev.millrace.config.SinkDefinition.IcebergSink;
import dev.millrace.config.SinkDefinition.IcebergSink.CatalogType;
import dev.millrace.config.SinkDefinition.IcebergSink.PartitionField;
import dev.millrace.sink.Batch;
import dev.millrace.sink.Sink;
import dev.millrace.sink.Sink.Delivery;
import dev.millrace.sink.SinkContents;
import dev.millrace.sink.SinkContext;
import dev.millrace.sink.SinkReader.Held;
import dev.millrace.sink.StorageLimit;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.iceberg.CatalogProperties;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotChanges;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.hadoop.HadoopCatalog;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Types;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Batches that are handed to the sink itself, read back by Iceberg's own reader, without Spark. */
class IcebergMergeSinkTest {

  private static final StructType TYPE =
      StructType.fromDDL("op STRING NOT NULL, name STRING, n INT");
  private static final String CHECKPOINT = "6f0d2a3e-0000-4000-8000-000000000001";
  private static final TableIdentifier NAME = TableIdentifier.of("lake", "totals");

  @RegisterExtension static final SparkTest SPARK = new SparkTest();

  @TempDir Path folder;

  private final StringWriter console = new StringWriter();
  private Configuration hadoop;
  private HadoopCatalog catalog;
  private Create create = Create.IF_MISSING;
  private List<PartitionField> partitionBy = List.of();

  @BeforeEach
  void openCatalog() {
    hadoop = SPARK.session().sparkContext().hadoopConfiguration();
    catalog = catalog();
  }

  @AfterEach
  void closeCatalog() throws IOException {
    catalog.close();
  }

  // ------------------------------------------------------------------ what a batch does

  @Test
  void keepsTheRowsOfEachKeyNullsIncluded() throws Exception {
    try (Sink sink = begun(0, view("name"))) {
      deliver(sink, 0, changes("('c', 'a', 1), ('c', null, 2), ('c', '', 3)"));
      assertThat(held()).containsExactly("null=2", "=3", "a=1");

      deliver(sink, 1, changes("('u', null, 20), ('d', '', 0), ('c', 'b', 4)"));
      assertThat(held()).containsExactly("null=20", "a=1", "b=4");

      deliver(sink, 2, changes("('d', null, 0), ('d', 'a', 0), ('d', 'never there', 0)"));
      assertThat(held()).containsExactly("b=4");

      // Removed and written again, in batches that follow one another.
      deliver(sink, 3, changes("('c', 'a', 5)"));
      deliver(sink, 4, changes("('u', 'a', null)"));
      assertThat(held()).containsExactly("a=null", "b=4");
    }
    assertThat(table().schema().identifierFieldIds()).isEmpty();
  }

  @Test
  void rowsThatAreNewDeleteNothing() throws Exception {
    try (Sink sink = begun(0, view("name"))) {
      deliver(sink, 0, changes("('c', 'a', 1), ('c', 'b', 2)"));
      deliver(sink, 1, changes("('c', 'c', 3)"));
      assertThat(table().currentSnapshot().summary())
          .containsEntry("total-data-files", "2")
          .containsEntry("total-delete-files", "0");
      deliver(sink, 2, changes("('u', 'a', 4), ('c', 'd', 5), ('d', 'b', null)"));
    }
    assertThat(table().currentSnapshot().summary())
        .containsEntry("added-equality-deletes", "2")
        .containsEntry("added-records", "2");
    assertThat(held()).containsExactly("a=4", "c=3", "d=5");
  }

  @Test
  void aKeyThatIsNeverNullIsTheTablesIdentifier() throws Exception {
    StructType type =
        StructType.fromDDL("op STRING NOT NULL, name STRING NOT NULL, n INT, day DATE NOT NULL");
    try (Sink sink = begun(0, output(Mode.APPEND, "day", "name"), type, true)) {
      deliver(
          sink,
          0,
          SPARK.session().sql("SELECT 'c' AS op, 'a' AS name, 1 AS n, DATE'2026-11-30' AS day"));
    }
    assertThat(table().schema().identifierFieldNames()).containsExactlyInAnyOrder("name", "day");
    assertThat(table().schema().toString())
        .contains("name: required string", "n: optional int", "day: required date");
    assertThat(table().properties())
        .containsEntry("millrace.created", "true")
        .containsEntry("write.merge.mode", "merge-on-read");
  }

  @Test
  void keysOfEveryTypeFindTheirRows() throws Exception {
    String keys =
        "true AS bool, -2147483648 AS whole, 9223372036854775807L AS big, DATE'0044-03-15' AS day,"
            + " TIMESTAMP'2026-11-30 08:09:10.123456Z' AS at, TIMESTAMP_NTZ'9999-12-31 23:59:59.999999'"
            + " AS local, 'ü 🚕' AS text, X'00FF' AS bytes,"
            + " 12345678901234567890123456789.123456789BD AS exact, 1S AS small";
    Dataset<Row> first = SPARK.session().sql("SELECT 'c' AS op, 1 AS n, " + keys);
    List<String> names = List.of(withoutFirst(first.schema()).fieldNames());
    OutputDefinition view =
        output(Mode.APPEND, names.subList(1, names.size()).toArray(String[]::new));
    StructType nullable = StructType.fromDDL(first.schema().toDDL().replace(" NOT NULL", ""));
    try (Sink sink = begun(0, view, nullable, true)) {
      deliver(sink, 0, first);
      deliver(sink, 1, SPARK.session().sql("SELECT 'u' AS op, 2 AS n, " + keys));
      assertThat(records()).singleElement().extracting(each -> each.getField("n")).isEqualTo(2);
      String others = keys.replace("1S", "2S");
      deliver(sink, 2, SPARK.session().sql("SELECT 'd' AS op, 0 AS n, " + others));
      assertThat(records()).hasSize(1);
      deliver(sink, 3, SPARK.session().sql("SELECT 'd' AS op, 0 AS n, " + keys));
      assertThat(records()).isEmpty();
    }
  }

  @Test
  void aKeyThatEqualityDeletesDoNotFindIsRefused() {
    StructType type = StructType.fromDDL("op STRING NOT NULL, name DOUBLE, n INT");

    assertThatThrownBy(() -> begun(0, view("name"), type, true))
        .hasMessage(
            "output totals: the column 'name' (double) of the key can't identify a row of a table of Iceberg, which finds rows by whole numbers, decimals, texts, booleans, days, times and bytes. Make it one of these in the output's SQL, as in GROUP BY CAST(name AS STRING).");
    assertThat(catalog.tableExists(NAME)).isFalse();
  }

  @Test
  void anAggregateWithoutGroupsIsOneRow() throws Exception {
    try (Sink sink = begun(0, view())) {
      deliver(sink, 0, changes("('c', 'all', 1)"));
      deliver(sink, 1, changes("('u', 'all', 2)"));
      deliver(sink, 2, changes("").limit(0));
    }

    assertThat(held()).containsExactly("all=2");
    assertThat(mark()).isEqualTo(2);
  }

  @Test
  void outputsOverChangesAddRowsAndTheirAggregatesReplaceThem() throws Exception {
    StructType type = StructType.fromDDL("op STRING, name STRING, n INT");
    try (Sink sink = begun(0, output(Mode.APPEND, "name"), type, false)) {
      deliver(sink, 0, changes("('c', 'a', 1), ('u', 'a', 2)"));
      deliver(sink, 1, changes("('d', 'a', null)"));
    }
    assertThat(
            records().stream().map(each -> each.getField("op") + " " + each.getField("n")).sorted())
        .containsExactly("c 1", "d null", "u 2");

    catalog.dropTable(NAME);
    try (Sink sink = begun(0, output(Mode.UPDATE, "name"), type, false)) {
      deliver(sink, 0, changes("('c', 'a', 1), ('c', 'b', 2), ('c', null, 3)"));
      deliver(sink, 1, changes("('c', 'a', 3), ('d', null, 4)"));
      assertThat(held()).containsExactly("null=4", "a=3", "b=2");

      Set<String> before = files();
      assertThatThrownBy(
              () -> deliver(sink, 2, changes("('c', 'a', 5), ('c', 'b', 6), ('c', 'a', 7)")))
          .hasMessageContaining(
              "a batch has two rows of one key (name). Name the columns that identify a row (outputs.NAME.key).");
      assertThat(files()).isEqualTo(before);
    }

    catalog.dropTable(NAME);
    try (Sink sink = begun(0, output(Mode.COMPLETE, "name"), type, false)) {
      deliver(sink, 0, changes("('c', 'a', 1), ('c', 'b', 2)"));
      deliver(sink, 1, changes("('c', 'c', 3)"));
      assertThat(held()).containsExactly("c=3");
      deliver(sink, 2, changes("").limit(0));
      assertThat(held()).isEmpty();
    }
  }

  @Test
  void aViewThatIsNewToTheTableReplacesAllOfIt() throws Exception {
    try (Sink sink = begun(0, view("name"))) {
      deliver(sink, 0, changes("('c', 'a', 1), ('c', 'b', 2)"));
      deliver(sink, 1, changes("('u', 'b', 3)"));
    }
    try (Sink sink = begun(0, view("name"))) {
      deliver(sink, 5, changes("('c', 'b', 20), ('c', 'c', 3), ('d', 'a', null)"));
      assertThat(held()).containsExactly("b=20", "c=3");
      deliver(sink, 6, changes("('u', 'c', 4)"));
    }

    assertThat(held()).containsExactly("b=20", "c=4");
    assertThat(table().currentSnapshot().summary()).containsEntry("total-delete-files", "1");
  }

  @Test
  void manyRowsAreWrittenByTheirTasks() throws Exception {
    try (Sink sink = begun(0, view("name"))) {
      deliver(sink, 0, large("c", 1));
      assertThat(table().currentSnapshot().summary())
          .containsEntry("added-data-files", "2")
          .containsEntry("total-records", "20000");
      deliver(sink, 1, large("u", 2).union(changes("('c', 'x', 0)")));
      assertThat(records().stream().mapToInt(each -> (Integer) each.getField("n")).sum())
          .isEqualTo(40_000);
      deliver(sink, 2, large("d", 0));
    }

    assertThat(held()).containsExactly("x=0");
    assertThat(files()).isEqualTo(filesOfSnapshots());
  }

  // ------------------------------------------------------------------ once

  @Test
  void aBatchIsStoredOnceHoweverOftenItIsDelivered() throws Exception {
    StructType type = StructType.fromDDL("op STRING, name STRING, n INT");
    Dataset<Row> rows = changes("('c', 'a', 1)");
    try (Sink sink = begun(0, output(Mode.APPEND), type, false)) {
      assertThat(deliver(sink, 0, rows)).isEqualTo(Delivery.DELIVERED);
      assertThat(deliver(sink, 0, rows)).isEqualTo(Delivery.WAS_DELIVERED);
    }
    try (Sink again = begun(0, output(Mode.APPEND), type, false)) {
      assertThat(deliver(again, 0, rows)).isEqualTo(Delivery.WAS_DELIVERED);
      assertThat(deliver(again, 1, rows)).isEqualTo(Delivery.DELIVERED);
    }

    assertThat(held()).containsExactly("a=1", "a=1");
    assertThat(table().currentSnapshot().summary())
        .containsEntry("millrace.batch", "1")
        .containsEntry("millrace.checkpoint", CHECKPOINT)
        .containsEntry("millrace.pipeline", "rides")
        .containsEntry("millrace.output", "totals");
  }

  @Test
  void aRunThatAnotherHasFollowedStoresNothingMore() throws Exception {
    try (Sink first = begun(0, view("name"))) {
      deliver(first, 0, changes("('c', 'a', 1)"));
      try (Sink second = begun(1, view("name"))) {
        Set<String> before = files();
        assertThatThrownBy(() -> deliver(first, 1, changes("('u', 'a', 100)")))
            .hasMessageMatching(
                "table lake\\.totals of the catalog at \\S+: another run of the same checkpoint has taken it over \\(process %d on \\S+ since \\S+, run [0-9a-f-]{36}\\), so this one does not deliver batch 1\\. Expected one run of a pipeline's output at a time\\. End one of the two\\."
                    .formatted(ProcessHandle.current().pid()));
        assertThat(files()).isEqualTo(before);
        deliver(second, 1, changes("('c', 'b', 2)"));
      }
    }

    assertThat(held()).containsExactly("a=1", "b=2");
  }

  /** It had looked at the table, and then slept while another run took its place. */
  @Test
  void aWriterThatWakesUpLaterDoesNotStoreItsBatchAgain() throws Exception {
    StructType type = StructType.fromDDL("op STRING, name STRING, n INT");
    Pause.begin();
    try (Sink paused = begun(0, output(Mode.APPEND), type, false)) {
      deliver(paused, 0, changes("('c', 'a', 1)"));
      Dataset<Row> rows = changes("('c', 'b', 2)");
      Dataset<Row> slow =
          rows.withColumn(
              "n", functions.udf(new Pause(), DataTypes.IntegerType).apply(rows.col("n")));
      CompletableFuture<Throwable> failure =
          CompletableFuture.supplyAsync(
              () -> org.assertj.core.api.Assertions.catchThrowable(() -> deliver(paused, 1, slow)));
      Pause.awaitReached();
      try (Sink next = begun(1, output(Mode.APPEND), type, false)) {
        deliver(next, 1, rows);
        deliver(next, 2, changes("('c', 'c', 3)"));
      } finally {
        Pause.end();
      }
      assertThat(failure.join()).hasMessageContaining("another run of the same checkpoint");
    }

    assertThat(held()).containsExactly("a=1", "b=2", "c=3");
    assertThat(files()).isEqualTo(filesOfSnapshots());
  }

  @Test
  void commitsOfOthersInBetweenAreKept() throws Exception {
    StructType type = StructType.fromDDL("op STRING, name STRING, n INT");
    try (Sink sink = begun(0, output(Mode.APPEND), type, false)) {
      deliver(sink, 0, changes("('c', 'a', 0)"));
      letOthersRetryTheirCommits();
      DataFile foreign = table().newScan().planFiles().iterator().next().file();
      CompletableFuture<Void> others =
          CompletableFuture.runAsync(
              () -> {
                try (HadoopCatalog own = catalog()) {
                  for (int i = 0; i < 20; i++) {
                    // The same file under other names of snapshots: 20 rows more.
                    own.loadTable(NAME).newFastAppend().appendFile(foreign).commit();
                  }
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
      for (int batch = 1; batch <= 20; batch++) {
        deliver(sink, batch, changes("('c', 'b', 1)"));
      }
      others.join();
    }

    assertThat(held().stream().collect(Collectors.groupingBy(each -> each, Collectors.counting())))
        .isEqualTo(Map.of("a=0", 21L, "b=1", 20L));
    assertThat(mark()).isEqualTo(20);
  }

  /** The catalog reports a commit as failed that has succeeded. */
  @Test
  void aCommitWhoseEndIsInDoubtIsNotRepeated() throws Exception {
    hadoop = new Configuration(hadoop);
    hadoop.set("fs.file.impl", DoubtfulDisk.class.getName());
    StructType type = StructType.fromDDL("op STRING, name STRING, n INT");
    try (Sink sink = begun(0, output(Mode.APPEND), type, false)) {
      deliver(sink, 0, changes("('c', 'a', 1)"));
      Files.createFile(folder.resolve("lake/totals/metadata/" + DoubtfulDisk.MARKER));
      deliver(sink, 1, changes("('c', 'b', 2)"));
      assertThat(console.toString())
          .contains("the catalog of Iceberg at " + folder + " can't be used now")
          .contains("the catalog of Iceberg at " + folder + " answers again");
      deliver(sink, 2, changes("('c', 'c', 3)"));
    }

    assertThat(held()).containsExactly("a=1", "b=2", "c=3");
  }

  @Test
  void aTableThatIsRolledBackIsAtThatBatch() throws Exception {
    try (Sink sink = begun(0, view("name"))) {
      deliver(sink, 0, changes("('c', 'a', 1)"));
      long early = table().currentSnapshot().snapshotId();
      deliver(sink, 1, changes("('c', 'b', 2)"));
      table().manageSnapshots().rollbackTo(early).commit();
      assertThatThrownBy(() -> deliver(sink, 3, changes("('c', 'c', 3)")))
          .hasMessageContaining("ends with batch 0, so batch 3 is not delivered");
    }

    assertThat(mark()).isZero();
    assertThatThrownBy(() -> begun(2, view("name")))
        .hasMessageContaining("ends with batch 0, and the checkpoint continues with batch 2")
        .hasMessageContaining("./millrace rebuild PIPELINE");
    try (Sink sink = begun(1, view("name"))) {
      deliver(sink, 1, changes("('c', 'b', 20)"));
    }
    assertThat(held()).containsExactly("a=1", "b=20");
  }

  /** Compaction adds snapshots without a mark; those before them are expired. */
  @Test
  void theMarkSurvivesTheExpiryOfItsSnapshot() throws Exception {
    try (Sink sink = begun(0, view("name"))) {
      deliver(sink, 0, changes("('c', 'a', 1)"));
      deliver(sink, 1, changes("('u', 'a', 2)"));
      table().newAppend().commit();
      table().newAppend().commit();
      assertThat(table().currentSnapshot().summary()).doesNotContainKey("millrace.batch");
      table()
          .expireSnapshots()
          .expireOlderThan(System.currentTimeMillis() + 1)
          .retainLast(1)
          .commit();
      assertThat(table().snapshots()).hasSize(1);
      assertThat(mark()).isEqualTo(1);
      deliver(sink, 2, changes("('c', 'b', 3)"));
    }
    table().newAppend().commit();
    table()
        .expireSnapshots()
        .expireOlderThan(System.currentTimeMillis() + 1)
        .retainLast(1)
        .commit();

    try (Sink sink = begun(3, view("name"))) {
      assertThat(deliver(sink, 2, changes("('c', 'b', 3)"))).isEqualTo(Delivery.WAS_DELIVERED);
      deliver(sink, 3, changes("('d', 'a', null)"));
    }
    assertThat(held()).containsExactly("b=3");
  }

  /** Data files are rewritten while batches change their rows; then what is not needed expires. */
  @Test
  void compactionKeepsRowsAndMark() throws Exception {
    int batches = 12;
    try (Sink sink = begun(0, view("name"))) {
      deliver(sink, 0, changes("('c', 'a', 0), ('c', 'b', 0), ('c', null, 0), ('c', 'gone', 0)"));
      deliver(sink, 1, changes("('u', 'a', 1), ('u', null, 1)"));
      letOthersRetryTheirCommits();
      CompletableFuture<Void> compaction =
          CompletableFuture.runAsync(
              () -> {
                for (int i = 0; i < 3; i++) {
                  compact(Optional.empty());
                }
              });
      for (int batch = 2; batch < batches; batch++) {
        deliver(sink, batch, changes("('u', 'a', %1$d), ('u', null, %1$d)".formatted(batch)));
      }
      compaction.join();
      deliver(sink, batches, changes("('d', 'gone', null), ('c', 'c', 7)"));
      assertThat(held()).containsExactly("null=11", "a=11", "b=0", "c=7");

      assertThat(compact(Optional.of(new Retention(OptionalInt.of(1), Optional.empty()))))
          .hasSize(2)
          .last()
          .asString()
          .matches("expired \\d+ snapshots of table lake.totals of the catalog at .*");
      assertThat(table().snapshots()).hasSize(1);
      assertThat(table().currentSnapshot().summary()).containsEntry("total-data-files", "1");
      assertThat(held()).containsExactly("null=11", "a=11", "b=0", "c=7");
      deliver(sink, batches + 1, changes("('u', 'b', 8)"));
    }

    assertThat(held()).containsExactly("null=11", "a=11", "b=8", "c=7");
    begun(batches + 2, view("name")).close();
  }

  /** As often as a test may make it necessary; Iceberg gives up after four times. */
  private void letOthersRetryTheirCommits() {
    table()
        .updateProperties()
        .set(TableProperties.COMMIT_NUM_RETRIES, "1000")
        .set(TableProperties.COMMIT_MAX_RETRY_WAIT_MS, "200")
        .commit();
  }

  private List<String> compact(Optional<Retention> keep) {
    return new IcebergConnector()
        .compaction(view("name"), hadoop)
        .orElseThrow()
        .run(SPARK.session(), new CompactionOptions(1L << 20, false, keep));
  }

  @Test
  void aTaskThatFailsLeavesNoFile() throws Exception {
    try (Sink sink = begun(0, view("name"))) {
      deliver(sink, 0, changes("('c', 'a', 1)"));
      Set<String> before = files();
      Dataset<Row> failing =
          large("u", 1)
              .coalesce(1)
              .withColumn("n", functions.expr("if(name = 'row 19999', raise_error('full'), n)"))
              .withColumn("n", functions.col("n").cast("int"));
      assertThatThrownBy(() -> deliver(sink, 1, failing)).hasStackTraceContaining("full");
      assertThat(files()).isEqualTo(before);

      deliver(sink, 1, changes("('u', 'a', 2)"));
    }
    assertThat(held()).containsExactly("a=2");
  }

  @Test
  void aTableThatIsNotTheCheckpointsIsRefused() throws Exception {
    assertThatThrownBy(() -> begun(3, view("name")))
        .hasMessageContaining("table lake.totals of the catalog at " + folder + " is gone,")
        .hasMessageContaining("the checkpoint continues with batch 3");
    create = Create.NEVER;
    assertThatThrownBy(() -> begun(0, view("name")))
        .hasMessageContaining("does not exist. Create it, or let Millrace do so");
    create = Create.IF_MISSING;
    Schema schema =
        new Schema(
            Types.NestedField.optional(1, "name", Types.StringType.get()),
            Types.NestedField.optional(2, "n", Types.IntegerType.get()));
    catalog.createTable(NAME, schema);
    assertThatThrownBy(() -> begun(3, view("name")))
        .hasMessageContaining("has no mark of a batch, and the checkpoint continues with batch 3");
    try (Sink sink = begun(0, view("name"))) {
      deliver(sink, 0, changes("('c', 'a', 1)"));
    }
    assertThatThrownBy(() -> begun(5, view("name")))
        .hasMessageContaining("ends with batch 0, and the checkpoint continues with batch 5");
    assertThatThrownBy(
            () -> {
              try (Sink other = opened(view("name"), true)) {
                other.begin("another-checkpoint", 0);
                other.prepare(TYPE);
              }
            })
        .hasMessageContaining(
            "belongs to output 'totals' of pipeline 'rides' with the checkpoint "
                + CHECKPOINT
                + "; this run has the checkpoint another-checkpoint.");
    DataFile file = table().newScan().planFiles().iterator().next().file();
    catalog.dropTable(NAME, false);
    catalog.createTable(NAME, schema).newAppend().appendFile(file).commit();
    assertThatThrownBy(() -> begun(0, view("name")))
        .hasMessageContaining(
            "has rows that Millrace has not written, and would not be a copy of the result. Empty it"
                + " (DELETE FROM lake.totals), or name another table.");
  }

  @Test
  void aWarehouseThatCannotBeWrittenEndsTheStart() throws Exception {
    folder = Files.createFile(folder.resolve("file"));

    assertThatThrownBy(() -> begun(0, view("name")))
        .hasMessageStartingWith(
            "table lake.totals of the catalog at " + folder + ": a file can't be read or written (")
        .hasMessageEndingWith(
            "Correct sinks.iceberg.warehouse, or give this process access to it.");
  }

  // ------------------------------------------------------------------ tables

  @Test
  void aTableThatIsThereIsComparedColumnByColumn() {
    Schema schema =
        new Schema(
            Types.NestedField.optional(1, "name", Types.IntegerType.get()),
            Types.NestedField.optional(2, "n", Types.LongType.get()),
            Types.NestedField.optional(3, "id", Types.UUIDType.get()),
            Types.NestedField.required(4, "more", Types.StringType.get()),
            Types.NestedField.optional(5, "spare", Types.StringType.get()));
    catalog.createTable(
        NAME,
        schema,
        PartitionSpec.builderFor(schema).identity("spare").build(),
        Map.of("format-version", "1"));
    StructType type =
        StructType.fromDDL("op STRING, name STRING, n INT, id STRING, price DECIMAL(10,2)");
    create = Create.NEVER;

    assertThatThrownBy(() -> begun(0, view("name"), type, true))
        .hasMessage(
            "output totals: table lake.totals of the catalog at %s does not fit: the column 'name' is int there; for the output's string it has to be string or a type that holds all its values; the column 'id' is uuid there; for the output's string it has to be string or a type that holds all its values; it lacks the column 'price' (decimal(10, 2)), which create: if-missing would add; it has the column 'more', which takes no null and is not in the output; it has version 1 of the format, without deletes by key (ALTER TABLE ... SET TBLPROPERTIES ('format-version' = '2')); its partitions [\n  1000: spare: identity(5)\n] do not follow from the key (name), or were others before, and it never had none: rows to delete would not be found. Use a table that Millrace creates. Change the table or the output's SQL; a table that Millrace created is removed with ./millrace reset PIPELINE --output totals --delete-output."
                .formatted(folder));
  }

  @Test
  void columnsThatThePipelineAddsAreAddedToTheTable() throws Exception {
    try (Sink sink = begun(0, view("name"))) {
      deliver(sink, 0, changes("('c', 'a', 1)"));
    }
    int id = table().schema().findField("n").fieldId();
    StructType wider =
        StructType.fromDDL("op STRING, name STRING, more ARRAY<STRUCT<x: INT>>, n INT");
    try (Sink sink = begun(0, view("name"), wider, true)) {
      deliver(
          sink,
          1,
          SPARK
              .session()
              .sql("SELECT 'c' AS op, 'b' AS name, array(named_struct('x', 7)) AS more, 2 AS n"));
    }

    assertThat(held()).containsExactly("b=2");
    assertThat(table().schema().findField("n").fieldId()).isEqualTo(id);
    assertThat(records().get(0).getField("more").toString()).contains("7");
    // A column that the output has no more is left alone.
    try (Sink sink = begun(2, view("name"))) {
      deliver(sink, 2, changes("('u', 'b', 3)"));
    }
    assertThat(records().get(0).getField("more")).isNull();
  }

  @Test
  void widerColumnsAreTaken() throws Exception {
    catalog.createTable(
        NAME,
        new Schema(
            Types.NestedField.optional(1, "n", Types.LongType.get()),
            Types.NestedField.required(2, "name", Types.StringType.get())));
    try (Sink sink = begun(0, view("name"))) {
      List<StorageLimit> limits = sink.limits(TYPE);
      assertThat(limits).extracting(StorageLimit::column).containsExactly("name");
      assertThat(changes("('c', null, 1)").where(limits.get(0).isExceeded()).count()).isOne();
      deliver(sink, 0, changes("('c', 'a', -1)"));
    }

    assertThat(records().get(0).getField("n")).isEqualTo(-1L);
  }

  @Test
  void rowsMoveBetweenPartitions() throws Exception {
    partitionBy =
        List.of(new PartitionField("bucket", 4, "n"), new PartitionField("truncate", 1, "name"));
    try (Sink sink = begun(0, view("name"))) {
      deliver(sink, 0, changes("('c', 'a', 1), ('c', 'b', 2), ('c', null, 3), ('c', 'bb', null)"));
      assertThat(table().currentSnapshot().summary()).containsEntry("changed-partition-count", "4");
      deliver(sink, 1, changes("('u', 'a', 100), ('u', null, 200), ('d', 'bb', null)"));
    }

    assertThat(held()).containsExactly("null=200", "a=100", "b=2");
    assertThat(table().spec().fields())
        .extracting(field -> field.transform().toString())
        .containsExactly("bucket[4]", "truncate[1]");
    // The same partitions the next time, and no others.
    begun(2, view("name")).close();
    partitionBy = List.of(new PartitionField("bucket", 8, "n"));
    assertThatThrownBy(() -> begun(2, view("name")))
        .hasMessageContaining("and not those of sinks.iceberg.partition-by");
  }

  @Test
  void deletesAreInThePartitionsOfATableWhoseKeyTheyFollowFrom() throws Exception {
    Schema schema =
        new Schema(
            Types.NestedField.optional(1, "name", Types.StringType.get()),
            Types.NestedField.optional(2, "n", Types.IntegerType.get()));
    catalog.createTable(
        NAME,
        schema,
        PartitionSpec.builderFor(schema).bucket("name", 2).build(),
        Map.of("format-version", "2"));
    try (Sink sink = begun(0, view("name"))) {
      deliver(sink, 0, changes("('c', 'a', 1), ('c', 'b', 2), ('c', 'c', 3), ('c', null, 4)"));
      deliver(
          sink, 1, changes("('u', 'a', 10), ('u', 'b', 20), ('d', 'c', null), ('u', null, 40)"));
    }

    assertThat(held()).containsExactly("null=40", "a=10", "b=20");
  }

  @Test
  void everyTypeRoundTrips() throws Exception {
    Dataset<Row> rows =
        SPARK
            .session()
            .sql(
                """
                SELECT 'c' AS op, 1 AS id, true AS `yes "no"`, 1Y AS tiny, -32768S AS small, 2147483647 AS `a.whole`,
                  -9223372036854775808L AS big, CAST(1.5 AS FLOAT) AS single, 4.9E-324D AS least,
                  CAST('NaN' AS DOUBLE) AS nan, CAST('-Infinity' AS DOUBLE) AS infinite,
                  12345678901234567890123456789.123456789BD AS exact, 'tab\\t line\\n ü 🚕' AS text,
                  '' AS empty, X'00FF5C' AS bytes, DATE'0044-03-15' AS day, TIMESTAMP'2026-11-30 08:09:10.123456Z' AS at,
                  TIMESTAMP_NTZ'9999-12-31 23:59:59.999999' AS local,
                  array(1.5D, NULL) AS list, array(1S, 2S) AS smalls, map('k', NULL, 'l', 'v') AS pairs,
                  named_struct('a', 1, 'b', CAST(NULL AS STRING), 'c', TIMESTAMP'2026-11-30 08:09:10.123456Z') AS parts
                UNION ALL SELECT 'c', 2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
                  NULL, NULL, NULL, NULL, NULL, NULL, NULL
                UNION ALL SELECT 'c', 3, false, -1Y, 0S, 0, 0L, CAST('Infinity' AS FLOAT), -0.0D, 1D, 1D, -0.000000001BD,
                  '\\\\.', ' ', X'', date_from_unix_date(-1000000), timestamp_micros(-62135596800000001L),
                  TIMESTAMP_NTZ'0001-01-01 00:00:00', array(), array(), map(), named_struct('a', NULL, 'b', 'x', 'c', NULL)
                """);
    StructType result = withoutFirst(rows.schema());
    try (Sink sink = begun(0, view("id"), rows.schema(), true)) {
      deliver(sink, 0, rows);
    }

    Held held =
        new IcebergConnector()
            .reader("rides", view("id"), hadoop)
            .orElseThrow()
            .read(SPARK.session(), result)
            .orElseThrow();
    assertThat(texts(held.rows())).isEqualTo(texts(rows.drop("op")));
    assertThat(held.batch()).hasValue(0);
    assertThat(table().schema().columns().stream().map(field -> field.type().toString()).toList())
        .startsWith(
            "int",
            "boolean",
            "int",
            "int",
            "int",
            "long",
            "float",
            "double",
            "double",
            "double",
            "decimal(38, 9)",
            "string",
            "string",
            "binary",
            "date",
            "timestamptz",
            "timestamp")
        .hasSize(21);
    Record first =
        records().stream().filter(each -> each.getField("id").equals(1)).findFirst().orElseThrow();
    assertThat(first.getField("at")).hasToString("2026-11-30T08:09:10.123456Z");
    assertThat(first.getField("local")).hasToString("9999-12-31T23:59:59.999999");
    assertThat(first.getField("day")).hasToString("0044-03-15");
    assertThat(first.getField("exact")).hasToString("12345678901234567890123456789.123456789");
    assertThat(first.getField("text")).isEqualTo("tab\t line\n ü 🚕");
    assertThat(first.getField("list")).isEqualTo(Arrays.asList(1.5, null));
  }

  @Test
  void typesThatIcebergDoesNotHaveAreRefused() {
    StructType type =
        StructType.fromDDL(
            "took INTERVAL DAY TO SECOND, months ARRAY<INTERVAL YEAR TO MONTH>, nothing VOID, Name"
                + " STRING, name STRING, n INT");
    partitionBy = List.of(new PartitionField("day", 0, "at"));

    assertThat(new IcebergConnector().objections(view("n").sink(), type))
        .containsExactly(
            "Iceberg has no type for the column 'took' (interval day to second). Select CAST(took AS STRING) AS took instead.",
            "Iceberg has no type for the column 'months' (array<interval year to month>). Select CAST(months AS STRING) AS months instead.",
            "Iceberg has no type for the column 'nothing' (void). Select CAST(nothing AS STRING) AS nothing instead.",
            "a table of Iceberg can't have the column 'name' twice; upper and lower case count as the same. Name one of the two otherwise, with AS.",
            "sinks.iceberg.partition-by names the column 'at', which the result does not have. Use one of took, months, nothing, Name, name, n.");
  }

  // ------------------------------------------------------------------ reset

  @Test
  void whatIsThereIsDeleted() throws Exception {
    SinkContents contents =
        new IcebergConnector().contents("rides", view("name"), hadoop).orElseThrow();
    assertThat(contents.description()).isEmpty();
    contents.delete();
    try (Sink sink = begun(0, view("name"))) {
      deliver(sink, 0, changes("('c', 'a', 1)"));
    }
    assertThat(
            new IcebergConnector()
                .contents("others", view("name"), hadoop)
                .orElseThrow()
                .description())
        .isEmpty();
    assertThat(contents.description())
        .hasValue(
            "table lake.totals of the catalog at "
                + folder
                + " (1 data files), its mark (batch 0)");
    contents.delete();
    assertThat(catalog.tableExists(NAME)).isFalse();
    assertThat(files()).isEmpty();

    catalog.createTable(
        NAME,
        new Schema(
            Types.NestedField.optional(1, "name", Types.StringType.get()),
            Types.NestedField.optional(2, "n", Types.IntegerType.get())));
    try (Sink sink = begun(0, view("name"))) {
      deliver(sink, 0, changes("('c', 'a', 1)"));
      contents.delete();
      assertThatThrownBy(() -> deliver(sink, 1, changes("('c', 'b', 2)")))
          .hasMessageContaining(
              "the mark of the batch before is gone, so batch 1 is not delivered");
    }
    assertThat(held()).isEmpty();
    assertThat(contents.description()).isEmpty();
    try (Sink sink = opened(view("name"), true)) {
      sink.begin("another-checkpoint", 0);
      sink.prepare(TYPE);
      deliver(sink, 0, changes("('c', 'b', 2)"));
    }
    assertThat(held()).containsExactly("b=2");
  }

  // ------------------------------------------------------------------ sinks

  private OutputDefinition view(String... key) {
    return output(Mode.APPEND, key);
  }

  private OutputDefinition output(Mode mode, String... key) {
    return new OutputDefinition(
        "totals",
        Optional.of("SELECT ..."),
        "rides.yaml:1: outputs.totals.sql",
        mode,
        Scope.STREAM,
        Optional.empty(),
        List.of(key),
        new IcebergSink(
            new IcebergSink.Catalog(
                CatalogType.HADOOP, "millrace", folder.toString(), "", "", "", Map.of()),
            List.of("lake"),
            "totals",
            partitionBy,
            create,
            Duration.ofMinutes(1)));
  }

  private Sink begun(long firstBatch, OutputDefinition view) throws InterruptedException {
    return begun(firstBatch, view, TYPE, true);
  }

  private Sink begun(long firstBatch, OutputDefinition output, StructType type, boolean isView)
      throws InterruptedException {
    Sink sink = opened(output, isView);
    boolean isPrepared = false;
    try {
      sink.begin(CHECKPOINT, firstBatch);
      sink.prepare(type);
      isPrepared = true;
      return sink;
    } finally {
      if (!isPrepared) {
        sink.close();
      }
    }
  }

  private Sink opened(OutputDefinition output, boolean isView) {
    SinkContext context =
        new SinkContext(
            "rides",
            new org.apache.hadoop.fs.Path(folder.toUri()),
            hadoop,
            new PrintWriter(console, true),
            100);
    IcebergConnector connector = new IcebergConnector();
    return isView ? connector.openView(output, context) : connector.open(output, context);
  }

  private static Delivery deliver(Sink sink, long batch, Dataset<Row> rows)
      throws InterruptedException {
    return sink.deliver(new Batch(batch, CHECKPOINT, false, rows, rdd -> Optional.empty()));
  }

  private static Dataset<Row> changes(String values) {
    return SPARK
        .session()
        .sql(
            "SELECT op, CAST(name AS STRING) AS name, CAST(n AS INT) AS n FROM VALUES %s AS t(op, name, n)"
                .formatted(values.isEmpty() ? "('c', 'x', 0)" : values));
  }

  /** More than tasks hand to the driver. */
  private static Dataset<Row> large(String operation, int n) {
    return SPARK
        .session()
        .range(0, 20_000, 1, 2)
        .selectExpr("'%s' AS op".formatted(operation), "'row ' || id AS name", n + " AS n");
  }

  // ------------------------------------------------------------------ Iceberg's own reader

  private HadoopCatalog catalog() {
    HadoopCatalog opened = new HadoopCatalog();
    opened.setConf(hadoop);
    opened.initialize(
        "reader",
        Map.of(
            CatalogProperties.WAREHOUSE_LOCATION,
            folder.toString(),
            CatalogProperties.LOCK_IMPL,
            LocalLocks.class.getName()));
    return opened;
  }

  private Table table() {
    return catalog.loadTable(NAME);
  }

  private List<Record> records() throws IOException {
    try (CloseableIterable<Record> rows = IcebergGenerics.read(table()).build()) {
      List<Record> records = new ArrayList<>();
      rows.forEach(row -> records.add(row.copy()));
      return records;
    }
  }

  /** Sorted by name, null first. */
  private List<String> held() throws IOException {
    return records().stream()
        .sorted(
            Comparator.comparing(
                each -> (String) each.getField("name"),
                Comparator.nullsFirst(Comparator.naturalOrder())))
        .map(each -> each.getField("name") + "=" + each.getField("n"))
        .toList();
  }

  private long mark() {
    return BatchMark.of(table()).orElseThrow().batch();
  }

  /** Files of rows and of deletes that are in the table's folder. */
  private Set<String> files() throws IOException {
    Path data = folder.resolve("lake/totals/data");
    if (!Files.exists(data)) {
      return Set.of();
    }
    try (Stream<Path> all = Files.walk(data)) {
      return all.map(Path::toString)
          .filter(name -> name.endsWith(".parquet"))
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }

  private Set<String> filesOfSnapshots() {
    Table table = table();
    return StreamSupport.stream(table.snapshots().spliterator(), false)
        .flatMap(snapshot -> added(table, snapshot))
        .map(each -> each.location().replaceFirst("^file:", ""))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Stream<ContentFile<?>> added(Table table, Snapshot snapshot) {
    SnapshotChanges changes = SnapshotChanges.builderFor(table).snapshot(snapshot).build();
    return Stream.concat(
        StreamSupport.stream(changes.addedDataFiles().spliterator(), false),
        StreamSupport.stream(changes.addedDeleteFiles().spliterator(), false));
  }

  /** A value that is computed only when a test allows it. */
  private static final class Pause implements UDF1<Integer, Integer> {

    private static final long serialVersionUID = 1L;

    private static CountDownLatch reached;
    private static CountDownLatch over;

    static void begin() {
      reached = new CountDownLatch(1);
      over = new CountDownLatch(1);
    }

    static void awaitReached() throws InterruptedException {
      reached.await();
    }

    static void end() {
      over.countDown();
    }

    @Override
    public Integer call(Integer value) throws InterruptedException {
      reached.countDown();
      over.await();
      return value;
    }
  }

  /** Fails once after it has renamed a file, where a marker is next to it. */
  public static final class DoubtfulDisk extends LocalFileSystem {

    static final String MARKER = "fail";

    @Override
    public boolean rename(org.apache.hadoop.fs.Path source, org.apache.hadoop.fs.Path target)
        throws IOException {
      boolean isRenamed = super.rename(source, target);
      File marker = new File(target.getParent().toUri().getPath(), MARKER);
      if (target.getName().endsWith(".metadata.json") && marker.delete()) {
        throw new IOException("the disk does not answer");
      }
      return isRenamed;
    }
  }
}
