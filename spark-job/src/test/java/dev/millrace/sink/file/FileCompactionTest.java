package dev.millrace.sink.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.SparkTest;
import dev.millrace.config.CompactionOptions;
import dev.millrace.config.CompactionOptions.Retention;
import dev.millrace.config.OutputDefinition;
import dev.millrace.config.OutputDefinition.Mode;
import dev.millrace.config.OutputDefinition.Scope;
import dev.millrace.config.SinkDefinition.FileSink;
import dev.millrace.error.UserException;
import dev.millrace.sink.Batch;
import dev.millrace.sink.Sink;
import dev.millrace.sink.Sink.Delivery;
import dev.millrace.sink.SinkCompaction;
import dev.millrace.sink.SinkReader.Held;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Copies of batches, read back by DuckDB. */
class FileCompactionTest {

  private static final String CHECKPOINT = "this-checkpoint";
  private static final long MEBIBYTE = 1L << 20;
  private static final CompactionOptions ALL =
      new CompactionOptions(MEBIBYTE, false, Optional.empty());

  @RegisterExtension static final SparkTest SPARK = new SparkTest();

  @TempDir Path folder;

  private String format = "parquet";
  private List<String> partitionBy = List.of();

  @Test
  void copiesEachBatchOnceIntoOneFile() throws Exception {
    try (Sink sink = begun()) {
      deliver(sink, 0, "SELECT 1 AS id");
      deliver(sink, 1, "SELECT id FROM VALUES (2), (3) AS t(id)");
      deliver(sink, 2, "SELECT 0 AS id WHERE false");
      deliver(sink, 3, "SELECT 4 AS id");
      assertThat(compaction().run(SPARK.session(), ALL))
          .singleElement()
          .asString()
          .startsWith("copied 3 batches (0 to 3, ")
          .endsWith(" bytes) to " + folder.resolve("bookings.compacted/from-0"));
      assertThat(compaction().run(SPARK.session(), ALL)).isEmpty();

      deliver(sink, 4, "SELECT 5 AS id");
      assertThat(compaction().run(SPARK.session(), ALL)).hasSize(1);
    }

    assertThat(names("bookings.compacted")).containsExactly("_owner", "from-0", "from-4");
    assertThat(names("bookings.compacted/from-0")).hasSize(2).first().isEqualTo("_last");
    assertThat(names("bookings"))
        .containsExactly("_owner", "batch=0", "batch=1", "batch=3", "batch=4");
    assertThat(names("")).containsExactly("bookings", "bookings.compacted");
    assertThat(
            duckDb(
                "SELECT batch, id FROM read_parquet('%s/bookings.compacted/*/*.parquet') ORDER BY id"))
        .containsExactly("0 1", "1 2", "1 3", "3 4", "4 5");
  }

  /** A run that publishes batches faster than they are copied does not keep it busy. */
  @Test
  void leavesBatchesForTheNextOneThatAreAddedMeanwhile() throws Exception {
    try (Sink sink = begun()) {
      deliver(sink, 0, "SELECT 1 AS id");
      AtomicBoolean isOver = new AtomicBoolean();
      CompletableFuture<Long> added =
          CompletableFuture.supplyAsync(
              () -> {
                long id = 1;
                try {
                  while (!isOver.get() && id < 1_000) {
                    deliver(sink, id++, "SELECT 1 AS id");
                  }
                } catch (InterruptedException e) {
                  throw new AssertionError(e);
                }
                return id;
              });

      List<String> done = compaction().run(SPARK.session(), ALL);
      isOver.set(true);

      assertThat(done).hasSize(1);
      assertThat(added.get()).isGreaterThan(1);
    }
    assertThat(compaction().run(SPARK.session(), ALL)).hasSize(1);
  }

  @Test
  void copiesOrcWithAColumnThatWasAdded() throws Exception {
    format = "orc";
    try (Sink sink = begun()) {
      deliver(sink, 0, "SELECT 1 AS id");
      deliver(sink, 1, "SELECT 2 AS id, 'new' AS note");
      compaction().run(SPARK.session(), ALL);
    }

    assertThat(
            SPARK
                .session()
                .read()
                .orc(folder.resolve("bookings.compacted/from-0").toString())
                .selectExpr("concat_ws(' ', batch, id, note)")
                .orderBy("id")
                .collectAsList())
        .extracting(row -> row.getString(0))
        .containsExactly("0 1", "1 2 new");
  }

  @Test
  void aBatchThatCannotBeReadIsAnErrorAndLeavesNoCopy() throws Exception {
    try (Sink sink = begun()) {
      deliver(sink, 0, "SELECT 1 AS id");
      deliver(sink, 1, "SELECT 2 AS id");
    }
    try (Stream<Path> files = Files.list(folder.resolve("bookings/batch=1"))) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Files.writeString(file, "not a file of Parquet");
      }
    }

    assertThatThrownBy(() -> compaction().run(SPARK.session(), ALL))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("bookings.compacted: batches could not be copied here: ")
        .hasMessageContaining("No part of a copy was published");
    assertThat(names("bookings.compacted")).containsExactly("_owner");
  }

  @Test
  void waitsForAFullFileWhereItIsToldTo() throws Exception {
    try (Sink sink = begun()) {
      deliver(sink, 0, "SELECT 1 AS id");
      assertThat(
              compaction()
                  .run(SPARK.session(), new CompactionOptions(MEBIBYTE, true, Optional.empty())))
          .isEmpty();
      assertThat(
              compaction().run(SPARK.session(), new CompactionOptions(100, true, Optional.empty())))
          .hasSize(1);
    }
  }

  @Test
  void cutsFilesThatWouldBecomeTooLarge() throws Exception {
    try (Sink sink = begun()) {
      for (int batch = 0; batch < 4; batch++) {
        deliver(sink, batch, "SELECT id, uuid() AS text FROM range(%d)".formatted(2_000));
      }
      compaction().run(SPARK.session(), new CompactionOptions(100_000, false, Optional.empty()));
    }

    assertThat(names("bookings.compacted/from-0")).hasSizeBetween(3, 5);
    assertThat(
            duckDb(
                "SELECT count(*), count(DISTINCT text) FROM read_parquet('%s/bookings.compacted/*/*.parquet')"))
        .containsExactly("8000 8000");
  }

  @Test
  void keepsTheNewestBatchesAndTheYoungOnesWhereTheyAreCopied() throws Exception {
    try (Sink sink = begun()) {
      for (int batch = 0; batch < 5; batch++) {
        deliver(sink, batch, "SELECT %d AS id".formatted(batch));
      }
      for (int old : List.of(0, 1, 3)) {
        Files.setLastModifiedTime(
            folder.resolve("bookings/batch=" + old),
            FileTime.from(Instant.now().minus(Duration.ofHours(2))));
      }
      Retention keep = new Retention(OptionalInt.of(2), Optional.of(Duration.ofHours(1)));
      assertThat(
              compaction()
                  .run(SPARK.session(), new CompactionOptions(MEBIBYTE, false, Optional.of(keep))))
          .hasSize(2)
          .last()
          .asString()
          .isEqualTo("removed 2 batches that are copied from " + folder.resolve("bookings"));
      assertThat(names("bookings")).containsExactly("_owner", "batch=2", "batch=3", "batch=4");

      deliver(sink, 5, "SELECT 5 AS id");
    }

    assertThat(
            duckDb(
                """
                SELECT count(*), count(DISTINCT id) FROM (
                  SELECT id, batch FROM read_parquet('%1$s/bookings.compacted/*/*.parquet')
                  UNION ALL
                  SELECT id, batch FROM read_parquet('%1$s/bookings/*/*.parquet', hive_partitioning = true)
                  WHERE batch > (SELECT max(batch) FROM read_parquet('%1$s/bookings.compacted/*/*.parquet')))
                """))
        .containsExactly("6 6");
  }

  @Test
  void leavesTheNewestBatchForARunThatStartsAgain() throws Exception {
    try (Sink sink = begun()) {
      deliver(sink, 0, "SELECT 0 AS id");
      deliver(sink, 1, "SELECT 1 AS id");
    }
    Retention none = new Retention(OptionalInt.empty(), Optional.of(Duration.ZERO));
    compaction().run(SPARK.session(), new CompactionOptions(MEBIBYTE, false, Optional.of(none)));

    try (Sink again = sink()) {
      again.begin(CHECKPOINT, 1);
      assertThat(again.deliver(batch(1, "SELECT 99 AS id"))).isEqualTo(Delivery.WAS_DELIVERED);
    }
    assertThat(names("bookings")).containsExactly("_owner", "batch=1");
  }

  @Test
  void keepsTheValuesOfPartitionsAsTexts() throws Exception {
    partitionBy = List.of("city");
    try (Sink sink = begun()) {
      deliver(sink, 0, "SELECT id, city FROM VALUES (1, '007'), (2, '1e1') AS t(id, city)");
      deliver(sink, 1, "SELECT id, city FROM VALUES (3, '007'), (4, null) AS t(id, city)");
      compaction().run(SPARK.session(), ALL);
    }

    assertThat(names("bookings.compacted/from-0"))
        .containsExactly("_last", "city=007", "city=1e1", "city=__HIVE_DEFAULT_PARTITION__");
    assertThat(
            duckDb(
                "SELECT batch, id FROM read_parquet('%s/bookings.compacted/*/city=007/*.parquet') ORDER BY id"))
        .containsExactly("0 1", "1 3");
  }

  @Test
  void aColumnThatWasAddedIsNullInBatchesBeforeIt() throws Exception {
    try (Sink sink = begun()) {
      deliver(sink, 0, "SELECT 1 AS id");
      deliver(sink, 1, "SELECT 2 AS id, 'new' AS note");
      compaction().run(SPARK.session(), ALL);
    }

    assertThat(
            duckDb(
                "SELECT id, note FROM read_parquet('%s/bookings.compacted/*/*.parquet') ORDER BY id"))
        .containsExactly("1 null", "2 new");
  }

  /** Each of two compactions at the same time fails, or has the batches for itself. */
  @Test
  void copiesNoBatchTwiceWhereTwoRunAtTheSameTime() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(2);
    int refused = 0;
    try (Sink sink = begun()) {
      for (int batch = 0; batch < 10; batch++) {
        deliver(sink, batch, "SELECT %d AS id".formatted(batch));
        Callable<List<String>> run = () -> compaction().run(SPARK.session(), ALL);
        for (Future<List<String>> each : threads.invokeAll(List.of(run, run))) {
          try {
            each.get();
          } catch (ExecutionException e) {
            assertThat(e).hasCauseInstanceOf(UserException.class);
            refused++;
          }
        }
      }
      compaction().run(SPARK.session(), ALL);
    } finally {
      threads.shutdown();
    }
    System.out.printf("two compactions at the same time: %d of 20 were refused%n", refused);

    assertThat(
            duckDb(
                "SELECT id, batch FROM read_parquet('%s/bookings.compacted/*/*.parquet') ORDER BY id"))
        .isEqualTo(IntStream.range(0, 10).mapToObj(n -> n + " " + n).toList());
  }

  @Test
  void refusesAColumnThatHasTheNameOfTheBatch() throws Exception {
    try (Sink sink = begun()) {
      deliver(sink, 0, "SELECT 1 AS batch");
    }

    assertThatThrownBy(() -> compaction().run(SPARK.session(), ALL))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("the output has a column 'batch'");
  }

  @Test
  void refusesCopiesOfAnotherCheckpoint() throws Exception {
    try (Sink sink = begun()) {
      deliver(sink, 0, "SELECT 1 AS id");
    }
    compaction().run(SPARK.session(), ALL);
    Files.writeString(folder.resolve("bookings/_owner"), "another");
    Files.deleteIfExists(folder.resolve("bookings/._owner.crc"));

    assertThatThrownBy(() -> compaction().run(SPARK.session(), ALL))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("holds copies of batches of the checkpoint this-checkpoint");
  }

  @Test
  void doesNothingBeforeTheFirstRun() {
    assertThat(compaction().run(SPARK.session(), ALL)).isEmpty();
    assertThat(folder).isEmptyDirectory();
  }

  /** A view's rows are those of the copies and of the batches after them. */
  @Test
  void aViewIsReadFromCopiesAndBatches() throws Exception {
    StructType result = StructType.fromDDL("id INT, name STRING");
    try (Sink sink = begun()) {
      deliver(sink, 0, "SELECT 'r' AS op, id, name FROM VALUES (1, 'a'), (2, 'b') AS t(id, name)");
      deliver(sink, 1, "SELECT 'u' AS op, 1 AS id, 'c' AS name");
      deliver(sink, 2, "SELECT 'd' AS op, 2 AS id, 'b' AS name");
      deliver(sink, 3, "SELECT 'c' AS op, 3 AS id, 'd' AS name");
      Retention keep = new Retention(OptionalInt.of(1), Optional.empty());
      compaction().run(SPARK.session(), new CompactionOptions(MEBIBYTE, false, Optional.of(keep)));
      deliver(sink, 4, "SELECT 'u' AS op, 3 AS id, 'e' AS name");
    }

    Held held =
        new FileSinkReader(output(List.of("id")), hadoop())
            .read(SPARK.session(), result)
            .orElseThrow();
    assertThat(
            held.rows().orderBy("id").collectAsList().stream()
                .map(row -> row.getInt(0) + " " + row.getString(1)))
        .containsExactly("1 c", "3 e");
    assertThat(held.batch()).hasValue(4);
  }

  @Test
  void isShownAndDeletedWithTheBatches() throws Exception {
    try (Sink sink = begun()) {
      deliver(sink, 0, "SELECT 1 AS id");
    }
    compaction().run(SPARK.session(), ALL);
    FileContents contents = new FileContents(definition(), hadoop());

    assertThat(contents.description().orElseThrow())
        .contains(", compacted ones (")
        .endsWith(" bytes) in " + folder.resolve("bookings.compacted"));
    contents.delete();
    assertThat(contents.description()).isEmpty();
    assertThat(folder).isEmptyDirectory();
  }

  private Sink begun() throws InterruptedException {
    Sink sink = sink();
    sink.begin(CHECKPOINT, 0);
    return sink;
  }

  private Sink sink() {
    return new FileBatchSink(definition(), Mode.APPEND, hadoop());
  }

  private SinkCompaction compaction() {
    return new FileConnector(format, true).compaction(output(List.of()), hadoop()).orElseThrow();
  }

  private OutputDefinition output(List<String> key) {
    return new OutputDefinition(
        "bookings",
        Optional.empty(),
        "rides.yaml:1: outputs.bookings.sql",
        Mode.APPEND,
        Scope.STREAM,
        Optional.empty(),
        key,
        definition());
  }

  private FileSink definition() {
    return new FileSink(format, folder.resolve("bookings").toString(), partitionBy);
  }

  private static Configuration hadoop() {
    return SPARK.session().sparkContext().hadoopConfiguration();
  }

  private static void deliver(Sink sink, long id, String sql) throws InterruptedException {
    assertThat(sink.deliver(batch(id, sql))).isEqualTo(Delivery.DELIVERED);
  }

  private static Batch batch(long id, String sql) {
    return new Batch(id, CHECKPOINT, false, SPARK.session().sql(sql), rdd -> Optional.empty());
  }

  /** Rows, their values joined by blanks; the folder takes the place of {@code %s}. */
  private List<String> duckDb(String sql) throws Exception {
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql.formatted(folder))) {
      List<String> texts = new ArrayList<>();
      while (rows.next()) {
        List<String> values = new ArrayList<>();
        for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
          values.add(String.valueOf(rows.getObject(i)));
        }
        texts.add(String.join(" ", values));
      }
      return texts;
    }
  }

  private List<String> names(String below) throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve(below))) {
      return files
          .map(path -> path.getFileName().toString())
          .filter(name -> !name.endsWith(".crc"))
          .sorted()
          .toList();
    }
  }
}
