package dev.millrace.view;

import dev.millrace.state.StateStore;
import dev.millrace.view.aggregate.Group;
import dev.millrace.view.plan.BatchTime;
import dev.millrace.view.plan.LookupRows;
import dev.millrace.view.plan.RowStage;
import dev.millrace.view.plan.ViewPlan;
import dev.millrace.view.table.BatchEnds;
import dev.millrace.view.table.Expressions;
import dev.millrace.view.table.Moves;
import dev.millrace.view.table.TableFold;
import dev.millrace.view.table.TableFold.Rejection;
import dev.millrace.view.table.TableLayout;
import dev.millrace.view.table.TableRow;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;

/**
 * The first step of a batch in one partition of the table's state: changes of rows to changes of
 * results, and to the batch's part of each group. Executor only, for one task.
 */
final class TableStep implements TableFold.Listener {

  private static final int TABLE = 0;

  private final List<View> views = new ArrayList<>();
  private final ViewRow rows = new ViewRow();
  private final StateStore store;
  private final int partition;
  private final BatchViews batch;
  private final Consumer<InternalRow> out;
  private final Schedule schedule;

  /** The time of the version that is read, and that of the version that is written. */
  private final long microsBefore;

  private final long microsNow;

  /** The keys whose rows the batch changes; only those that somebody asks for. */
  private final Set<ByteBuffer> changedKeys = new HashSet<>();

  private boolean isAnyLookupChanged;
  private boolean lacksValue;

  /**
   * Compiles the views for this task.
   *
   * @param viewIds the number of each view in the state
   * @param partition the number of this one, below 0 where the state is only read
   */
  TableStep(
      StateStore store,
      List<ViewPlan> plans,
      List<Integer> viewIds,
      BatchViews batch,
      int partition,
      Consumer<InternalRow> out) {
    this.store = store;
    this.partition = partition;
    this.batch = batch;
    this.out = out;
    this.schedule = new Schedule(store, TABLE);
    this.microsBefore = schedule.time().orElse(batch.micros());
    // A clock may be set back, and the time of the views is not.
    this.microsNow = Math.max(microsBefore, batch.micros());
    for (int i = 0; i < plans.size(); i++) {
      views.add(new View(i, plans.get(i), viewIds.get(i)));
    }
  }

  /**
   * Which views take part, and how: those that are new get every row, the others each change, and
   * those of which a lookup changed also every other row, for what the lookup changes of it; those
   * that depend on the time, each row whose moment has come.
   *
   * @return whether what was written may be committed: no create lacks a value that another round
   *     may know, and no snapshot waits for how far the topic goes
   */
  boolean run(TableLayout layout, Iterator<InternalRow> changes, Moves moves, BatchEnds ends) {
    long beganMillis = System.currentTimeMillis();
    TableFold fold = new TableFold(store, layout, TABLE, moves, ends, partition, this);
    views.forEach(view -> view.mode = isScanned(view) ? Mode.NONE : Mode.CHANGES);
    List<View> rederived =
        views.stream().filter(view -> view.mode == Mode.CHANGES && view.isLookupChanged).toList();
    isAnyLookupChanged = !rederived.isEmpty();
    fold.fold(changes);
    views.forEach(view -> view.mode = isScanned(view) ? Mode.SCAN : Mode.NONE);
    views.stream().filter(view -> view.mode == Mode.SCAN).forEach(View::unschedule);
    if (isAnyLookupChanged || views.stream().anyMatch(view -> view.mode == Mode.SCAN)) {
      fold.scan(
          (key, row) -> {
            views.forEach(view -> view.changed(key, null, row));
            if (isAnyLookupChanged && !changedKeys.contains(ByteBuffer.wrap(key))) {
              rederived.forEach(view -> view.rederive(key, row));
            }
          });
    }
    // After the rows of which a lookup changed, which are scheduled as they are now.
    views.stream()
        .filter(view -> view.mode == Mode.NONE && view.plan.isTimed())
        .forEach(view -> view.rederiveDue(fold));
    views.forEach(view -> view.flush(partition == 0));
    if (partition >= 0 && views.stream().anyMatch(view -> view.plan.isTimed())) {
      schedule.time(microsNow);
      out.accept(rows.time(microsNow, nextMoment()));
    }
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

  private OptionalLong nextMoment() {
    return views.stream()
        .filter(view -> view.plan.isTimed())
        .map(view -> schedule.next(view.id))
        .flatMapToLong(OptionalLong::stream)
        .min();
  }

  /** Forgets the rows of a view that the state has no more. */
  void remove(int viewId) {
    schedule.remove(viewId);
  }

  /** Whether a view is made from all rows: groups that the state has are delivered from there. */
  private boolean isScanned(View view) {
    return batch.isNew(view.plan.name())
        || (batch.isWhole(view.plan.name()) && view.plan.isRowByRow());
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
    private final int id;
    private final boolean isLookupChanged;

    /** With the lookups and the time as they are now. */
    private final Consumer<InternalRow> stages;

    /** With the lookups and the time as they were; the same where none is another one. */
    private final Consumer<InternalRow> stagesBefore;

    /** What the row that was evaluated last makes: rows of the result, or keys of groups. */
    private final List<byte[]> found = new ArrayList<>();

    /** Where there are groups: what is added to each, and its level. */
    private final List<UnsafeRow> foundInputs = new ArrayList<>();

    private final List<Integer> foundLevels = new ArrayList<>();
    private final List<Map<ByteBuffer, Group>> groups = new ArrayList<>();
    private final ResultKey resultKey;
    private Mode mode = Mode.CHANGES;

    /** When the row that was evaluated last becomes another one. */
    private long moment;

    View(int number, ViewPlan plan, int id) {
      this.number = number;
      this.plan = plan;
      this.id = id;
      this.isLookupChanged = batch.isLookupChanged(plan);
      this.stages = compiled(batch.now(), microsNow);
      this.stagesBefore =
          isLookupChanged || (plan.isTimed() && microsBefore != microsNow)
              ? compiled(batch.before(), microsBefore)
              : stages;
      plan.levels().forEach(level -> groups.add(new HashMap<>()));
      this.resultKey = plan.checksKey() ? new ResultKey(plan) : null;
    }

    private Consumer<InternalRow> compiled(Map<String, LookupRows> lookups, long micros) {
      RowStage.Context context =
          new RowStage.Context(lookups, micros, each -> moment = Math.min(moment, each));
      List<Consumer<InternalRow>> feeds =
          plan.rows().stream()
              .map(
                  feed ->
                      RowStage.open(
                          feed.stages(),
                          context,
                          feed.level() == ViewPlan.Feed.RESULT
                              ? row -> found.add(((UnsafeRow) row).getBytes().clone())
                              : grouped(feed, context)))
              .toList();
      return feeds.size() == 1 ? feeds.get(0) : row -> feeds.forEach(feed -> feed.accept(row));
    }

    private Consumer<InternalRow> grouped(ViewPlan.Feed feed, RowStage.Context context) {
      UnsafeProjection keys = context.projection(feed.keys());
      UnsafeProjection inputs = context.projection(feed.inputs());
      return row -> {
        byte[] key = keys.apply(row).getBytes().clone();
        foundInputs.add(inputs.apply(row).copy());
        found.add(key);
        foundLevels.add(feed.level());
      };
    }

    void changed(byte[] key, UnsafeRow before, UnsafeRow after) {
      if (mode == Mode.NONE) {
        return;
      }
      if (!plan.isRowByRow()) {
        evaluate(key, before, stagesBefore, false);
        long momentBefore = moment;
        accumulate(-1);
        evaluate(key, after, stages, true);
        accumulate(1);
        reschedule(key, momentBefore);
        return;
      }
      List<byte[]> olds = results(key, before, stagesBefore, false);
      long momentBefore = moment;
      List<byte[]> news = results(key, after, stages, true);
      reschedule(key, momentBefore);
      tell(key, olds, news, TableRow.of(after == null ? before : after));
    }

    /** What the time makes of the rows whose moment has come. */
    void rederiveDue(TableFold fold) {
      for (Iterator<byte[]> due = schedule.due(id, microsNow); due.hasNext(); ) {
        byte[] key = due.next();
        rederive(key, fold.current(key));
      }
    }

    private void reschedule(byte[] key, long momentBefore) {
      if (partition >= 0) {
        schedule.move(id, key, momentBefore, moment);
      }
    }

    /** All rows are scheduled again. */
    void unschedule() {
      if (plan.isTimed() && partition >= 0) {
        schedule.remove(id);
      }
    }

    /** What a changed lookup, or the time, makes of a row that stayed as it was. */
    void rederive(byte[] key, UnsafeRow row) {
      boolean wasComputed = evaluate(key, row, stagesBefore, false);
      long momentBefore = moment;
      List<byte[]> olds = List.copyOf(found);
      List<UnsafeRow> oldInputs = List.copyOf(foundInputs);
      List<Integer> oldLevels = List.copyOf(foundLevels);
      // A row that was left out before has its dead letter.
      evaluate(key, row, stages, wasComputed);
      reschedule(key, momentBefore);
      if (plan.isRowByRow()) {
        tell(key, olds, List.copyOf(found), TableRow.of(row));
      } else if (!oldInputs.equals(foundInputs)
          || !oldLevels.equals(foundLevels)
          || !areEqual(olds, found)) {
        accumulate(1);
        found.clear();
        found.addAll(olds);
        foundInputs.clear();
        foundInputs.addAll(oldInputs);
        foundLevels.clear();
        foundLevels.addAll(oldLevels);
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
      for (int i = 0; i < found.size(); i++) {
        int level = foundLevels.get(i);
        groups
            .get(level)
            .computeIfAbsent(
                ByteBuffer.wrap(found.get(i)),
                first -> new Group(plan.levels().get(level).aggregates()))
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
      foundLevels.clear();
      moment = BatchTime.NEVER;
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
        foundLevels.clear();
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
      for (int level = 0; level < groups.size(); level++) {
        int ofLevel = level;
        groups
            .get(level)
            .forEach(
                (key, group) -> {
                  if (!group.isZero()) {
                    out.accept(
                        rows.partial(number, ofLevel, Expressions.bytes(key), group.write()));
                  }
                });
        groups.get(level).clear();
      }
    }
  }
}
