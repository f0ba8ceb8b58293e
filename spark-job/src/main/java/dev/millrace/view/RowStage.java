package dev.millrace.view;

import java.io.Serializable;
import java.util.List;
import java.util.function.Consumer;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.BasePredicate;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.Predicate;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;

/** A step of a view that takes one row at a time; bound to the rows of the step before. */
sealed interface RowStage extends Serializable {

  /** Compiles the stage for one task; the rows that it emits are reused. */
  Consumer<InternalRow> open(Consumer<InternalRow> next);

  /** WHERE, HAVING. */
  record Filter(Expression condition) implements RowStage {

    @Override
    public Consumer<InternalRow> open(Consumer<InternalRow> next) {
      BasePredicate predicate = Predicate.create(condition);
      predicate.initialize(0);
      return row -> {
        if (predicate.eval(row)) {
          next.accept(row);
        }
      };
    }
  }

  /** SELECT. */
  record Project(List<Expression> expressions) implements RowStage {

    @Override
    public Consumer<InternalRow> open(Consumer<InternalRow> next) {
      UnsafeProjection projection = Expressions.projection(expressions.toArray(Expression[]::new));
      projection.initialize(0);
      return row -> next.accept(projection.apply(row));
    }
  }

  /** Compiles stages one after another. */
  static Consumer<InternalRow> open(List<RowStage> stages, Consumer<InternalRow> last) {
    Consumer<InternalRow> next = last;
    for (int i = stages.size() - 1; i >= 0; i--) {
      next = stages.get(i).open(next);
    }
    return next;
  }
}
