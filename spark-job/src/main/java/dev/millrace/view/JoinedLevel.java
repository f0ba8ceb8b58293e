package dev.millrace.view;

import dev.millrace.view.aggregate.Group;
import dev.millrace.view.aggregate.Group.RowChange;
import dev.millrace.view.plan.GroupRule;
import dev.millrace.view.plan.JoinKind;
import dev.millrace.view.plan.ViewPlan;
import dev.millrace.view.table.Expressions;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.BasePredicate;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.catalyst.expressions.Predicate;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;

/**
 * A join of rows by the key of their group.
 *
 * <p>What a batch changes on the left side is joined with the right side as it was; then, with the
 * left side as it is now, what it changes on the right side.
 *
 * <pre>
 *   left a b   right x        ax bx
 *   + left c                  + cx            (c with x)
 *   + right y                 + ay by cy      (a b c with y)
 * </pre>
 *
 * <p>Where rows of the left side depend on whether the right side has any match, all of them are
 * looked at when that may have changed.
 */
final class JoinedLevel extends GroupLevel {

  private static final int LEFT = 0;
  private static final int RIGHT = 1;

  private final GroupRule.Joined rule;
  private final BasePredicate condition;
  private final InternalRow nulls;

  JoinedLevel(
      ViewPlan plan,
      int view,
      int level,
      GroupRecords records,
      Next next,
      Consumer<InternalRow> out,
      GroupRule.Joined rule) {
    super(plan, view, level, records, next, out);
    this.rule = rule;
    this.condition = rule.condition() == null ? null : Predicate.create(rule.condition());
    if (condition != null) {
      condition.initialize(0);
    }
    this.nulls = new GenericInternalRow(rule.rightFields());
  }

  @Override
  void merge(byte[] key, Group change, BatchViews batch) {
    if (change.isZero()) {
      return;
    }
    byte[] stored = records.stored(key);
    List<RowChange> leftChanges = change.rowChanges(LEFT);
    List<RowChange> rightChanges = canMatch(key) ? change.rowChanges(RIGHT) : List.of();
    Group before = records.read(key, stored);
    boolean wasEmpty = before.hasNoRow(RIGHT);
    List<RowChange> rightBefore =
        leftChanges.isEmpty() && rule.kind() == JoinKind.INNER ? List.of() : right(key, before);
    RowDifferences differences = new RowDifferences();
    for (RowChange left : leftChanges) {
      derive(key, left.row(), rightBefore, left.count(), differences);
    }
    records.merge(key, change, stored);
    if (!rightChanges.isEmpty()) {
      if (isLinear(wasEmpty, change.hasNoRow(RIGHT))) {
        change.forEachRow(
            LEFT, (left, count) -> pairs(key, left, rightChanges, count, differences));
      } else if (condition != null || wasEmpty != change.hasNoRow(RIGHT)) {
        List<RowChange> rightAfter = right(key, change);
        change.forEachRow(
            LEFT,
            (left, count) -> {
              derive(key, left, rightBefore, -count, differences);
              derive(key, left, rightAfter, count, differences);
            });
      }
    }
    tell(key, differences.gone(), differences.come(), batch);
  }

  /** Whether rows of the right side add pairs, or take them away, and change nothing else. */
  private boolean isLinear(boolean wasEmpty, boolean isEmpty) {
    return rule.kind() == JoinKind.INNER
        || (rule.kind() == JoinKind.LEFT && condition == null && !wasEmpty && !isEmpty);
  }

  /** A null is equal to nothing. */
  private boolean canMatch(byte[] key) {
    UnsafeRow row = Expressions.row(key, grouping.key().length());
    return !row.anyNull();
  }

  /** The rows of the right side that rows with the key may match. */
  private List<RowChange> right(byte[] key, Group group) {
    List<RowChange> rows = new ArrayList<>();
    if (canMatch(key)) {
      group.forEachRow(RIGHT, (row, count) -> rows.add(new RowChange(row, count)));
    }
    return rows;
  }

  @Override
  List<UnsafeRow> results(byte[] key, Group group) {
    RowDifferences all = new RowDifferences();
    List<RowChange> right = right(key, group);
    group.forEachRow(LEFT, (left, count) -> derive(key, left, right, count, all));
    return all.come();
  }

  /** What follows from a row of the left side, given the right side. */
  private void derive(
      byte[] key, InternalRow left, List<RowChange> right, long count, RowDifferences differences) {
    boolean isMatched =
        rule.kind().hasRightColumns()
            ? pairs(key, left, right, count, differences)
            : right.stream().anyMatch(each -> matches(new JoinedRow(left, each.row())));
    if (rule.kind() == JoinKind.LEFT && !isMatched) {
      add(key, new JoinedRow(left, nulls), count, differences);
    } else if (rule.kind() == (isMatched ? JoinKind.SEMI : JoinKind.ANTI)) {
      add(key, left, count, differences);
    }
  }

  private boolean pairs(
      byte[] key, InternalRow left, List<RowChange> right, long count, RowDifferences differences) {
    boolean isMatched = false;
    for (RowChange each : right) {
      JoinedRow joined = new JoinedRow(left, each.row());
      if (matches(joined)) {
        isMatched = true;
        add(key, joined, count * each.count(), differences);
      }
    }
    return isMatched;
  }

  private boolean matches(JoinedRow joined) {
    return condition == null || condition.eval(joined);
  }

  /** A row for which an expression fails is left out. */
  private void add(byte[] key, InternalRow row, long count, RowDifferences differences) {
    try {
      differences.addAll(made(row), count);
    } catch (RuntimeException e) {
      if (count > 0) {
        tellProblem(key, e);
      }
    }
  }
}
