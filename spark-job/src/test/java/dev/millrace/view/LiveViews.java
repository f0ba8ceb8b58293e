package dev.millrace.view;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.event.Relation;
import dev.millrace.state.StateStores;
import dev.millrace.view.plan.LookupRows;
import dev.millrace.view.plan.ViewPlan;
import dev.millrace.view.plan.ViewPlanner;
import dev.millrace.view.table.TableLayout;
import dev.millrace.view.table.TopicEnds;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Views over a table of a test, and what a reader of all their changes holds. */
final class LiveViews implements AutoCloseable {

  /** So few that the others are in the index. */
  private static final int MAX_KEPT_VALUES = 3;

  private final SparkSession session;
  private final StateStores stores;
  private final SparkResults results;
  private final TableLayout layout;
  private final ViewPlanner planner;
  private final Map<String, String> sql = new LinkedHashMap<>();
  private final List<ViewPlan> plans = new ArrayList<>();
  private final List<Integer> ids = new ArrayList<>();
  private final List<RowReader> readers = new ArrayList<>();
  private final Set<String> added = new LinkedHashSet<>();
  private final Set<Integer> removed = new LinkedHashSet<>();
  private int lastId;
  private final Map<String, Map<List<Object>, Integer>> held = new LinkedHashMap<>();
  private final Map<String, StructType> lookups;
  private Map<String, LookupRows> before = Map.of();
  private final Map<String, LookupRows> now = new LinkedHashMap<>();
  private long nextBatch;
  private Instant time = Instant.EPOCH;
  private long maxGroupRows = Long.MAX_VALUE;
  private int failed;
  private StateSize size;
  private OptionalLong nextMoment = OptionalLong.empty();

  LiveViews(SparkSession session, Path state, StructType columns, List<String> queries) {
    this(session, state, columns, List.of(columns.fieldNames()[0]), queries);
  }

  LiveViews(
      SparkSession session,
      Path state,
      StructType columns,
      List<String> key,
      List<String> queries) {
    this(session, state, columns, key, queries, Map.of());
  }

  /**
   * @param lookups their columns by their names; they have no rows yet
   */
  LiveViews(
      SparkSession session,
      Path state,
      StructType columns,
      List<String> key,
      List<String> queries,
      Map<String, StructType> lookups) {
    this(session, state, columns, key, queries, lookups, MAX_KEPT_VALUES, false);
  }

  /**
   * @param maxKeptValues how many values the record of a group has for an aggregate that keeps them
   * @param isInMemory whether the state is in memory, or in RocksDB
   */
  LiveViews(
      SparkSession session,
      Path state,
      StructType columns,
      List<String> key,
      List<String> queries,
      Map<String, StructType> lookups,
      int maxKeptValues,
      boolean isInMemory) {
    this.lookups = lookups;
    lookups.keySet().forEach(name -> lookup(name, List.of()));
    this.session = session;
    String root = state.toUri().toString();
    this.stores =
        isInMemory
            ? StateStores.inMemory(root, session, 0, ViewEngine.ORDERED_KEYS)
            : StateStores.in(root, session, 64);
    this.layout = new TableLayout("t", key, columns, 2, Duration.ofDays(7));
    this.planner =
        new ViewPlanner(
            session,
            "t",
            key,
            columns,
            lookups.entrySet().stream()
                .map(each -> new Relation(each.getKey(), each.getValue()))
                .toList(),
            maxKeptValues);
    this.results = new SparkResults(session, columns, lookups, state.resolve("rows"));
    queries.forEach(this::add);
  }

  /**
   * Views whose expressions are interpreted: compiled, each would be a class that runs a few times.
   */
  static LiveViews interpreted(
      SparkSession session, Path state, StructType columns, String... queries) {
    session.sparkContext().setLocalProperty("spark.sql.codegen.factoryMode", "NO_CODEGEN");
    return new LiveViews(session, state, columns, List.of(queries));
  }

  /** A group that gets more rows, all of which are read, is a warning from the next batch on. */
  void maxGroupRows(long rows) {
    maxGroupRows = rows;
  }

  /** When the next batch begins. */
  void time(Instant began) {
    time = began;
  }

  private long micros() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, time);
  }

  /** What a lookup has from the next batch on. */
  void lookup(String name, List<Row> rows) {
    now.put(name, LookupRows.of(lookups.get(name), rows));
  }

  private BatchLookups joined() {
    return new BatchLookups(before, now);
  }

  /** Plans the last view with a key that is checked. */
  void checkKey(List<String> key) {
    int last = plans.size() - 1;
    plans.set(last, plans.get(last).withCheckedKey(key));
  }

  /** Adds a view; the next batch makes it from all rows. */
  void add(String query) {
    String name = "v" + plans.size();
    plans.add(planner.plan(name, query, "test.yaml:1: outputs." + name + ".sql", layout));
    ids.add(++lastId);
    sql.put(name, query);
    added.add(name);
    held.put(name, new LinkedHashMap<>());
    readers.add(new RowReader(plans.get(plans.size() - 1).result()));
  }

  /** Removes the last view; the next batch forgets its groups. */
  void removeLast() {
    remove(plans.size() - 1);
  }

  /** Removes a view; the next batch forgets its groups. */
  void remove(int view) {
    String name = plans.remove(view).name();
    removed.add(ids.remove(view));
    readers.remove(view);
    sql.remove(name);
    held.remove(name);
    added.remove(name);
  }

  /** Has the last view before all others from now on, as if the pipeline file named it first. */
  void moveLastToFront() {
    Collections.rotate(plans, 1);
    Collections.rotate(ids, 1);
    Collections.rotate(readers, 1);
  }

  /** What the state has of a view, as another process reads it. */
  List<Row> stored(String view) {
    int number = plans.stream().map(ViewPlan::name).toList().indexOf(view);
    return new StoredViews(layout, stores, nextBatch, before)
        .result(session, plans.get(number), ids.get(number))
        .collectAsList();
  }

  /** Continues with the state of an earlier run of the same views. */
  void resume(long batch) {
    nextBatch = batch;
    added.clear();
  }

  /** Has the next batch read the state from its files. */
  void restart() {
    stores.close();
  }

  List<ViewPlan> plans() {
    return plans;
  }

  TableLayout layout() {
    return layout;
  }

  /** How large the state is after the last batch. */
  StateSize size() {
    return size;
  }

  long nextBatch() {
    return nextBatch;
  }

  /** When time changes a view next, as of the last batch. */
  Optional<Instant> nextMoment() {
    return nextMoment.isPresent()
        ? Optional.of(Instant.EPOCH.plus(nextMoment.getAsLong(), ChronoUnit.MICROS))
        : Optional.empty();
  }

  /** The number of the view whose changes could not be applied. */
  int failed() {
    return failed;
  }

  Map<List<Object>, Integer> held(String view) {
    return held.get(view);
  }

  /** Applies the table's changes since the last batch; the problems that were met. */
  List<Row> apply(ChangeLog table) {
    return apply(table, Set.of());
  }

  List<Row> apply(ChangeLog table, Set<String> whole) {
    ViewEngine engine = new ViewEngine(layout, plans, ids, stores, maxGroupRows);
    try (ViewBatch batch =
        engine.run(
            nextBatch, frame(table), added, whole, removed, joined(), table.ends(), micros())) {
      for (ViewPlan plan : plans) {
        if (batch.isWhole(plan.name())) {
          held.get(plan.name()).clear();
        }
        take(plan.name(), batch.changes(plan.name()).collectAsList());
      }
      added.clear();
      removed.clear();
      before = Map.copyOf(now);
      nextBatch++;
      size = batch.size();
      nextMoment = batch.nextMoment();
      return batch.problems().collectAsList();
    }
  }

  /**
   * Applies the table's changes like {@link #apply}, and reads those of all views in one Spark job.
   *
   * @param order of the changes as they reach the engine, which sorts them itself
   * @param runs how often the batch runs: all but the last crash after the state's commit
   */
  void applyAll(ChangeLog table, Set<String> whole, Random order, int runs) {
    applyAll(table, table.take(), whole, order, runs);
  }

  /** The same with the changes that were taken. */
  void applyAll(ChangeLog table, List<Row> taken, Set<String> whole, Random order, int runs) {
    List<Row> changes = new ArrayList<>(taken);
    TopicEnds ends = table.ends();
    Collections.shuffle(changes, order);
    Dataset<Row> frame = session.createDataFrame(changes, table.changeType());
    ViewEngine engine = new ViewEngine(layout, plans, ids, stores, maxGroupRows);
    for (int run = 1; run < runs; run++) {
      engine.run(nextBatch, frame, added, whole, Set.of(), joined(), ends, micros()).close();
    }
    try (ViewBatch batch =
        engine.run(nextBatch, frame, added, whole, Set.of(), joined(), ends, micros())) {
      plans.stream()
          .filter(plan -> batch.isWhole(plan.name()))
          .forEach(plan -> held.get(plan.name()).clear());
      List<List<Row>> pairs = new ArrayList<>();
      plans.forEach(plan -> pairs.add(new ArrayList<>()));
      for (InternalRow each : batch.rows().map(InternalRow::copy).collect()) {
        UnsafeRow row = (UnsafeRow) each;
        int kind = row.getInt(ViewRow.KIND);
        if (kind == ViewRow.CHANGE || kind == ViewRow.WHOLE) {
          int view = row.getInt(ViewRow.VIEW);
          pairs
              .get(view)
              .add(
                  RowFactory.create(
                      readers.get(view).read(row.getBinary(ViewRow.BEFORE)),
                      readers.get(view).read(row.getBinary(ViewRow.AFTER))));
        }
      }
      for (int i = 0; i < plans.size(); i++) {
        failed = i;
        take(plans.get(i).name(), pairs.get(i));
      }
      added.clear();
      before = Map.copyOf(now);
      nextBatch++;
    }
  }

  /** The next batch again, as it would run after a crash; what a reader holds stays as it is. */
  List<List<Row>> tryOut(Dataset<Row> changes, long batchId) {
    ViewEngine engine = new ViewEngine(layout, plans, ids, stores, maxGroupRows);
    try (ViewBatch batch = engine.run(batchId, changes, Set.of(), Set.of(), joined())) {
      return plans.stream()
          .map(plan -> batch.changes(plan.name()).collectAsList())
          .map(
              rows -> rows.stream().sorted((a, b) -> a.toString().compareTo(b.toString())).toList())
          .toList();
    }
  }

  Dataset<Row> frame(ChangeLog table) {
    return session.createDataFrame(table.take(), table.changeType()).repartition(3);
  }

  private void take(String view, List<Row> changes) {
    Map<List<Object>, Integer> rows = held.get(view);
    for (Row change : changes) {
      if (!change.isNullAt(0)) {
        List<Object> before = values(change.getStruct(0));
        assertThat(rows).as("what %s has before a change of it", sql.get(view)).containsKey(before);
        rows.computeIfPresent(before, (row, count) -> count == 1 ? null : count - 1);
      }
      if (!change.isNullAt(1)) {
        rows.merge(values(change.getStruct(1)), 1, Integer::sum);
      }
    }
  }

  /** Applies the table's changes without a problem, and checks every view. */
  void applyAndCheck(ChangeLog table) {
    assertThat(apply(table)).isEmpty();
    check(table);
  }

  /** Compares every view with what Spark makes of the same SQL over the table's rows. */
  void check(ChangeLog table) {
    Map<String, Map<List<Object>, Integer>> expected = expected(table);
    for (String view : sql.keySet()) {
      assertThat(held.get(view)).as(sql.get(view)).isEqualTo(expected.get(view));
    }
  }

  Map<String, Map<List<Object>, Integer>> expected(ChangeLog table) {
    return results.of(sql, table.rows(), now, micros());
  }

  static Map<List<Object>, Integer> counted(List<Row> rows) {
    Map<List<Object>, Integer> counted = new LinkedHashMap<>();
    rows.forEach(row -> counted.merge(values(row), 1, Integer::sum));
    return counted;
  }

  /** Values that compare as SQL compares them: arrays by their elements, rows by their fields. */
  static List<Object> values(Row row) {
    List<Object> values = new ArrayList<>();
    for (int i = 0; i < row.length(); i++) {
      values.add(comparable(row.get(i)));
    }
    return values;
  }

  private static Object comparable(Object value) {
    if (value instanceof byte[] bytes) {
      return "bytes " + Arrays.toString(bytes);
    }
    if (value instanceof Row row) {
      return values(row);
    }
    if (value instanceof scala.collection.Seq<?> sequence) {
      return scala.collection.JavaConverters.seqAsJavaList(sequence).stream()
          .map(LiveViews::comparable)
          .toList();
    }
    if (value instanceof scala.collection.Map<?, ?> map) {
      return new LinkedHashMap<>(scala.collection.JavaConverters.mapAsJavaMap(map));
    }
    return value;
  }

  static StructType columns(String ddl) {
    StructType columns = StructType.fromDDL(ddl);
    return new StructType(
        Arrays.stream(columns.fields())
            .map(field -> DataTypes.createStructField(field.name(), field.dataType(), true))
            .toArray(StructField[]::new));
  }

  @Override
  public void close() {
    stores.close();
  }
}
