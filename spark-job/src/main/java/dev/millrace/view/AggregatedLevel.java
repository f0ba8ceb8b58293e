package dev.millrace.view;

import dev.millrace.view.aggregate.Group;
import dev.millrace.view.plan.ViewPlan;
import dev.millrace.view.table.Expressions;
import java.util.List;
import java.util.function.Consumer;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;

/** GROUP BY, or ORDER BY with LIMIT. */
final class AggregatedLevel extends GroupLevel {

  AggregatedLevel(
      ViewPlan plan,
      int view,
      int level,
      GroupRecords records,
      Next next,
      Consumer<InternalRow> out) {
    super(plan, view, level, records, next, out);
  }

  @Override
  void merge(byte[] key, Group change, BatchViews batch) {
    byte[] stored = records.stored(key);
    if (change.isZero() && !(isNeverEmpty() && stored == null)) {
      return;
    }
    List<UnsafeRow> before =
        stored == null ? List.of() : results(key, records.read(key, stored), false);
    List<UnsafeRow> after =
        records.merge(key, change, stored) ? results(key, change, true) : List.of();
    tellIfLarge(key, change, stored);
    tell(key, before, after, batch);
  }

  @Override
  List<UnsafeRow> results(byte[] key, Group group) {
    return results(key, group, false);
  }

  /** Empty if HAVING leaves the group out, or an expression fails. */
  private List<UnsafeRow> results(byte[] key, Group group, boolean isNew) {
    Object[] aggregates = group.results();
    for (int i = 0; i < aggregates.length; i++) {
      if (aggregates[i] == Group.OVERFLOW) {
        aggregates[i] = null;
        if (isNew) {
          tellWarning(key, grouping.aggregates().get(i).sql() + " overflows");
        }
      }
    }
    try {
      return made(
          new JoinedRow(
              Expressions.row(key, grouping.key().length()), new GenericInternalRow(aggregates)));
    } catch (RuntimeException e) {
      if (isNew) {
        tellProblem(key, e);
      }
      return List.of();
    }
  }
}
