package dev.millrace.view;

import dev.millrace.state.StateStore;
import dev.millrace.view.aggregate.Group;
import dev.millrace.view.plan.ViewPlan;
import dev.millrace.view.table.Expressions;
import dev.millrace.view.table.StoreSize;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;

/**
 * The second step of a batch in one partition of the groups' state: adds the batch's part to each
 * group, and tells how the results change. Executor only, for one task.
 */
final class GroupStep {

  /** The numbers of views are below 2^24. */
  private static final int LEVEL_SHIFT = 24;

  /** The group of all rows. */
  private static final ByteBuffer NO_KEY = ByteBuffer.allocate(0);

  /** Views are numbered from 1. */
  private static final byte[] SIZE_KEY = new byte[Integer.BYTES];

  private final StateStore store;
  private final List<ViewPlan> plans;
  private final ViewRow rows = new ViewRow();
  private final Consumer<InternalRow> out;
  private final StoreSize size;

  /** The levels of each view, compiled. */
  private final List<List<GroupLevel>> levels = new ArrayList<>();

  /** The batch's part of the groups of each level. */
  private final List<Map<GroupName, Group>> changed = new ArrayList<>();

  /**
   * Compiles the views for this task.
   *
   * @param viewIds the number of each view in the store
   * @param maxGroupRows a group that gets more rows, all of which are read, is a warning
   */
  GroupStep(
      StateStore store,
      List<ViewPlan> plans,
      List<Integer> viewIds,
      long maxGroupRows,
      Consumer<InternalRow> out) {
    this.store = store;
    this.size = storedSize(store);
    this.plans = plans;
    this.out = out;
    for (int level = 0; level < ViewPlan.MAX_LEVELS; level++) {
      changed.add(new HashMap<>());
    }
    for (int view = 0; view < plans.size(); view++) {
      List<GroupLevel> ofView = new ArrayList<>();
      for (int level = 0; level < plans.get(view).levels().size(); level++) {
        int id = levelId(viewIds.get(view), level);
        GroupRecords records =
            new GroupRecords(store, size, id, plans.get(view).levels().get(level), maxGroupRows);
        ofView.add(GroupLevel.of(plans.get(view), view, level, records, this::group, out));
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
    Set<Integer> begun = new HashSet<>();
    while (found.hasNext()) {
      UnsafeRow row = (UnsafeRow) found.next();
      int view = row.getInt(ViewRow.VIEW);
      switch (row.getInt(ViewRow.KIND)) {
        case ViewRow.PARTIAL ->
            group(
                    view,
                    (int) row.getLong(ViewRow.ROWS),
                    ByteBuffer.wrap(row.getBinary(ViewRow.KEY)))
                .addFrom(row.getBinary(ViewRow.AFTER));
        case ViewRow.BEGIN -> begun.add(view);
        case ViewRow.INCOMPLETE -> isComplete = false;
        default -> out.accept(row.copy());
      }
    }
    for (int level = 0; level < ViewPlan.MAX_LEVELS; level++) {
      for (int view : begun) {
        if (level < levels.get(view).size() && levels.get(view).get(level).isNeverEmpty()) {
          group(view, level, NO_KEY);
        }
      }
      for (Map.Entry<GroupName, Group> change : changed.get(level).entrySet()) {
        GroupName name = change.getKey();
        levels
            .get(name.view())
            .get(level)
            .merge(Expressions.bytes(name.key()), change.getValue(), batch);
      }
    }
    for (List<GroupLevel> ofView : levels) {
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
  private Group group(int view, int level, ByteBuffer key) {
    return changed
        .get(level)
        .computeIfAbsent(
            new GroupName(view, key),
            first -> new Group(plans.get(view).levels().get(level).aggregates()));
  }

  /** Forgets the groups of a view that the pipeline no longer has. */
  void remove(int viewId) {
    for (int level = 0; level < ViewPlan.MAX_LEVELS; level++) {
      GroupRecords.removeAll(store, size, levelId(viewId, level));
    }
  }

  /** Groups of a level have a number of their own; those of the first that of the view. */
  private static int levelId(int viewId, int level) {
    return viewId + (level << LEVEL_SHIFT);
  }
}
