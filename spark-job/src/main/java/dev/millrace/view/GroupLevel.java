package dev.millrace.view;

import dev.millrace.view.aggregate.Group;
import dev.millrace.view.plan.GroupRule;
import dev.millrace.view.plan.RowStage;
import dev.millrace.view.plan.ViewPlan;
import dev.millrace.view.table.Expressions;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;

/** One level of a view, compiled: how its groups change, and the rows that follow from them. */
abstract class GroupLevel {

  final ViewPlan.Grouping grouping;
  final GroupRecords records;
  final ViewRow rows = new ViewRow();
  final Consumer<InternalRow> out;

  private final ViewPlan plan;
  private final int view;
  private final int level;
  private final Next next;
  private final Consumer<InternalRow> stages;

  /** What {@link #stages} made of the last row. */
  private final List<UnsafeRow> made = new ArrayList<>();

  /** Of a row of this level, for the next one; null at the last level. */
  private final UnsafeProjection nextKeys;

  private final UnsafeProjection nextInputs;

  /**
   * What the rows of the result are known by; null where they have no key, and where the group has
   * one row, which stays the same one.
   */
  private final ResultKey resultKey;

  /** Where the batch's parts of the groups of other levels are. */
  @FunctionalInterface
  interface Next {
    Group group(int view, int level, ByteBuffer key);
  }

  GroupLevel(
      ViewPlan plan,
      int view,
      int level,
      GroupRecords records,
      Next next,
      Consumer<InternalRow> out) {
    this.plan = plan;
    this.view = view;
    this.level = level;
    this.records = records;
    this.next = next;
    this.out = out;
    this.grouping = plan.levels().get(level);
    ViewPlan.Feed results = grouping.results();
    this.stages =
        RowStage.open(
            results.stages(), RowStage.Context.NONE, row -> made.add(((UnsafeRow) row).copy()));
    this.nextKeys = isLast() ? null : projection(results.keys());
    this.nextInputs = isLast() ? null : projection(results.inputs());
    this.resultKey =
        isLast() && plan.isKeyed() && !grouping.isOneRow() ? new ResultKey(plan) : null;
  }

  /** Compiles a level. */
  static GroupLevel of(
      ViewPlan plan,
      int view,
      int level,
      GroupRecords records,
      Next next,
      Consumer<InternalRow> out) {
    GroupRule rule = plan.levels().get(level).rule();
    if (rule instanceof GroupRule.Windowed windowed) {
      return new WindowedLevel(plan, view, level, records, next, out, windowed);
    }
    if (rule instanceof GroupRule.Joined joined) {
      return new JoinedLevel(plan, view, level, records, next, out, joined);
    }
    return new AggregatedLevel(plan, view, level, records, next, out);
  }

  private static UnsafeProjection projection(List<Expression> expressions) {
    return Expressions.projection(expressions.toArray(Expression[]::new));
  }

  final boolean isNeverEmpty() {
    return grouping.isNeverEmpty();
  }

  private boolean isLast() {
    return grouping.results().level() == ViewPlan.Feed.RESULT;
  }

  /** Adds the batch's part to a group. */
  abstract void merge(byte[] key, Group change, BatchViews batch);

  /** The rows that follow from a group as it is, to be delivered. */
  abstract List<UnsafeRow> results(byte[] key, Group group);

  /** Delivers the whole result, if the batch does. */
  final void scanIfWhole(BatchViews batch) {
    if (batch.isWhole(plan.name())) {
      records.forEach(
          (key, group) -> {
            for (UnsafeRow row : results(key, group)) {
              out.accept(rows.change(ViewRow.WHOLE, view, key, null, row.getBytes()));
            }
          });
    }
  }

  /**
   * The rows of the level that follow from one of {@link GroupRule}; none where HAVING leaves it
   * out.
   *
   * @throws RuntimeException where an expression fails
   */
  final List<UnsafeRow> made(InternalRow row) {
    made.clear();
    stages.accept(row);
    return List.copyOf(made);
  }

  /** Tells the level above, or the sinks, which rows are gone, and which have come. */
  final void tell(byte[] key, List<UnsafeRow> gone, List<UnsafeRow> come, BatchViews batch) {
    if (!isLast()) {
      accumulate(gone, -1);
      accumulate(come, 1);
    } else if (!batch.isWhole(plan.name())) {
      for (RowPair pair : RowPair.of(bytes(gone), bytes(come), resultKey)) {
        out.accept(rows.change(ViewRow.CHANGE, view, key, pair.before(), pair.after()));
      }
    }
  }

  private void accumulate(List<UnsafeRow> found, int sign) {
    for (UnsafeRow row : found) {
      ByteBuffer key = ByteBuffer.wrap(nextKeys.apply(row).getBytes().clone());
      next.group(view, grouping.results().level(), key).add(nextInputs.apply(row), sign);
    }
  }

  private static List<byte[]> bytes(List<UnsafeRow> found) {
    return found.stream().map(UnsafeRow::getBytes).toList();
  }

  /** What follows from a group, or a row of it, is left out. */
  final void tellProblem(byte[] key, RuntimeException e) {
    out.accept(rows.problem(view, level, key, ViewProblems.reason(e)));
  }

  /** Each change of the group reads all of its rows. */
  final void tellIfLarge(byte[] key, Group now, byte[] stored) {
    if (records.becameLarge(now, stored)) {
      out.accept(rows.largeGroup(view, level, key, now.rows()));
    }
  }

  final void tellWarning(byte[] key, String reason) {
    out.accept(rows.warning(view, level, key, reason));
  }
}
