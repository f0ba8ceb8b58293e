package dev.millrace.view;

import dev.millrace.state.StateStore;
import dev.millrace.state.StateStores;
import dev.millrace.view.plan.LookupRows;
import dev.millrace.view.plan.ViewPlan;
import dev.millrace.view.table.BatchEnds;
import dev.millrace.view.table.Expressions;
import dev.millrace.view.table.FlatIterator;
import dev.millrace.view.table.Moves;
import dev.millrace.view.table.TableFold;
import dev.millrace.view.table.TableLayout;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.BoundReference;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.TaskCompletionListener;

/**
 * A version of the state, to be read next to the process that keeps it: nothing is written to its
 * folder. What is read is evaluated again by each action. Driver only.
 */
public final class StoredViews {

  private final TableLayout layout;
  private final StateStores stores;
  private final long version;
  private final Map<String, LookupRows> lookups;

  /**
   * @param version one that every partition has committed: batch N commits version N+1
   * @param lookups by their names, as the version was made with them
   */
  public StoredViews(
      TableLayout layout, StateStores stores, long version, Map<String, LookupRows> lookups) {
    this.lookups = Map.copyOf(lookups);
    this.layout = layout;
    this.stores = stores;
    this.version = version;
  }

  /** The rows that the table has, with the columns that the state keeps. */
  public Dataset<Row> table(SparkSession session) {
    return session.internalCreateDataFrame(
        partitions(session)
            .mapPartitionsWithIndex(new ReadTable(layout, stores, version), true)
            .rdd(),
        layout.columns(),
        false);
  }

  /** The keys of the rows that the table has, and of those that are remembered as deleted. */
  public Dataset<Row> knownKeys(SparkSession session) {
    StructType type =
        new StructType(
            layout.key().stream()
                .map(name -> layout.columns().apply(name))
                .toArray(StructField[]::new));
    return session.internalCreateDataFrame(
        partitions(session)
            .mapPartitionsWithIndex(new ReadKeys(layout, stores, version), true)
            .rdd(),
        type,
        false);
  }

  /**
   * The result of a view.
   *
   * @param viewId its number in the state, which has the view
   */
  public Dataset<Row> result(SparkSession session, ViewPlan plan, int viewId) {
    JavaSparkContext context = JavaSparkContext.fromSparkContext(session.sparkContext());
    Map<String, Broadcast<LookupRows>> sent = new HashMap<>();
    if (plan.isRowByRow()) {
      plan.lookups().keySet().forEach(name -> sent.put(name, context.broadcast(lookups.get(name))));
    }
    BatchViews whole = new BatchViews(Set.of(), Set.of(plan.name()), sent, sent, Long.MIN_VALUE);
    JavaRDD<InternalRow> rows =
        partitions(session)
            .mapPartitionsWithIndex(
                new ReadView(layout, plan, viewId, stores, version, whole), true);
    return new ViewBatch(session, rows, layout, List.of(plan), whole, ViewBatch.Totals.NONE)
        .changes(plan.name())
        .select(ViewBatch.AFTER + ".*");
  }

  /**
   * What SQL calls now() as of the version, in microseconds since 1970; empty where no view has
   * depended on it.
   */
  public OptionalLong micros(SparkSession session) {
    return partitions(session)
        .mapPartitionsWithIndex(new ReadTime(stores, version), true)
        .collect()
        .stream()
        .mapToLong(Long::longValue)
        .max();
  }

  private JavaRDD<Integer> partitions(SparkSession session) {
    return JavaSparkContext.fromSparkContext(session.sparkContext())
        .parallelize(IntStream.range(0, layout.partitions()).boxed().toList(), layout.partitions());
  }

  private static StateStore opened(StateStore store) {
    TaskContext.get().addTaskCompletionListener((TaskCompletionListener) context -> store.abort());
    return store;
  }

  private record ReadTable(TableLayout layout, StateStores stores, long version)
      implements org.apache.spark.api.java.function.Function2<
          Integer, Iterator<Integer>, Iterator<InternalRow>> {

    @Override
    public Iterator<InternalRow> call(Integer partition, Iterator<Integer> numbers) {
      StateStore store = opened(stores.openCopy(ViewEngine.TABLE_STORE, partition, version));
      List<Expression> columns = new ArrayList<>();
      for (StructField field : layout.columns().fields()) {
        columns.add(
            new BoundReference(
                TableLayout.ROW_FIELDS + columns.size(), field.dataType(), field.nullable()));
      }
      UnsafeProjection projection = Expressions.projection(columns.toArray(Expression[]::new));
      return new FlatIterator<>(
          TableFold.rows(store, layout, 0), (row, out) -> out.accept(projection.apply(row).copy()));
    }
  }

  private record ReadKeys(TableLayout layout, StateStores stores, long version)
      implements org.apache.spark.api.java.function.Function2<
          Integer, Iterator<Integer>, Iterator<InternalRow>> {

    @Override
    public Iterator<InternalRow> call(Integer partition, Iterator<Integer> numbers) {
      StateStore store = opened(stores.openCopy(ViewEngine.TABLE_STORE, partition, version));
      return new FlatIterator<>(
          TableFold.keys(store, 0),
          (key, out) -> out.accept(Expressions.row(key, layout.key().size())));
    }
  }

  private record ReadTime(StateStores stores, long version)
      implements org.apache.spark.api.java.function.Function2<
          Integer, Iterator<Integer>, Iterator<Long>> {

    @Override
    public Iterator<Long> call(Integer partition, Iterator<Integer> numbers) {
      StateStore store = opened(stores.openCopy(ViewEngine.TABLE_STORE, partition, version));
      return new Schedule(store, 0).time().stream().boxed().iterator();
    }
  }

  private record ReadView(
      TableLayout layout,
      ViewPlan plan,
      int viewId,
      StateStores stores,
      long version,
      BatchViews whole)
      implements org.apache.spark.api.java.function.Function2<
          Integer, Iterator<Integer>, Iterator<InternalRow>> {

    @Override
    public Iterator<InternalRow> call(Integer partition, Iterator<Integer> numbers) {
      List<InternalRow> out = new ArrayList<>();
      String name = plan.isRowByRow() ? ViewEngine.TABLE_STORE : ViewEngine.GROUP_STORE;
      StateStore store = opened(stores.openCopy(name, partition, version));
      if (!plan.isRowByRow()) {
        new GroupStep(store, List.of(plan), List.of(viewId), Long.MAX_VALUE, out::add)
            .run(Collections.emptyIterator(), whole);
      } else {
        new TableStep(store, List.of(plan), List.of(viewId), whole, -1, out::add)
            .run(layout, Collections.emptyIterator(), Moves.NONE, BatchEnds.UNKNOWN);
      }
      return out.iterator();
    }
  }
}
