package dev.millrace.view;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.state.StateStores;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Views over a table of a test, and what a reader of all their changes holds. */
final class LiveViews implements AutoCloseable {

  private final SparkSession session;
  private final StructType columns;
  private final StateStores stores;
  private final TableLayout layout;
  private final ViewPlanner planner;
  private final Map<String, String> sql = new LinkedHashMap<>();
  private final List<ViewPlan> plans = new ArrayList<>();
  private final List<Integer> ids = new ArrayList<>();
  private final Set<String> added = new LinkedHashSet<>();
  private final Map<String, Map<List<Object>, Integer>> held = new LinkedHashMap<>();
  private long nextBatch;

  LiveViews(SparkSession session, Path state, StructType columns, List<String> queries) {
    this(session, state, columns, List.of(columns.fieldNames()[0]), queries);
  }

  LiveViews(
      SparkSession session,
      Path state,
      StructType columns,
      List<String> key,
      List<String> queries) {
    this.session = session;
    this.columns = columns;
    this.stores = StateStores.in(state.toUri().toString(), session, 64);
    this.layout = new TableLayout("t", key, columns, 2, Duration.ofDays(7));
    this.planner = new ViewPlanner(session, "t", key, columns);
    queries.forEach(this::add);
  }

  /** Adds a view; the next batch makes it from all rows. */
  void add(String query) {
    String name = "v" + plans.size();
    plans.add(planner.plan(name, query, "test.yaml:1: outputs." + name + ".sql", layout));
    ids.add(plans.size());
    sql.put(name, query);
    added.add(name);
    held.put(name, new LinkedHashMap<>());
  }

  List<ViewPlan> plans() {
    return plans;
  }

  TableLayout layout() {
    return layout;
  }

  long nextBatch() {
    return nextBatch;
  }

  Map<List<Object>, Integer> held(String view) {
    return held.get(view);
  }

  /** Applies the table's changes since the last batch; the problems that were met. */
  List<Row> apply(ChangeLog table) {
    return apply(table, Set.of());
  }

  List<Row> apply(ChangeLog table, Set<String> whole) {
    ViewEngine engine = new ViewEngine(layout, plans, ids, stores);
    try (ViewBatch batch = engine.run(nextBatch, frame(table), added, whole)) {
      for (ViewPlan plan : plans) {
        if (batch.isWhole(plan.name())) {
          held.get(plan.name()).clear();
        }
        take(plan.name(), batch.changes(plan.name()).collectAsList());
      }
      added.clear();
      nextBatch++;
      return batch.problems().collectAsList();
    }
  }

  /** The next batch again, as it would run after a crash; what a reader holds stays as it is. */
  List<List<Row>> rehearse(Dataset<Row> changes, long batchId) {
    ViewEngine engine = new ViewEngine(layout, plans, ids, stores);
    try (ViewBatch batch = engine.run(batchId, changes, Set.of(), Set.of())) {
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

  /** Compares every view with what Spark makes of the same SQL over the table's rows. */
  void check(ChangeLog table) {
    Map<String, Map<List<Object>, Integer>> expected = expected(table);
    for (String view : sql.keySet()) {
      assertThat(held.get(view)).as(sql.get(view)).isEqualTo(expected.get(view));
    }
  }

  Map<String, Map<List<Object>, Integer>> expected(ChangeLog table) {
    SparkSession own = session.newSession();
    own.conf().set("spark.sql.ansi.enabled", "true");
    own.conf().set("spark.sql.shuffle.partitions", "1");
    own.conf().set("spark.sql.leafNodeDefaultParallelism", "1");
    own.conf().set("spark.sql.adaptive.enabled", "false");
    own.conf().set("spark.sql.codegen.wholeStage", "false");
    own.conf().set("spark.sql.codegen.factoryMode", "NO_CODEGEN");
    own.createDataFrame(table.rows(), columns).createOrReplaceTempView("t");
    Map<String, Map<List<Object>, Integer>> expected = new LinkedHashMap<>();
    sql.forEach((view, query) -> expected.put(view, counted(own.sql(query).collectAsList())));
    return expected;
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
