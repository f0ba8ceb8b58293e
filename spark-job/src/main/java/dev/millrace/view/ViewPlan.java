package dev.millrace.view;

import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.types.StructType;

/**
 * How a view is kept: from each row of the table to the rows of its result. Immutable; made on the
 * driver, used on executors.
 *
 * @param name the name of its output
 * @param result the columns of its result
 * @param key the names of the result's columns that are its key; a projection that does not select
 *     the whole key of the table has none, an aggregate without groups needs none
 * @param isKeyed whether two rows of the result can't have the same {@link #key}
 * @param neededColumns the table's columns that it reads
 * @param rows what happens to each row of the table
 * @param group what happens to the rows then; null where each row of the result stems from one row
 *     of the table
 * @param isOrdered whether the SQL ends in ORDER BY
 */
public record ViewPlan(
    String name,
    StructType result,
    List<String> key,
    boolean isKeyed,
    Set<String> neededColumns,
    List<RowStage> rows,
    Grouping group,
    boolean isOrdered)
    implements Serializable {

  public ViewPlan {
    key = List.copyOf(key);
    neededColumns = Set.copyOf(neededColumns);
    rows = List.copyOf(rows);
  }

  /**
   * GROUP BY and the aggregates.
   *
   * @param keys the grouping expressions; none where the whole table is one group
   * @param inputs the filters and arguments of all aggregates
   * @param results what happens to a row of keys and aggregates: HAVING and the columns
   */
  record Grouping(
      List<Expression> keys,
      List<Expression> inputs,
      List<Aggregate> aggregates,
      List<RowStage> results)
      implements Serializable {}

  /** {@link #group}, if there is one. */
  Optional<Grouping> grouping() {
    return Optional.ofNullable(group);
  }

  /** What a change costs, as {@code validate} prints it. */
  public String costClass() {
    return "O(changes)";
  }

  /** How the view is kept, in a line. */
  public String description() {
    if (group == null) {
      return "row by row";
    }
    int aggregates = group.aggregates().size();
    return group.keys().isEmpty()
        ? aggregates + " aggregates over all rows"
        : aggregates + " aggregates for each group";
  }
}
