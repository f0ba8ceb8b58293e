package dev.millrace.view;

import dev.millrace.state.OrderedKeys;
import dev.millrace.state.StateStore;
import dev.millrace.state.StateStores;
import dev.millrace.view.plan.LookupRows;
import dev.millrace.view.plan.ViewPlan;
import dev.millrace.view.table.BatchEnds;
import dev.millrace.view.table.Expressions;
import dev.millrace.view.table.FlatIterator;
import dev.millrace.view.table.Moves;
import dev.millrace.view.table.Snapshots;
import dev.millrace.view.table.TableFold;
import dev.millrace.view.table.TableKey;
import dev.millrace.view.table.TableLayout;
import dev.millrace.view.table.TopicEnds;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.Partitioner;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.rdd.ShuffledRDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.execution.UnsafeRowSerializer;
import org.apache.spark.sql.functions;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.TaskCompletionListener;
import scala.Tuple2;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/**
 * Keeps the views over one table, a batch of changes at a time. Driver only.
 *
 * <p>Batch N reads version N of the state and commits version N+1, in two stages: the table's rows
 * by key, the groups of all views by group. A batch that runs again reads version N again, and its
 * results are the same.
 */
public final class ViewEngine {

  static final String TABLE_STORE = "table";
  static final String GROUP_STORE = "groups";

  /** Indexes are read in order; rows of the table and groups one by one, or all. */
  public static final OrderedKeys ORDERED_KEYS =
      (store, key) ->
          store.equals(TABLE_STORE)
              ? TableFold.isOrdered(key) || Schedule.isOrdered(key)
              : GroupStep.isOrdered(key);

  private final TableLayout layout;
  private final List<ViewPlan> plans;
  private final List<Integer> viewIds;
  private final StateStores stores;
  private final long maxGroupRows;

  /** What executors have of the lookups of the last batch. */
  private Map<String, Broadcast<LookupRows>> sent = Map.of();

  /**
   * An engine for views.
   *
   * @param viewIds the number of each view in the state: a view keeps its number as long as its SQL
   *     is the same, and no other ever gets it
   */
  public ViewEngine(
      TableLayout layout, List<ViewPlan> plans, List<Integer> viewIds, StateStores stores) {
    this(layout, plans, viewIds, stores, Long.MAX_VALUE);
  }

  /**
   * The same.
   *
   * @param maxGroupRows a group that gets more rows, all of which each of its changes reads, is
   *     among the problems as a warning
   */
  public ViewEngine(
      TableLayout layout,
      List<ViewPlan> plans,
      List<Integer> viewIds,
      StateStores stores,
      long maxGroupRows) {
    this.maxGroupRows = maxGroupRows;
    this.layout = layout;
    this.plans = List.copyOf(plans);
    this.viewIds = List.copyOf(viewIds);
    this.stores = stores;
  }

  /**
   * Applies a batch of changes and commits the state's next version.
   *
   * @param batchId the version that the batch reads
   * @param changes rows of {@code changes} with the columns of the layout
   * @param added the names of views that the state does not have yet
   * @param whole the names of views whose whole result is to be delivered
   * @param lookups those of all views
   */
  public ViewBatch run(
      long batchId,
      Dataset<Row> changes,
      Set<String> added,
      Set<String> whole,
      BatchLookups lookups) {
    return run(batchId, changes, added, whole, Set.of(), lookups, TopicEnds.UNKNOWN, 0);
  }

  /**
   * The same.
   *
   * @param removed the numbers of views whose groups the state is to forget
   * @param topic where the batch ends: a snapshot of the whole table removes the rows that it does
   *     not have once all of it was read
   * @param micros when the batch began, in microseconds since 1970; the same when it runs again
   */
  public ViewBatch run(
      long batchId,
      Dataset<Row> changes,
      Set<String> added,
      Set<String> whole,
      Set<Integer> removed,
      BatchLookups lookups,
      TopicEnds topic,
      long micros) {
    BatchViews batch = batch(changes.sparkSession(), added, whole, lookups, micros);
    Column[] columns =
        layout.changeColumns().stream()
            .map(name -> functions.col("`" + name.replace("`", "``") + "`"))
            .toArray(Column[]::new);
    JavaRDD<InternalRow> rows = changes.select(columns).queryExecution().toRdd().toJavaRDD();
    int changeFields = TableLayout.CHANGE_FIELDS + layout.columns().length();
    // Its files stay for all rounds, so that each message is decoded once.
    JavaRDD<InternalRow> byKey =
        exchange(rows.mapPartitionsToPair(new ByKey(layout)), changeFields);
    Moves moves = Moves.NONE;
    BatchEnds ends = new BatchEnds(topic.ofBatch(), Map.of());
    while (true) {
      JavaRDD<InternalRow> results = fold(batchId, byKey, batch, Set.copyOf(removed), moves, ends);
      // Once, and before any sink: the version is committed when every partition has been computed.
      ViewBatch.Totals totals =
          results.mapPartitions(ViewBatch.Totals::of, true).reduce(ViewBatch.Totals::plus);
      if (totals.awaitsEnds()) {
        // Every partition has the last row of the snapshot, so none has committed anything.
        results.unpersist(false);
        ends = new BatchEnds(ends.ofBatch(), topic.highWatermarks());
        continue;
      }
      Optional<Moves> next =
          totals.problems() == 0
              ? Optional.empty()
              : MoveRounds.after(moves, results, changeFields);
      if (next.isEmpty()) {
        return new ViewBatch(changes.sparkSession(), results, layout, plans, batch, totals);
      }
      // A partition that this round has committed is committed again, with the same contents.
      results.unpersist(false);
      moves = next.get();
    }
  }

  /** Each version of a lookup is sent once; those that the batch does not use are let go. */
  private BatchViews batch(
      SparkSession session,
      Set<String> added,
      Set<String> whole,
      BatchLookups lookups,
      long micros) {
    JavaSparkContext context = JavaSparkContext.fromSparkContext(session.sparkContext());
    Map<String, Broadcast<LookupRows>> last = sent;
    Map<String, Broadcast<LookupRows>> used = new HashMap<>();
    Map<String, Broadcast<LookupRows>> now = new HashMap<>();
    Map<String, Broadcast<LookupRows>> before = new HashMap<>();
    lookups.now().forEach((name, rows) -> now.put(name, sent(context, rows, last, used)));
    lookups.before().forEach((name, rows) -> before.put(name, sent(context, rows, last, used)));
    sent = used;
    return new BatchViews(added, whole, before, now, micros);
  }

  private static Broadcast<LookupRows> sent(
      JavaSparkContext context,
      LookupRows rows,
      Map<String, Broadcast<LookupRows>> last,
      Map<String, Broadcast<LookupRows>> used) {
    return used.computeIfAbsent(
        rows.version(),
        version -> last.containsKey(version) ? last.get(version) : context.broadcast(rows));
  }

  /** The rows that both steps of a batch find, of {@link ViewRow#TYPE}. */
  private JavaRDD<InternalRow> fold(
      long batchId,
      JavaRDD<InternalRow> byKey,
      BatchViews batch,
      Set<Integer> removed,
      Moves moves,
      BatchEnds ends) {
    JavaRDD<InternalRow> found =
        byKey.mapPartitionsWithIndex(
            new FoldTable(layout, plans, viewIds, stores, batchId, batch, removed, moves, ends),
            true);
    Set<Integer> inOneTask =
        IntStream.range(0, plans.size())
            .filter(view -> plans.get(view).isInOneTask())
            .boxed()
            .collect(Collectors.toSet());
    return exchange(
            found.mapPartitionsToPair(new ByGroup(layout.partitions(), viewIds, inOneTask)),
            ViewRow.TYPE.length())
        .mapPartitionsWithIndex(
            new FoldGroups(plans, viewIds, stores, batchId, batch, removed, maxGroupRows), true)
        .persist(StorageLevel.MEMORY_AND_DISK());
  }

  /** Sends rows to the partitions that their numbers name. */
  private JavaRDD<InternalRow> exchange(JavaPairRDD<Integer, InternalRow> pairs, int fields) {
    ClassTag<Object> anyTag = ClassTag$.MODULE$.Any();
    @SuppressWarnings({"unchecked", "rawtypes"})
    ShuffledRDD<Object, InternalRow, InternalRow> shuffled =
        new ShuffledRDD(pairs.rdd(), new ByNumber(layout.partitions()), anyTag, anyTag, anyTag)
            .setSerializer(new UnsafeRowSerializer(fields, null));
    return shuffled.toJavaRDD().map(Tuple2::_2);
  }

  /** A pair's first part is the number of its partition. */
  private static final class ByNumber extends Partitioner {

    private static final long serialVersionUID = 1L;
    private final int partitions;

    ByNumber(int partitions) {
      this.partitions = partitions;
    }

    @Override
    public int numPartitions() {
      return partitions;
    }

    @Override
    public int getPartition(Object key) {
      return (Integer) key;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof ByNumber that && that.partitions == partitions;
    }

    @Override
    public int hashCode() {
      return partitions;
    }
  }

  /**
   * Numbers changes by key; a truncate goes to every partition, and so do the first and last rows
   * of a snapshot of the whole table.
   */
  private record ByKey(TableLayout layout)
      implements org.apache.spark.api.java.function.PairFlatMapFunction<
          Iterator<InternalRow>, Integer, InternalRow> {

    @Override
    public Iterator<Tuple2<Integer, InternalRow>> call(Iterator<InternalRow> rows) {
      TableKey key = new TableKey(layout, TableLayout.CHANGE_FIELDS);
      Map<Long, Map<Integer, Long>> firstOffsets = new HashMap<>();
      return new FlatIterator<>(
          rows,
          (row, out) -> {
            UnsafeRow change = (UnsafeRow) row;
            if (TableFold.isTruncate(change) || isFirstOrLast(change, firstOffsets)) {
              for (int i = 0; i < layout.partitions(); i++) {
                out.accept(new Tuple2<>(i, row));
              }
            } else {
              byte[] bytes = key.of(row);
              int number = bytes == null ? 0 : TableKey.partition(bytes, layout.partitions());
              out.accept(new Tuple2<>(number, row));
            }
          });
    }
  }

  /**
   * Whether a row of a snapshot is the first one so far in its partition of the topic, or the last.
   */
  private static boolean isFirstOrLast(
      UnsafeRow change, Map<Long, Map<Integer, Long>> firstOffsets) {
    if (!Snapshots.isRow(change)) {
      return false;
    }
    long offset = change.getLong(TableLayout.OFFSET);
    Map<Integer, Long> ofSnapshot =
        firstOffsets.computeIfAbsent(change.getLong(TableLayout.LSN), lsn -> new HashMap<>());
    Long first = ofSnapshot.get(change.getInt(TableLayout.PARTITION));
    if (first == null || offset < first) {
      ofSnapshot.put(change.getInt(TableLayout.PARTITION), offset);
      return true;
    }
    return Snapshots.isLastRow(change);
  }

  /**
   * Numbers the parts of groups by group and by the number that the view has in the state, which
   * stays as it is when other views come and go; where one task keeps all of a view's groups, by
   * the view alone. That a part is incomplete goes to every partition, and everything else stays
   * where it is.
   */
  private record ByGroup(int partitions, List<Integer> viewIds, Set<Integer> inOneTask)
      implements org.apache.spark.api.java.function.PairFlatMapFunction<
          Iterator<InternalRow>, Integer, InternalRow> {

    @Override
    public Iterator<Tuple2<Integer, InternalRow>> call(Iterator<InternalRow> rows) {
      int own = TaskContext.getPartitionId();
      return new FlatIterator<>(
          rows,
          (row, out) -> {
            if (row.getInt(ViewRow.KIND) == ViewRow.INCOMPLETE) {
              for (int i = 0; i < partitions; i++) {
                out.accept(new Tuple2<>(i, row));
              }
              return;
            }
            int kind = row.getInt(ViewRow.KIND);
            boolean isOfGroups = kind == ViewRow.PARTIAL || kind == ViewRow.BEGIN;
            out.accept(new Tuple2<>(isOfGroups ? number(row) : own, row));
          });
    }

    private int number(InternalRow row) {
      int view = row.getInt(ViewRow.VIEW);
      byte[] key =
          inOneTask.contains(view) || row.isNullAt(ViewRow.KEY)
              ? new byte[0]
              : row.getBinary(ViewRow.KEY);
      // Views are numbered from 1.
      return Math.floorMod(31 * (viewIds.get(view) - 1) + Expressions.hash(key), partitions);
    }
  }

  private record FoldTable(
      TableLayout layout,
      List<ViewPlan> plans,
      List<Integer> viewIds,
      StateStores stores,
      long version,
      BatchViews batch,
      Set<Integer> removed,
      Moves moves,
      BatchEnds ends)
      implements org.apache.spark.api.java.function.Function2<
          Integer, Iterator<InternalRow>, Iterator<InternalRow>> {

    @Override
    public Iterator<InternalRow> call(Integer partition, Iterator<InternalRow> rows) {
      StateStore store = opened(stores.open(TABLE_STORE, partition, version));
      List<InternalRow> out = new ArrayList<>();
      TableStep step = new TableStep(store, plans, viewIds, batch, partition, out::add);
      removed.forEach(step::remove);
      if (step.run(layout, rows, moves, ends)) {
        store.commit();
      } else {
        store.abort();
      }
      return out.iterator();
    }
  }

  private record FoldGroups(
      List<ViewPlan> plans,
      List<Integer> viewIds,
      StateStores stores,
      long version,
      BatchViews batch,
      Set<Integer> removed,
      long maxGroupRows)
      implements org.apache.spark.api.java.function.Function2<
          Integer, Iterator<InternalRow>, Iterator<InternalRow>> {

    @Override
    public Iterator<InternalRow> call(Integer partition, Iterator<InternalRow> rows) {
      StateStore store = opened(stores.open(GROUP_STORE, partition, version));
      List<InternalRow> out = new ArrayList<>();
      GroupStep step = new GroupStep(store, plans, viewIds, maxGroupRows, out::add);
      removed.forEach(step::remove);
      if (step.run(rows, batch)) {
        store.commit();
      } else {
        store.abort();
      }
      return out.iterator();
    }
  }

  /** A store that is given up where its task fails. */
  private static StateStore opened(StateStore store) {
    TaskContext.get().addTaskCompletionListener((TaskCompletionListener) context -> store.abort());
    return store;
  }
}
