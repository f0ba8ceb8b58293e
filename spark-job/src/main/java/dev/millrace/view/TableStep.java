package dev.millrace.view;

import dev.millrace.state.StateStore;
import dev.millrace.view.TableFold.Rejection;
import dev.millrace.view.aggregate.Aggregate;
import dev.millrace.view.aggregate.Group;
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
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;

/**
 * The first step of a batch in one partition of the table's state: changes of rows to changes of
 * results, and to the batch's part of each group. Executor only, for one task.
 */
final class TableStep implements TableFold.Listener {

  private final List<View> views = new ArrayList<>();
  private final ViewRow rows = new ViewRow();
  private final BatchViews batch;
  private final Consumer<InternalRow> out;

  /** The keys whose rows the batch changes; only those that somebody asks for. */
  private final Set<ByteBuffer> changedKeys = new HashSet<>();

  private boolean isAnyLookupChanged;
  private boolean lacksValue;

  /** Compiles the views for this task. */
  TableStep(List<ViewPlan> plans, BatchViews batch, Consumer<InternalRow> out) {
    this.batch = batch;
    this.out = out;
    for (int i = 0; i < plans.size(); i++) {
      views.add(new View(i, plans.get(i)));
    }
  }

  /**
   * Which views take part, and how: those that are new get every row, the others each change, and
   * those of which a lookup changed also every other row, for what the lookup changes of it.
   *
   * @param partition the number of this one, below 0 where the state is only read
   * @return whether what was written may be committed: no create lacks a value that another round
   *     may know, and no snapshot waits for how far the topic goes
   */
  boolean run(
      StateStore store,
      TableLayout layout,
      Iterator<InternalRow> changes,
      Moves moves,
      BatchEnds ends,
      int partition) {
    long beganMillis = System.currentTimeMillis();
    TableFold fold = new TableFold(store, layout, 0, moves, ends, partition, this);
    views.forEach(view -> view.mode = isScanned(view) ? Mode.NONE : Mode.CHANGES);
    List<View> rederived =
        views.stream().filter(view -> view.mode == Mode.CHANGES && view.isLookupChanged).toList();
    isAnyLookupChanged = !rederived.isEmpty();
    fold.fold(changes);
    views.forEach(view -> view.mode = isScanned(view) ? Mode.SCAN : Mode.NONE);
    if (isAnyLookupChanged || views.stream().anyMatch(view -> view.mode == Mode.SCAN)) {
      fold.scan(
          (key, row) -> {
            views.forEach(view -> view.changed(key, null, row));
            if (isAnyLookupChanged && !changedKeys.contains(ByteBuffer.wrap(key))) {
              rederived.forEach(view -> view.rederive(key, row));
            }
          });
    }
    views.forEach(view -> view.flush(partition == 0));
    out.accept(rows.size(ViewRow.NO_VIEW, fold.size(), beganMillis));
    fold.missedDeletes().ifPresent(count -> out.accept(rows.missedDeletes(count)));
    if (fold.awaitsEnds()) {
      out.accept(rows.awaitsEnds());
    }
    boolean isComplete = (moves.isLast() || !lacksValue) && !fold.awaitsEnds();
    if (!isComplete) {
      out.accept(rows.incomplete());
    }
    return isComplete;
  }

  /** Whether a view is made from all rows: groups that the state has are delivered from there. */
  private boolean isScanned(View view) {
    return batch.isNew(view.plan.name())
        || (batch.isWhole(view.plan.name()) && view.plan.grouping().isEmpty());
  }

  @Override
  public void changed(byte[] key, UnsafeRow before, UnsafeRow after) {
    for (View view : views) {
      view.changed(key, before, after);
    }
    if (isAnyLookupChanged) {
      changedKeys.add(ByteBuffer.wrap(key));
    }
  }

  @Override
  public void rejected(byte[] key, Rejection reason, UnsafeRow change) {
    lacksValue |= reason == Rejection.UNKNOWN_MOVED_VALUE;
    out.accept(
        rows.problem(
            ViewRow.NO_VIEW,
            key,
            change.getBytes(),
            reason.name(),
            change.getInt(TableLayout.PARTITION),
            change.getLong(TableLayout.OFFSET)));
  }

  @Override
  public void removed(Moves.Move move, UnsafeRow row) {
    out.accept(rows.removed(move, row.getBytes()));
  }

  @Override
  public void restored(int partition, long offset) {
    out.accept(rows.warning(ViewRow.NO_VIEW, new byte[0], "RESTORED", partition, offset));
  }

  private enum Mode {
    NONE,
    CHANGES,
    SCAN
  }

  /** A view, compiled. */
  private final class View {

    private final int number;
    private final ViewPlan plan;
    private final boolean isLookupChanged;

    /** With the lookups as they are now. */
    private final Consumer<InternalRow> stages;

    /** With the lookups as they were; the same where none has changed. */
    private final Consumer<InternalRow> stagesBefore;

    private final List<byte[]> found = new ArrayList<>();
    private final List<UnsafeRow> foundInputs = new ArrayList<>();
    private final Map<ByteBuffer, Group> groups = new HashMap<>();
    private final ResultKey resultKey;
    private Mode mode = Mode.CHANGES;

    View(int number, ViewPlan plan) {
      this.number = number;
      this.plan = plan;
      this.isLookupChanged = batch.isLookupChanged(plan);
      this.stages = compiled(batch.now());
      this.stagesBefore = isLookupChanged ? compiled(batch.before()) : stages;
      this.resultKey = plan.checksKey() ? new ResultKey(plan) : null;
    }

    private Consumer<InternalRow> compiled(Map<String, LookupRows> lookups) {
      return RowStage.open(
          plan.rows(),
          lookups,
          plan.grouping().isEmpty()
              ? row -> found.add(((UnsafeRow) row).getBytes().clone())
              : grouped(plan.grouping().get()));
    }

    private Consumer<InternalRow> grouped(ViewPlan.Grouping grouping) {
      UnsafeProjection keys = Expressions.projection(grouping.keys().toArray(Expression[]::new));
      UnsafeProjection inputs =
          Expressions.projection(grouping.inputs().toArray(Expression[]::new));
      return row -> {
        byte[] key = keys.apply(row).getBytes().clone();
        foundInputs.add(inputs.apply(row).copy());
        found.add(key);
      };
    }

    void changed(byte[] key, UnsafeRow before, UnsafeRow after) {
      if (mode == Mode.NONE) {
        return;
      }
      if (plan.grouping().isPresent()) {
        evaluate(key, before, stagesBefore, false);
        accumulate(-1);
        evaluate(key, after, stages, true);
        accumulate(1);
        return;
      }
      List<byte[]> olds = results(key, before, stagesBefore, false);
      List<byte[]> news = results(key, after, stages, true);
      tell(key, olds, news, TableRow.of(after == null ? before : after));
    }

    /** What a changed lookup makes of a row that stayed as it was. */
    void rederive(byte[] key, UnsafeRow row) {
      boolean wasComputed = evaluate(key, row, stagesBefore, false);
      List<byte[]> olds = List.copyOf(found);
      List<UnsafeRow> oldInputs = List.copyOf(foundInputs);
      // A row that was left out before has its dead letter.
      evaluate(key, row, stages, wasComputed);
      if (plan.grouping().isEmpty()) {
        tell(key, olds, List.copyOf(found), TableRow.of(row));
      } else if (!oldInputs.equals(foundInputs) || !areEqual(olds, found)) {
        accumulate(1);
        found.clear();
        found.addAll(olds);
        foundInputs.clear();
        foundInputs.addAll(oldInputs);
        accumulate(-1);
      }
    }

    private static boolean areEqual(List<byte[]> some, List<byte[]> others) {
      return Arrays.deepEquals(some.toArray(), others.toArray());
    }

    private List<byte[]> results(
        byte[] key, UnsafeRow image, Consumer<InternalRow> compiled, boolean isNew) {
      evaluate(key, image, compiled, isNew);
      return List.copyOf(found);
    }

    /** Tells how the rows of the result that stem from one row of the table change. */
    private void tell(byte[] key, List<byte[]> olds, List<byte[]> news, TableRow changed) {
      int kind = mode == Mode.SCAN ? ViewRow.WHOLE : ViewRow.CHANGE;
      for (RowPair pair : RowPair.of(olds, news, resultKey)) {
        out.accept(rows.change(kind, number, key, pair.before(), pair.after(), changed));
      }
    }

    /** Adds what was found to the groups, or takes it away where {@code sign} is -1. */
    private void accumulate(int sign) {
      List<Aggregate> aggregates = plan.grouping().orElseThrow().aggregates();
      for (int i = 0; i < found.size(); i++) {
        groups
            .computeIfAbsent(ByteBuffer.wrap(found.get(i)), first -> new Group(aggregates))
            .add(foundInputs.get(i), sign);
      }
    }

    /**
     * Leaves what the view makes of a row in {@link #found}; whether it can be computed. A row for
     * which an expression fails makes nothing, before and after alike.
     */
    private boolean evaluate(
        byte[] key, UnsafeRow image, Consumer<InternalRow> compiled, boolean isNew) {
      found.clear();
      foundInputs.clear();
      if (image == null) {
        return true;
      }
      try {
        compiled.accept(image);
        if (resultKey != null) {
          resultKey.requireDistinct(found);
        }
        return true;
      } catch (RuntimeException e) {
        found.clear();
        foundInputs.clear();
        if (isNew) {
          TableRow row = TableRow.of(image);
          out.accept(
              rows.problem(
                  number,
                  key,
                  image.getBytes(),
                  ViewProblems.reason(e),
                  row.partition(),
                  row.offset()));
        }
        return false;
      }
    }

    void flush(boolean isFirstPartition) {
      // An aggregate without groups has a row even where the table has none.
      if (isFirstPartition && plan.levels().stream().anyMatch(ViewPlan.Grouping::isNeverEmpty)) {
        out.accept(rows.change(ViewRow.BEGIN, number, null, null, null));
      }
      groups.forEach(
          (key, group) -> {
            if (!group.isZero()) {
              out.accept(
                  rows.change(
                      ViewRow.PARTIAL, number, Expressions.bytes(key), null, group.write()));
            }
          });
      groups.clear();
    }
  }
}
