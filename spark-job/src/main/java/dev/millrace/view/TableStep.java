package dev.millrace.view;

import dev.millrace.state.StateStore;
import dev.millrace.view.TableFold.Rejection;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
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
  private final Consumer<InternalRow> out;
  private boolean lacksValue;

  /** Compiles the views for this task. */
  TableStep(List<ViewPlan> plans, Consumer<InternalRow> out) {
    for (int i = 0; i < plans.size(); i++) {
      views.add(new View(i, plans.get(i)));
    }
    this.out = out;
  }

  /**
   * Which views take part, and how: those that are new get every row, the others each change.
   *
   * @return whether what was written may be committed: no create lacks a value that another round
   *     may know
   */
  boolean run(
      StateStore store,
      TableLayout layout,
      Iterator<InternalRow> changes,
      BatchViews batch,
      Moves moves,
      boolean isFirstPartition) {
    long beganMillis = System.currentTimeMillis();
    TableFold fold = new TableFold(store, layout, 0, moves, this);
    views.forEach(view -> view.mode = isScanned(view, batch) ? Mode.NONE : Mode.CHANGES);
    fold.fold(changes);
    views.forEach(view -> view.mode = isScanned(view, batch) ? Mode.SCAN : Mode.NONE);
    if (views.stream().anyMatch(view -> view.mode == Mode.SCAN)) {
      fold.scan(this);
    }
    views.forEach(view -> view.flush(isFirstPartition));
    out.accept(rows.size(ViewRow.NO_VIEW, fold.size(), beganMillis));
    boolean isComplete = moves.isLast() || !lacksValue;
    if (!isComplete) {
      out.accept(rows.incomplete());
    }
    return isComplete;
  }

  /** Whether a view is made from all rows: groups that the state has are delivered from there. */
  private static boolean isScanned(View view, BatchViews batch) {
    return batch.isNew(view.plan.name())
        || (batch.isWhole(view.plan.name()) && view.plan.grouping().isEmpty());
  }

  @Override
  public void changed(byte[] key, UnsafeRow before, UnsafeRow after) {
    for (View view : views) {
      view.changed(key, before, after);
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
    private final Consumer<InternalRow> stages;
    private final List<byte[]> found = new ArrayList<>();
    private final List<UnsafeRow> foundInputs = new ArrayList<>();
    private final Map<ByteBuffer, Group> groups = new HashMap<>();
    private Mode mode = Mode.CHANGES;

    View(int number, ViewPlan plan) {
      this.number = number;
      this.plan = plan;
      this.stages =
          RowStage.open(
              plan.rows(),
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
        accumulate(key, before, -1);
        accumulate(key, after, 1);
        return;
      }
      List<byte[]> olds = results(key, before, false);
      List<byte[]> news = results(key, after, true);
      for (int i = 0; i < Math.max(olds.size(), news.size()); i++) {
        byte[] old = i < olds.size() ? olds.get(i) : null;
        byte[] now = i < news.size() ? news.get(i) : null;
        if (!Arrays.equals(old, now)) {
          int kind = mode == Mode.SCAN ? ViewRow.WHOLE : ViewRow.CHANGE;
          TableRow changed = TableRow.of(after == null ? before : after);
          out.accept(rows.change(kind, number, key, old, now, changed));
        }
      }
    }

    private List<byte[]> results(byte[] key, UnsafeRow image, boolean isNew) {
      return evaluate(key, image, isNew) ? List.copyOf(found) : List.of();
    }

    private void accumulate(byte[] key, UnsafeRow image, int sign) {
      if (evaluate(key, image, sign > 0)) {
        List<Aggregate> aggregates = plan.grouping().orElseThrow().aggregates();
        for (int i = 0; i < found.size(); i++) {
          groups
              .computeIfAbsent(ByteBuffer.wrap(found.get(i)), first -> new Group(aggregates))
              .add(foundInputs.get(i), sign);
        }
      }
    }

    /**
     * Leaves what the view makes of a row in {@link #found}; whether there is any. A row for which
     * an expression fails counts as none, before and after alike.
     */
    private boolean evaluate(byte[] key, UnsafeRow image, boolean isNew) {
      found.clear();
      foundInputs.clear();
      if (image == null) {
        return false;
      }
      try {
        stages.accept(image);
        return true;
      } catch (RuntimeException e) {
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
      plan.grouping()
          .filter(grouping -> grouping.keys().isEmpty() && isFirstPartition)
          .ifPresent(
              grouping ->
                  // An aggregate without groups has a row even where the table has none.
                  groups.computeIfAbsent(
                      ByteBuffer.wrap(
                          Expressions.projection().apply(InternalRow.empty()).getBytes().clone()),
                      first -> new Group(grouping.aggregates())));
      groups.forEach(
          (key, group) -> {
            if (!group.isZero() || plan.grouping().orElseThrow().keys().isEmpty()) {
              out.accept(
                  rows.change(
                      ViewRow.PARTIAL, number, Expressions.bytes(key), null, group.write()));
            }
          });
      groups.clear();
    }
  }
}
