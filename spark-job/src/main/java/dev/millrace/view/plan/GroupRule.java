package dev.millrace.view.plan;

import java.io.Serializable;
import java.util.List;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.execution.window.WindowExec;

/** How the rows of a level follow from what is kept of a group. */
public sealed interface GroupRule extends Serializable {

  /**
   * GROUP BY and the aggregates, or ORDER BY with LIMIT, an aggregate whose result is an array of
   * rows: a row of the key's columns and the aggregates' results.
   */
  record Aggregated() implements GroupRule {}

  /**
   * Window functions: each row of the group, with the functions' results. The one aggregate keeps
   * all rows, in an order in which no two rows that differ are equal.
   *
   * @param functions Spark's own operator, over the columns of a row
   * @param ordinals of these columns among those that the aggregate keeps
   */
  record Windowed(WindowExec functions, List<Integer> ordinals) implements GroupRule {

    public Windowed {
      ordinals = List.copyOf(ordinals);
    }
  }

  /**
   * A join by the key of the group: the first aggregate keeps the rows of the left side, the second
   * one those of the right side.
   *
   * @param kind which rows follow
   * @param condition what else has to be true, of both rows; null for nothing
   * @param leftFields how many columns the left side has
   * @param rightFields how many the right side has
   */
  record Joined(JoinKind kind, Expression condition, int leftFields, int rightFields)
      implements GroupRule {}
}
