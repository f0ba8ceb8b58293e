package dev.millrace.sink.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.SparkTest;
import dev.millrace.StackExtension;
import dev.millrace.config.OutputDefinition;
import dev.millrace.config.OutputDefinition.Mode;
import dev.millrace.config.OutputDefinition.Scope;
import dev.millrace.config.SinkDefinition.Create;
import dev.millrace.config.SinkDefinition.OnTruncate;
import dev.millrace.config.SinkDefinition.PostgresSink;
import dev.millrace.config.SinkDefinition.PostgresSink.Guard;
import dev.millrace.sink.Batch;
import dev.millrace.sink.Sink;
import dev.millrace.sink.Sink.Delivery;
import dev.millrace.sink.SinkContext;
import dev.millrace.sink.StorageLimit;
import dev.millrace.stack.LocalStack;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Changes with a key into a table of Postgres: it has the newest row of each key. */
@ExtendWith(StackExtension.class)
class GuardedChangesIT {

  private static final String CHECKPOINT = "6f0d2a3e-0000-4000-8000-000000000002";

  /**
   * Of each kind; {@code -Dmillrace.guarded.batches=1000} makes it a long run, {@code
   * -Dmillrace.guarded.seed} repeats one.
   */
  private static final int BATCHES = Integer.getInteger("millrace.guarded.batches", 40);

  private static final StructType TYPE =
      StructType.fromDDL(
          "id BIGINT, n INT, notes STRING, op STRING, __order_partition INT, __order_offset BIGINT,"
              + " __order_tx_id BIGINT, __order_op STRING, __order_lsn BIGINT,"
              + " __order_unchanged ARRAY<STRING>, __order_placeholders ARRAY<STRING>");

  @RegisterExtension static final SparkTest SPARK = new SparkTest();

  @TempDir Path folder;

  private SinkDatabase database;
  private String table;
  private Guard guard = Guard.COLUMN;
  private OnTruncate onTruncate = OnTruncate.FAIL;

  @BeforeEach
  void makeDatabase(TestInfo test, LocalStack stack) throws SQLException {
    database = SinkDatabase.of(stack, "guarded");
    table = "t" + Integer.toHexString(test.getDisplayName().hashCode());
    database.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
  }

  @ParameterizedTest
  @CsvSource({"COLUMN, 10", "SIDE_TABLE, 10", "COLUMN, 2000", "SIDE_TABLE, 2000"})
  void theTableEqualsTheSourceAfterEachBatch(Guard kept, int notesLength) throws Exception {
    guard = kept;
    long seed = Long.getLong("millrace.guarded.seed", System.nanoTime());
    System.out.printf("guarded changes, %s, notes of %d: seed %d%n", kept, notesLength, seed);
    Random random = new Random(seed);
    SimulatedSource source = new SimulatedSource(random, notesLength);
    Sink sink = begun(0);
    try {
      for (long batch = 0; batch < BATCHES; batch++) {
        List<Row> changes = source.next(1 + random.nextInt(notesLength > 100 ? 900 : 60));
        Dataset<Row> rows = rows(changes);
        assertThat(deliver(sink, batch, rows)).isEqualTo(Delivery.DELIVERED);
        assertThat(held()).as(source::messages).isEqualTo(source.expected());
        assertThat(refused(sink, batch, rows)).as(source::messages).isEqualTo(source.refused());
        if (random.nextInt(5) == 0) {
          sink.close();
          sink = begun(batch);
          assertThat(deliver(sink, batch, rows)).isEqualTo(Delivery.WAS_DELIVERED);
          assertThat(refused(sink, batch, rows)).isEqualTo(source.refused());
        }
      }
    } finally {
      sink.close();
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Guard.class,
      names = {"COLUMN", "SIDE_TABLE"})
  void aDeletedKeyStaysDeletedWhenItsInsertIsSentAgain(Guard kept) throws Exception {
    guard = kept;
    try (Sink sink = begun(0)) {
      deliver(
          sink, 0, rows(List.of(change("c", 7, 18, 0, 10, 100), change("d", 7, null, 0, 11, 101))));
      deliver(sink, 1, rows(List.of(change("c", 7, 18, 0, 12, 100))));
      assertThat(held()).isEmpty();
      assertThat(known()).containsExactly("7|0|11|101|true");

      deliver(
          sink, 2, rows(List.of(change("d", 7, null, 0, 13, 101), change("c", 7, 20, 0, 14, 102))));
      assertThat(held()).containsExactly("7|20|x");
    }
  }

  @Test
  void theFirstBatchAfterTheRetentionForgetsDeletedKeys() throws Exception {
    try (Sink sink = begun(0)) {
      deliver(sink, 0, rows(List.of(change("d", 7, null, 0, 11, 101))));
      database.execute(
          "UPDATE %s SET deleted_at = now() - interval '7 days 1 second'".formatted(sideTable()));
      deliver(sink, 1, rows(List.of(change("c", 8, 1, 0, 12, 102))));
      assertThat(known()).isEmpty();
    }
  }

  /** A message that was replayed from the dead letters has the position of its origin. */
  @Test
  void aReplayedMessageDoesNotOverwriteANewerOne() throws Exception {
    try (Sink sink = begun(0)) {
      deliver(sink, 0, rows(List.of(change("u", 7, 20, 0, 30, 300))));
      deliver(
          sink, 1, rows(List.of(change("u", 7, 19, 0, 20, 200), change("c", 8, 1, 0, 21, 201))));
    }
    assertThat(held()).containsExactly("7|20|x", "8|1|x");
  }

  /** In one batch with a newer one, in a task of its own. */
  @Test
  void aReplayedMessageIsAppliedBeforeOrLeftOutBehindANewerOne() throws Exception {
    try (Sink sink = begun(0)) {
      Dataset<Row> newer = rows(List.of(change("u", 7, 20, 0, 30, 300)));
      deliver(
          sink,
          0,
          newer.union(
              rows(List.of(change("u", 7, 19, 0, 20, 200), change("c", 8, 1, 0, 21, 201)))));
      assertThat(held()).containsExactly("7|20|x", "8|1|x");
      Dataset<Row> older = rows(List.of(change("u", 8, 2, 0, 40, 400)));
      deliver(sink, 1, older.union(rows(List.of(change("u", 8, 3, 0, 41, 401)))));
    }
    assertThat(held()).containsExactly("7|20|x", "8|3|x");
  }

  /** Its log begins again, and its snapshot tells so. */
  @Test
  void theSnapshotOfARestoredServerCounts() throws Exception {
    try (Sink sink = begun(0)) {
      deliver(sink, 0, rows(List.of(change("u", 7, 20, 0, 30, 300))));
      deliver(sink, 1, rows(List.of(change("r", 7, 5, 0, 31, 50))));
      assertThat(held()).containsExactly("7|5|x");
      deliver(sink, 2, rows(List.of(change("u", 7, 6, 0, 32, 51))));
    }
    assertThat(held()).containsExactly("7|6|x");
  }

  /** Those of a topic of plain JSON, say. */
  @Test
  void rowsWithoutOperationAreTheNewestOfTheirKey() throws Exception {
    StructType type =
        StructType.fromDDL("id BIGINT, n INT, __order_partition INT, __order_offset BIGINT");
    try (Sink sink = begun(0, type)) {
      deliver(
          sink,
          0,
          SPARK
              .session()
              .sql(
                  "SELECT 7L AS id, n, 0 AS __order_partition, CAST(n AS BIGINT) AS __order_offset FROM VALUES (1), (3), (2) AS t(n)"));
    }
    assertThat(database.rows("SELECT id, n FROM " + table)).containsExactly("7|3");
  }

  @Test
  void aTruncateEndsTheRunUnlessItIsSkipped() throws Exception {
    Row truncate = RowFactory.create(null, null, null, "t", 0, 31L, 9L, "t", 301L, null, null);
    try (Sink sink = begun(0)) {
      deliver(sink, 0, rows(List.of(change("c", 7, 20, 0, 30, 300))));
      assertThatThrownBy(() -> deliver(sink, 1, rows(List.of(truncate))))
          .hasStackTraceContaining("The source's table was truncated (partition 0, offset 31)")
          .hasStackTraceContaining("--set sinks.postgres.on-truncate=skip");
    }
    onTruncate = OnTruncate.SKIP;
    try (Sink sink = begun(1)) {
      List<StorageLimit> limits = sink.limits(TYPE);
      assertThat(
              limits.stream()
                  .mapToLong(limit -> rows(List.of(truncate)).where(limit.isExceeded()).count())
                  .sum())
          .isZero();
      deliver(sink, 1, rows(List.of(truncate, change("c", 8, 1, 0, 32, 302))));
    }
    assertThat(held()).containsExactly("7|20|x", "8|1|x");
  }

  @Test
  void aRowWithoutItsKeyIsUnstorableAndAnUnsentValueIsNot() throws Exception {
    database.execute(
        "CREATE TABLE %s (id bigint PRIMARY KEY, n int, notes varchar(3) NOT NULL, millrace_partition int, millrace_offset bigint, millrace_lsn bigint)"
            .formatted(table));
    try (Sink sink = begun(0)) {
      List<StorageLimit> limits = sink.limits(TYPE);
      assertThat(
              exceeded(
                  limits, RowFactory.create(null, 1, "x", "c", 0, 1L, 9L, "c", 1L, null, null)))
          .containsExactly("id");
      assertThat(
              exceeded(limits, RowFactory.create(7L, 1, null, "c", 0, 1L, 9L, "c", 1L, null, null)))
          .containsExactly("notes");
      assertThat(
              exceeded(
                  limits, RowFactory.create(7L, 1, "long", "c", 0, 1L, 9L, "c", 1L, null, null)))
          .containsExactly("notes");
      String[] notes = {"notes"};
      assertThat(
              exceeded(
                  limits, RowFactory.create(7L, 1, null, "u", 0, 1L, 9L, "u", 1L, notes, notes)))
          .isEmpty();
      assertThat(
              exceeded(
                  limits, RowFactory.create(7L, null, null, "d", 0, 1L, 9L, "d", 1L, null, null)))
          .isEmpty();
    }
  }

  @Test
  void aTableWithoutColumnsForPositionsIsRefusedWithBothCures() throws Exception {
    database.execute("CREATE TABLE %s (id bigint PRIMARY KEY, n int, notes text)".formatted(table));
    assertThatThrownBy(() -> begun(0))
        .hasMessageContaining(
            "ALTER TABLE \"public\".\"%s\" ADD COLUMN \"millrace_partition\" integer"
                .formatted(table))
        .hasMessageContaining("ADD COLUMN \"millrace_offset\" bigint")
        .hasMessageContaining("ADD COLUMN \"millrace_lsn\" bigint")
        .hasMessageContaining("sinks.postgres.guard: side-table");
    guard = Guard.SIDE_TABLE;
    try (Sink sink = begun(0)) {
      deliver(sink, 0, rows(List.of(change("c", 7, 20, 0, 30, 300))));
    }
    assertThat(held()).containsExactly("7|20|x");
    guard = Guard.COLUMN;
    database.execute(
        "ALTER TABLE %s ADD millrace_partition int, ADD millrace_offset bigint, ADD millrace_lsn bigint"
            .formatted(table));
    assertThatThrownBy(() -> begun(1)).hasMessageContaining("the same sinks.postgres.guard");
  }

  /** A name so long that its prefix does not fit before it. */
  @Test
  void deletingWhatTheSinkHoldsRemovesThePositionsToo() throws Exception {
    table = "t".repeat(60);
    try (Sink sink = begun(0)) {
      deliver(sink, 0, rows(List.of(change("c", 7, 20, 0, 30, 300))));
    }
    assertThat(
            database.rows(
                "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1"))
        .satisfiesExactly(
            side -> assertThat(side).matches("millrace_deleted_[0-9a-f]{12}"),
            marks -> assertThat(marks).isEqualTo("millrace_marks"),
            target -> assertThat(target).isEqualTo(table));

    new PostgresConnector().contents("rides", output(), new Configuration()).orElseThrow().delete();

    assertThat(
            database.rows(
                "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"))
        .containsExactly("millrace_marks");
  }

  // ------------------------------------------------------------------ the sink

  private static Row change(String op, long id, Integer n, int partition, long offset, long lsn) {
    return RowFactory.create(
        id, n, n == null ? null : "x", op, partition, offset, 9L, op, lsn, null, null);
  }

  /** Each partition of the topic in a task of its own. */
  private static Dataset<Row> rows(List<Row> changes) {
    JavaSparkContext context = JavaSparkContext.fromSparkContext(SPARK.session().sparkContext());
    JavaRDD<Row> all =
        changes.stream().collect(Collectors.groupingBy(row -> row.getInt(4))).values().stream()
            .map(ofPartition -> context.parallelize(ofPartition, 1))
            .reduce(JavaRDD::union)
            .orElseThrow();
    return SPARK.session().createDataFrame(all, TYPE);
  }

  private OutputDefinition output() {
    return new OutputDefinition(
        "rides",
        Optional.of("SELECT ..."),
        "rides.yaml:1: outputs.rides.sql",
        Mode.APPEND,
        Scope.STREAM,
        Optional.empty(),
        List.of("id"),
        new PostgresSink(
            database.url(),
            database.user(),
            database.password(),
            "public",
            table,
            Create.IF_MISSING,
            guard,
            Duration.ofDays(7),
            onTruncate,
            Duration.ofMinutes(1)));
  }

  private Sink begun(long firstBatch) throws InterruptedException {
    return begun(firstBatch, TYPE);
  }

  private Sink begun(long firstBatch, StructType type) throws InterruptedException {
    Sink sink =
        new PostgresConnector()
            .open(
                output(),
                new SinkContext(
                    "rides",
                    new org.apache.hadoop.fs.Path(folder.toUri()),
                    new Configuration(),
                    new PrintWriter(new StringWriter()),
                    100,
                    Optional.empty()));
    sink.begin(CHECKPOINT, firstBatch);
    sink.prepare(type);
    return sink;
  }

  private static Delivery deliver(Sink sink, long batch, Dataset<Row> rows)
      throws InterruptedException {
    return sink.deliver(batch(batch, rows));
  }

  private static Batch batch(long id, Dataset<Row> rows) {
    return new Batch(id, CHECKPOINT, false, rows, rdd -> Optional.empty());
  }

  private static List<String> exceeded(List<StorageLimit> limits, Row row) {
    return limits.stream()
        .filter(limit -> rows(List.of(row)).where(limit.isExceeded()).count() > 0)
        .map(StorageLimit::column)
        .toList();
  }

  /** Partition and offset of the changes that the table lacks something for. */
  private static List<String> refused(Sink sink, long batch, Dataset<Row> rows)
      throws InterruptedException {
    List<String> found = new ArrayList<>();
    for (StorageLimit limit : sink.refused(batch(batch, rows))) {
      rows.where(limit.isExceeded())
          .collectAsList()
          .forEach(row -> found.add(row.getInt(4) + " " + row.getLong(5)));
    }
    return found.stream().sorted().toList();
  }

  // ------------------------------------------------------------------ another session

  private List<String> held() throws SQLException {
    return database.rows("SELECT id, n, replace(notes, '.', '') FROM " + table + " ORDER BY id");
  }

  private String sideTable() {
    return GuardedMerge.sideTable(table, guard);
  }

  /** What the side table knows: key, partition, offset, LSN, and whether the key is deleted. */
  private List<String> known() throws SQLException {
    return database.rows(
        "SELECT id, millrace_partition, millrace_offset, millrace_lsn,"
            + " CASE WHEN deleted_at IS NOT NULL THEN 'true' ELSE 'false' END FROM "
            + sideTable());
  }
}
