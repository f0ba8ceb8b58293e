package dev.millrace.view;

import dev.millrace.state.StateStore;
import dev.millrace.view.aggregate.Group;
import dev.millrace.view.aggregate.ValueIndex;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
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

  /** The levels of each view, compiled. */
  private final List<List<Level>> levels = new ArrayList<>();

  /** How many levels a view can have. */
  static final int MAX_LEVELS = 8;

  /** The numbers of views are below 2^24. */
  private static final int LEVEL_SHIFT = 24;

  /** The group of all rows. */
  private static final ByteBuffer NO_KEY = ByteBuffer.allocate(0);

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
    for (int view = 0; view < plans.size(); view++) {
      List<Level> ofView = new ArrayList<>();
      for (int level = 0; level < plans.get(view).levels().size(); level++) {
        ofView.add(new Level(view, level));
      }
      levels.add(ofView);
    }
  }

  /** As {@link dev.millrace.state.OrderedKeys}: an index begins with a number below 0. */
  static boolean isOrdered(byte[] key) {
    return key.length > 0 && key[0] < 0;
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

  /** A group of a level of a view. */
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
    Set<Integer> begun = new HashSet<>();
    while (found.hasNext()) {
      UnsafeRow row = (UnsafeRow) found.next();
      int view = row.getInt(ViewRow.VIEW);
      switch (row.getInt(ViewRow.KIND)) {
        case ViewRow.PARTIAL ->
            group(changed, view, 0, ByteBuffer.wrap(row.getBinary(ViewRow.KEY)))
                .addFrom(row.getBinary(ViewRow.AFTER));
        case ViewRow.BEGIN -> begun.add(view);
        case ViewRow.INCOMPLETE -> isComplete = false;
        default -> out.accept(row.copy());
      }
    }
    int highest = levels.stream().mapToInt(List::size).max().orElse(0);
    for (int level = 0; level < highest; level++) {
      for (int view : begun) {
        if (level < levels.get(view).size() && levels.get(view).get(level).isNeverEmpty()) {
          group(changed, view, level, NO_KEY);
        }
      }
      Map<GroupName, Group> next = new HashMap<>();
      for (Map.Entry<GroupName, Group> change : changed.entrySet()) {
        levels
            .get(change.getKey().view())
            .get(level)
            .merge(change.getKey().key(), change.getValue(), batch, next);
      }
      changed = next;
    }
    for (List<Level> ofView : levels) {
      if (!ofView.isEmpty()) {
        ofView.get(ofView.size() - 1).scanIfWhole(batch);
      }
    }
    if (size.isChanged()) {
      store.put(SIZE_KEY, size.write());
    }
    out.accept(rows.size(ViewRow.GROUPS, size, beganMillis));
    return isComplete;
  }

  /** The batch's part of a group. */
  private Group group(Map<GroupName, Group> changed, int view, int level, ByteBuffer key) {
    return changed.computeIfAbsent(
        new GroupName(view, key),
        first -> new Group(plans.get(view).levels().get(level).aggregates()));
  }

  /** Forgets the groups of a view that the pipeline no longer has. */
  void remove(int viewId) {
    for (int level = 0; level < MAX_LEVELS; level++) {
      removeGroups(levelId(viewId, level));
    }
  }

  /** Groups of a level have a number of their own; those of the first that of the view. */
  private static int levelId(int viewId, int level) {
    return viewId + (level << LEVEL_SHIFT);
  }

  private void removeGroups(int viewId) {
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

  /** The groups of one level of a view, compiled. */
  private final class Level {

    private final int view;
    private final int level;
    private final int id;
    private final ViewPlan.Grouping grouping;
    private final boolean isLast;
    private final Consumer<InternalRow> stages;

    /** What {@link #stages} made of the last group. */
    private final List<UnsafeRow> made = new ArrayList<>();

    /** Of a row of this level, for the next one; null at the last level. */
    private final UnsafeProjection nextKeys;

    private final UnsafeProjection nextInputs;

    /**
     * What the rows of the result are known by; null where they have no key, and where the group
     * has one row, which stays the same one.
     */
    private final ResultKey resultKey;

    Level(int view, int level) {
      ViewPlan plan = plans.get(view);
      this.view = view;
      this.level = level;
      this.id = levelId(viewIds.get(view), level);
      this.grouping = plan.levels().get(level);
      this.isLast = level == plan.levels().size() - 1;
      this.stages =
          RowStage.open(
              grouping.results(), RowStage.Context.NONE, row -> made.add(((UnsafeRow) row).copy()));
      this.nextKeys = isLast ? null : projection(plan.levels().get(level + 1).keys());
      this.nextInputs = isLast ? null : projection(plan.levels().get(level + 1).inputs());
      this.resultKey = isLast && plan.isKeyed() && grouping.isTop() ? new ResultKey(plan) : null;
    }

    private static UnsafeProjection projection(List<Expression> expressions) {
      return Expressions.projection(expressions.toArray(Expression[]::new));
    }

    boolean isNeverEmpty() {
      return grouping.isNeverEmpty();
    }

    /**
     * Adds the batch's part to a group.
     *
     * @param next takes what changes at the next level
     */
    void merge(ByteBuffer key, Group change, BatchViews batch, Map<GroupName, Group> next) {
      byte[] keyBytes = Expressions.bytes(key);
      byte[] storeKey = storeKey(keyBytes);
      byte[] stored = store.get(storeKey);
      if (change.isZero() && !(isNeverEmpty() && stored == null)) {
        return;
      }
      List<UnsafeRow> before = List.of();
      if (stored != null) {
        before = results(keyBytes, Group.read(grouping.aggregates(), stored), false);
        change.addFrom(stored);
        size.count(-1, storeKey.length, stored.length);
      }
      change.settle(
          aggregate -> new ValueIndex(store, valuesPrefix(keyBytes, aggregate), size::hold));
      List<UnsafeRow> after = List.of();
      if (change.hasRows() || isNeverEmpty()) {
        byte[] written = change.write();
        size.count(1, storeKey.length, written.length);
        store.put(storeKey, written);
        after = results(keyBytes, change, true);
      } else {
        store.remove(storeKey);
      }
      if (!isLast) {
        accumulate(before, -1, next);
        accumulate(after, 1, next);
      } else if (!batch.isWhole(plans.get(view).name())) {
        for (RowPair pair : RowPair.of(bytes(before), bytes(after), resultKey)) {
          out.accept(rows.change(ViewRow.CHANGE, view, keyBytes, pair.before(), pair.after()));
        }
      }
    }

    private void accumulate(List<UnsafeRow> found, int sign, Map<GroupName, Group> next) {
      for (UnsafeRow row : found) {
        ByteBuffer key = ByteBuffer.wrap(nextKeys.apply(row).getBytes().clone());
        group(next, view, level + 1, key).add(nextInputs.apply(row), sign);
      }
    }

    private static List<byte[]> bytes(List<UnsafeRow> found) {
      return found.stream().map(UnsafeRow::getBytes).toList();
    }

    /** Delivers the whole result, if the batch does. */
    void scanIfWhole(BatchViews batch) {
      if (!batch.isWhole(plans.get(view).name())) {
        return;
      }
      byte[] prefix = storeKey(new byte[0]);
      for (Iterator<Map.Entry<byte[], byte[]>> groups = store.scan(prefix); groups.hasNext(); ) {
        Map.Entry<byte[], byte[]> entry = groups.next();
        byte[] key = Arrays.copyOfRange(entry.getKey(), prefix.length, entry.getKey().length);
        Group group = Group.read(grouping.aggregates(), entry.getValue());
        for (byte[] result : bytes(results(key, group, false))) {
          out.accept(rows.change(ViewRow.WHOLE, view, key, null, result));
        }
      }
    }

    private byte[] storeKey(byte[] key) {
      return ByteBuffer.allocate(Integer.BYTES + key.length).putInt(id).put(key).array();
    }

    /** What the keys of an index begin with: levels are numbered from 1, so no group's key does. */
    private byte[] valuesPrefix(byte[] group, int aggregate) {
      return ByteBuffer.allocate(3 * Integer.BYTES + group.length)
          .putInt(-id)
          .putInt(group.length)
          .put(group)
          .putInt(aggregate)
          .array();
    }

    /**
     * The rows of a group in the result of the level; none where HAVING leaves it out, or an
     * expression fails.
     */
    private List<UnsafeRow> results(byte[] key, Group group, boolean isNew) {
      Object[] aggregates = group.results();
      for (int i = 0; i < aggregates.length; i++) {
        if (aggregates[i] == Group.OVERFLOW) {
          aggregates[i] = null;
          if (isNew) {
            String sql = grouping.aggregates().get(i).sql();
            out.accept(rows.overflow(view, level, key, sql + " overflows"));
          }
        }
      }
      made.clear();
      try {
        stages.accept(
            new JoinedRow(
                Expressions.row(key, grouping.keys().size()), new GenericInternalRow(aggregates)));
        return List.copyOf(made);
      } catch (RuntimeException e) {
        if (isNew) {
          out.accept(rows.problem(view, level, key, ViewProblems.reason(e)));
        }
        return List.of();
      }
    }
  }
}
