package dev.millrace.view.plan;

import dev.millrace.view.aggregate.Aggregate;
import java.io.Serializable;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
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
 * @param checksKey whether two rows of the result that stem from one row of the table may have the
 *     same key: such a row of the table is left out of the view
 * @param neededColumns the table's columns that it reads
 * @param lookups the lookups that it is joined with, and their columns as DDL
 * @param isTimed whether it compares columns with now(), so that time alone changes its result
 * @param rows what happens to each row of the table
 * @param levels what happens to the rows then, each level with the rows of the one before it; none
 *     where each row of the result stems from one row of the table
 */
public record ViewPlan(
    String name,
    StructType result,
    List<String> key,
    boolean isKeyed,
    boolean checksKey,
    Set<String> neededColumns,
    Map<String, String> lookups,
    boolean isTimed,
    List<RowStage> rows,
    List<Grouping> levels)
    implements Serializable {

  /** How many levels a view can have. */
  public static final int MAX_LEVELS = 8;

  public ViewPlan {
    key = List.copyOf(key);
    neededColumns = Set.copyOf(neededColumns);
    lookups = Collections.unmodifiableMap(new TreeMap<>(lookups));
    rows = List.copyOf(rows);
    levels = List.copyOf(levels);
  }

  /**
   * GROUP BY and the aggregates; or ORDER BY with LIMIT, an aggregate whose result is an array of
   * rows.
   *
   * @param keys the grouping expressions; none where all rows are one group
   * @param keyNames their names, for messages
   * @param inputs the filters and arguments of all aggregates
   * @param results what happens to a row of keys and aggregates: HAVING and the columns
   */
  public record Grouping(
      List<Expression> keys,
      List<String> keyNames,
      List<Expression> inputs,
      List<Aggregate> aggregates,
      List<RowStage> results)
      implements Serializable {

    public Grouping {
      keys = List.copyOf(keys);
      keyNames = List.copyOf(keyNames);
      inputs = List.copyOf(inputs);
      aggregates = List.copyOf(aggregates);
      results = List.copyOf(results);
    }

    /** Whether it has a row even where there is none to aggregate. */
    public boolean isNeverEmpty() {
      return keys.isEmpty() && !isTop();
    }

    /** Whether it keeps the first rows of an order, so that a group can have several. */
    public boolean isTop() {
      return aggregates.size() == 1 && aggregates.get(0).limit() > 0;
    }

    private String description() {
      if (isTop()) {
        return "the first "
            + aggregates.get(0).limit()
            + (keys.isEmpty() ? " rows" : " rows of each group");
      }
      List<String> values =
          aggregates.stream()
              .filter(aggregate -> aggregate.values() != null)
              .map(Aggregate::sql)
              .toList();
      return aggregates.size()
          + (aggregates.size() == 1 ? " aggregate " : " aggregates ")
          + (keys.isEmpty() ? "over all rows" : "for each group")
          + (values.isEmpty() ? "" : ", with the values of " + String.join(" and ", values));
    }
  }

  /** What the rows of the table are grouped by, if they are. */
  public Optional<Grouping> grouping() {
    return levels.stream().findFirst();
  }

  /**
   * Whether one task keeps all of its groups: a change of any of them may change the result of the
   * level above.
   */
  public boolean isInOneTask() {
    return levels.size() > 1;
  }

  /**
   * The same view with a key that is checked for each row of the table.
   *
   * @param chosen columns of the result
   */
  public ViewPlan withCheckedKey(List<String> chosen) {
    return new ViewPlan(
        name, result, chosen, true, true, neededColumns, lookups, isTimed, rows, levels);
  }

  /** Whether a row of the table can make several rows of the result. */
  public boolean canRepeatRows() {
    return RowStage.canRepeatRows(rows);
  }

  /** What a change costs, as {@code validate} prints it. */
  public String costClass() {
    return (isTimed ? "O(changes and rows whose time has come)" : "O(changes)")
        + (lookups.isEmpty() ? "" : ", O(table) in a batch that finds a lookup changed");
  }

  /** How the view is kept, in a line. */
  public String description() {
    String joined =
        lookups.isEmpty() ? "" : ", joined with " + String.join(" and ", lookups.keySet());
    return levels.isEmpty()
        ? "row by row" + joined
        : levels.stream().map(Grouping::description).collect(Collectors.joining(", then "))
            + joined;
  }
}
