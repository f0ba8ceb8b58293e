package dev.millrace.view;

import dev.millrace.state.StateStore;
import dev.millrace.view.aggregate.Aggregate;
import dev.millrace.view.aggregate.Group;
import dev.millrace.view.aggregate.ValueIndex;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;

/**
 * The second step of a batch in one partition of the groups' state: adds the batch's part to each
 * group, and tells how the results change. Executor only, for one task.
 */
final class GroupStep {

  private final StateStore store;
  private final List<ViewPlan> plans;
  private final List<Integer> viewIds;
  private final ViewRow rows = new ViewRow();
  private final Consumer<InternalRow> out;
  private final List<Results> results = new ArrayList<>();

  /** Views are numbered from 1. */
  private static final byte[] SIZE_KEY = new byte[Integer.BYTES];

  private final StoreSize size;

  /**
   * Compiles the views for this task.
   *
   * @param viewIds the number of each view in the store
   */
  GroupStep(
      StateStore store, List<ViewPlan> plans, List<Integer> viewIds, Consumer<InternalRow> out) {
    this.store = store;
    this.size = storedSize(store);
    this.plans = plans;
    this.viewIds = viewIds;
    this.out = out;
    for (ViewPlan plan : plans) {
      results.add(plan.grouping().map(Results::new).orElse(null));
    }
  }

  private static StoreSize storedSize(StateStore store) {
    byte[] written = store.get(SIZE_KEY);
    StoreSize found = StoreSize.read(written);
    if (written == null) {
      // A state of a version that did not keep its size, or a new one, which has nothing to count.
      store
          .scan(new byte[0])
          .forEachRemaining(
              entry -> found.count(1, entry.getKey().length, entry.getValue().length));
    }
    return found;
  }

  /** A group of a view. */
  private record GroupName(int view, ByteBuffer key) {}

  /**
   * Folds what the first step found; rows that are not part of a group are handed on.
   *
   * @return whether what was written may be committed: no part of the batch is incomplete
   */
  boolean run(Iterator<InternalRow> found, BatchViews batch) {
    long beganMillis = System.currentTimeMillis();
    boolean isComplete = true;
    Map<GroupName, Group> changed = new HashMap<>();
    while (found.hasNext()) {
      UnsafeRow row = (UnsafeRow) found.next();
      if (row.getInt(ViewRow.KIND) == ViewRow.PARTIAL) {
        int view = row.getInt(ViewRow.VIEW);
        changed
            .computeIfAbsent(
                new GroupName(view, ByteBuffer.wrap(row.getBinary(ViewRow.KEY))),
                first -> new Group(aggregates(view)))
            .addFrom(row.getBinary(ViewRow.AFTER));
      } else if (row.getInt(ViewRow.KIND) == ViewRow.INCOMPLETE) {
        isComplete = false;
      } else {
        out.accept(row.copy());
      }
    }
    changed.forEach((name, change) -> merge(name, change, batch));
    for (int view = 0; view < plans.size(); view++) {
      if (plans.get(view).grouping().isPresent() && batch.isWhole(plans.get(view).name())) {
        scan(view);
      }
    }
    if (size.isChanged()) {
      store.put(SIZE_KEY, size.write());
    }
    out.accept(rows.size(ViewRow.GROUPS, size, beganMillis));
    return isComplete;
  }

  /** Forgets the groups of a view that the pipeline no longer has. */
  void remove(int viewId) {
    byte[] prefix = ByteBuffer.allocate(Integer.BYTES).putInt(viewId).array();
    for (Iterator<Map.Entry<byte[], byte[]>> groups = store.scan(prefix); groups.hasNext(); ) {
      Map.Entry<byte[], byte[]> group = groups.next();
      store.remove(group.getKey());
      size.count(-1, group.getKey().length, group.getValue().length);
    }
    byte[] values = ByteBuffer.allocate(Integer.BYTES).putInt(-viewId).array();
    for (Iterator<Map.Entry<byte[], byte[]>> entries = store.scan(values); entries.hasNext(); ) {
      Map.Entry<byte[], byte[]> entry = entries.next();
      store.remove(entry.getKey());
      size.hold(-1, entry.getKey().length, entry.getValue().length);
    }
  }

  private List<Aggregate> aggregates(int view) {
    return plans.get(view).grouping().orElseThrow().aggregates();
  }

  private void merge(GroupName name, Group change, BatchViews batch) {
    int view = name.view();
    boolean isWholeTable = plans.get(view).grouping().orElseThrow().keys().isEmpty();
    byte[] storeKey = storeKey(view, Expressions.bytes(name.key()));
    byte[] stored = store.get(storeKey);
    if (change.isZero() && !(isWholeTable && stored == null)) {
      return;
    }
    byte[] before = null;
    if (stored != null) {
      Group old = Group.read(aggregates(view), stored);
      before = result(view, Expressions.bytes(name.key()), old, false);
      change.addFrom(stored);
    }
    change.settle(
        aggregate -> new ValueIndex(store, valuesPrefix(view, name.key(), aggregate), size::hold));
    byte[] after = null;
    if (stored != null) {
      size.count(-1, storeKey.length, stored.length);
    }
    if (change.hasRows() || isWholeTable) {
      byte[] written = change.write();
      size.count(1, storeKey.length, written.length);
      store.put(storeKey, written);
      after = result(view, Expressions.bytes(name.key()), change, true);
    } else {
      store.remove(storeKey);
    }
    if (!Arrays.equals(before, after) && !batch.isWhole(plans.get(view).name())) {
      out.accept(rows.change(ViewRow.CHANGE, view, Expressions.bytes(name.key()), before, after));
    }
  }

  /** Delivers a view's whole result. */
  private void scan(int view) {
    byte[] prefix = storeKey(view, new byte[0]);
    for (Iterator<Map.Entry<byte[], byte[]>> groups = store.scan(prefix); groups.hasNext(); ) {
      Map.Entry<byte[], byte[]> entry = groups.next();
      byte[] key = Arrays.copyOfRange(entry.getKey(), prefix.length, entry.getKey().length);
      byte[] result = result(view, key, Group.read(aggregates(view), entry.getValue()), false);
      if (result != null) {
        out.accept(rows.change(ViewRow.WHOLE, view, key, null, result));
      }
    }
  }

  private byte[] storeKey(int view, byte[] key) {
    return ByteBuffer.allocate(Integer.BYTES + key.length)
        .putInt(viewIds.get(view))
        .put(key)
        .array();
  }

  /** What the keys of an index begin with: views are numbered from 1, so no group's key does. */
  private byte[] valuesPrefix(int view, ByteBuffer group, int aggregate) {
    return ByteBuffer.allocate(3 * Integer.BYTES + group.remaining())
        .putInt(-viewIds.get(view))
        .putInt(group.remaining())
        .put(group.duplicate())
        .putInt(aggregate)
        .array();
  }

  /** The result's row for a group; null where HAVING leaves it out, or an expression fails. */
  private byte[] result(int view, byte[] key, Group group, boolean isNew) {
    Object[] aggregates = group.results();
    for (int i = 0; i < aggregates.length; i++) {
      if (aggregates[i] == Group.OVERFLOW) {
        aggregates[i] = null;
        if (isNew) {
          String sql = aggregates(view).get(i).sql();
          out.accept(rows.warning(view, key, sql + " overflows", null, null));
        }
      }
    }
    try {
      return results.get(view).of(key, aggregates);
    } catch (RuntimeException e) {
      if (isNew) {
        out.accept(rows.problem(view, key, null, ViewProblems.reason(e), null, null));
      }
      return null;
    }
  }

  /** From keys and aggregates to a row of the result, compiled. */
  private static final class Results {

    private final int keys;
    private final Consumer<InternalRow> stages;
    private byte[] last;

    Results(ViewPlan.Grouping grouping) {
      this.keys = grouping.keys().size();
      this.stages =
          RowStage.open(
              grouping.results(), Map.of(), row -> last = ((UnsafeRow) row).getBytes().clone());
    }

    byte[] of(byte[] key, Object[] aggregates) {
      last = null;
      stages.accept(new JoinedRow(Expressions.row(key, keys), new GenericInternalRow(aggregates)));
      return last;
    }
  }
}
