package dev.millrace.view.plan;

import dev.millrace.view.aggregate.Aggregate;
import java.io.Serializable;
import java.util.Collections;
import java.util.List;
import java.util.Map;
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
 * @param rows what happens to each row of the table: several where the table is joined with itself
 * @param levels what happens to the rows then, each level with rows of those before it, the last
 *     one with the rows of the result; none where each row of the result stems from one row of the
 *     table
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
    List<Feed> rows,
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
   * Rows on their way to a level, or to the result.
   *
   * @param stages what happens to each row
   * @param level the number of the level; {@link #RESULT} for the result
   * @param keys what the rows are grouped by there; none where all rows are one group
   * @param inputs the filters and arguments of the level's aggregates
   */
  public record Feed(
      List<RowStage> stages, int level, List<Expression> keys, List<Expression> inputs)
      implements Serializable {

    /** The result instead of a level. */
    public static final int RESULT = -1;

    public Feed {
      stages = List.copyOf(stages);
      keys = List.copyOf(keys);
      inputs = List.copyOf(inputs);
    }
  }

  /**
   * Rows that are grouped, and the rows that follow from each group.
   *
   * @param key the columns that the rows of a group have in common, named for messages
   * @param aggregates what is kept of a group
   * @param rule how rows follow from that: rows of the key and the aggregates for {@link
   *     GroupRule.Aggregated}
   * @param results what happens to these rows: HAVING and the columns
   */
  public record Grouping(StructType key, List<Aggregate> aggregates, GroupRule rule, Feed results)
      implements Serializable {

    public Grouping {
      aggregates = List.copyOf(aggregates);
    }

    /** Whether it has a row even where there is none to aggregate. */
    public boolean isNeverEmpty() {
      return rule instanceof GroupRule.Aggregated && key.isEmpty() && !isTop();
    }

    /** Whether it keeps the first rows of an order, so that a group can have several. */
    public boolean isTop() {
      return aggregates.size() == 1 && aggregates.get(0).limit() > 0;
    }

    /** Whether a group has one row at most. */
    public boolean isOneRow() {
      return rule instanceof GroupRule.Aggregated && !isTop();
    }

    /** Whether each change of a group reads all of its rows. */
    public boolean readsGroups() {
      return rule instanceof GroupRule.Windowed
          || aggregates.stream().anyMatch(each -> each.function() == Aggregate.Function.COLLECTED);
    }

    private String description() {
      if (rule instanceof GroupRule.Windowed) {
        return "window functions over " + (key.isEmpty() ? "all rows" : "the rows of each group");
      }
      if (rule instanceof GroupRule.Joined) {
        return "joined with itself by key";
      }
      if (isTop()) {
        return "the first "
            + aggregates.get(0).limit()
            + (key.isEmpty() ? " rows" : " rows of each group");
      }
      List<String> values =
          aggregates.stream()
              .filter(aggregate -> aggregate.values() != null)
              .map(Aggregate::sql)
              .toList();
      return aggregates.size()
          + (aggregates.size() == 1 ? " aggregate " : " aggregates ")
          + (key.isEmpty() ? "over all rows" : "for each group")
          + (values.isEmpty() ? "" : ", with the values of " + String.join(" and ", values));
    }
  }

  /** Whether the rows of the result are pairs of rows that were joined. */
  public boolean isOfPairs() {
    return !levels.isEmpty()
        && levels.get(levels.size() - 1).rule() instanceof GroupRule.Joined joined
        && joined.kind().hasRightColumns();
  }

  /** Whether each row of the result stems from one row of the table. */
  public boolean isRowByRow() {
    return levels.isEmpty();
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
    return rows.stream().anyMatch(feed -> RowStage.canRepeatRows(feed.stages()));
  }

  /** What a change costs, as {@code validate} prints it. */
  public String costClass() {
    String rows = isTimed ? "changes and rows whose time has come" : "changes";
    return (levels.stream().anyMatch(Grouping::readsGroups)
            ? "O(rows of the groups that have " + rows + ")"
            : levels.stream().anyMatch(level -> level.rule() instanceof GroupRule.Joined)
                ? "O(" + rows + ", and the rows that have their keys)"
                : "O(" + rows + ")")
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
