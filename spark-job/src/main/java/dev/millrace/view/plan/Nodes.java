package dev.millrace.view.plan;

import java.util.function.UnaryOperator;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import scala.runtime.AbstractPartialFunction;

/** Replaces the nodes of one kind in a plan. */
final class Nodes extends AbstractPartialFunction<LogicalPlan, LogicalPlan> {

  private final Class<? extends LogicalPlan> kind;
  private final UnaryOperator<LogicalPlan> replacement;

  Nodes(Class<? extends LogicalPlan> kind, UnaryOperator<LogicalPlan> replacement) {
    this.kind = kind;
    this.replacement = replacement;
  }

  @Override
  public boolean isDefinedAt(LogicalPlan node) {
    return kind.isInstance(node);
  }

  @Override
  public LogicalPlan apply(LogicalPlan node) {
    return replacement.apply(node);
  }
}
