package dev.millrace.view;

import dev.millrace.view.aggregate.Group;
import dev.millrace.view.plan.GroupRule;
import dev.millrace.view.plan.ViewPlan;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;

/** Window functions: the groups that a batch touches are computed before and after it. */
final class WindowedLevel extends GroupLevel {

  private final WindowFunctions functions;

  WindowedLevel(
      ViewPlan plan,
      int view,
      int level,
      GroupRecords records,
      Next next,
      Consumer<InternalRow> out,
      GroupRule.Windowed rule) {
    super(plan, view, level, records, next, out);
    this.functions = new WindowFunctions(rule);
  }

  @Override
  void merge(byte[] key, Group change, BatchViews batch) {
    byte[] stored = records.stored(key);
    if (change.isZero()) {
      return;
    }
    RowDifferences differences = new RowDifferences();
    if (stored != null) {
      differences.addAll(results(key, records.read(key, stored), false), -1);
    }
    if (records.merge(key, change, stored)) {
      differences.addAll(results(key, change, true), 1);
    }
    tellIfLarge(key, change, stored);
    tell(key, differences.gone(), differences.come(), batch);
  }

  @Override
  List<UnsafeRow> results(byte[] key, Group group) {
    return results(key, group, false);
  }

  /**
   * A row for which an expression above the functions fails is left out; all rows of the group,
   * where a function fails.
   */
  private List<UnsafeRow> results(byte[] key, Group group, boolean isNew) {
    List<UnsafeRow> results = new ArrayList<>();
    try {
      functions.forEach(
          group,
          row -> {
            try {
              results.addAll(made(row));
            } catch (RuntimeException e) {
              if (isNew) {
                tellProblem(key, e);
              }
            }
          });
    } catch (RuntimeException e) {
      if (isNew) {
        tellProblem(key, e);
      }
      return List.of();
    }
    return results;
  }
}
