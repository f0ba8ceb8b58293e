package dev.millrace.view;

import dev.millrace.error.ViewErrors;
import dev.millrace.view.plan.ViewPlan;
import dev.millrace.view.table.Expressions;
import java.nio.ByteBuffer;
import java.util.List;
import org.apache.spark.sql.catalyst.expressions.BoundReference;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;

/** What the rows of a view's result are known by. For one task. */
final class ResultKey {

  private final ViewPlan plan;
  private final UnsafeProjection projection;

  ResultKey(ViewPlan plan) {
    this.plan = plan;
    this.projection =
        Expressions.projection(
            plan.key().stream()
                .map(
                    name -> {
                      int ordinal = plan.result().fieldIndex(name);
                      return Expressions.normalized(
                          new BoundReference(
                              ordinal, plan.result().fields()[ordinal].dataType(), true));
                    })
                .toArray(Expression[]::new));
  }

  ByteBuffer of(byte[] row) {
    return ByteBuffer.wrap(
        projection.apply(Expressions.row(row, plan.result().length())).getBytes().clone());
  }

  /**
   * Requires that no two of the rows have the same key.
   *
   * @throws IllegalStateException with the reason for the dead letter of the row they stem from
   */
  void requireDistinct(List<byte[]> found) {
    if (found.size() > 1 && found.stream().map(this::of).distinct().count() < found.size()) {
      throw new IllegalStateException(ViewErrors.sameKey(found.size(), plan.key()));
    }
  }
}
