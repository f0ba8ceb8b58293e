package dev.millrace.view.aggregate;

import java.io.Serializable;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.types.DataType;

/**
 * One aggregate of a view: what it keeps of the values that it is given, and its result. Values can
 * be taken away again. Immutable.
 *
 * @param function which one
 * @param filter the ordinal of its FILTER among the inputs, or -1
 * @param first the ordinal of its first argument among the inputs
 * @param arguments how many it has that must not be null for a row to count; 0 for {@code count(*)}
 * @param input the type of its first argument; null for a count
 * @param result the type of its result
 * @param evaluate Spark's own last step, from what Spark would keep to the result, or for {@link
 *     Function#COLLECTED} Spark's own aggregate of a row of the first argument; null if the sums
 *     are the result
 * @param values the order of the values, or rows of them, that it keeps; null where sums suffice
 * @param maxKept how many of them are in a group's record at most, the others being in an index
 * @param limit how many rows {@link Function#FIRST} returns; 0 for the others
 * @param sql as the query has it, for messages
 */
public record Aggregate(
    Function function,
    int filter,
    int first,
    int arguments,
    DataType input,
    DataType result,
    Expression evaluate,
    ValueOrder values,
    int maxKept,
    int limit,
    String sql)
    implements Serializable {

  /**
   * The first rows of an order; nulls count.
   *
   * @param first the ordinal of the first column of the order among the inputs
   * @param rows the type of an array of rows of the order's columns
   */
  public static Aggregate first(
      int first, ValueOrder order, DataType rows, int maxKept, int limit, String sql) {
    return new Aggregate(
        Function.FIRST, -1, first, 0, null, rows, null, order, maxKept, limit, sql);
  }

  /**
   * All rows of a group; nulls count.
   *
   * @param filter the ordinal of what tells whether a row belongs to it, or -1 for every row
   * @param first the ordinal of the first column of the order among the inputs
   */
  public static Aggregate rows(int filter, int first, ValueOrder order, int maxKept, String sql) {
    return new Aggregate(Function.ROWS, filter, first, 0, null, null, null, order, maxKept, 0, sql);
  }

  /** Which aggregate. */
  public enum Function {
    COUNT,
    SUM,
    AVERAGE,
    /** Variance and standard deviation, of a population or a sample. */
    MOMENTS,
    /** {@code bool_and}, the least boolean. */
    ALL_TRUE,
    /** {@code bool_or}, the greatest boolean. */
    ANY_TRUE,
    /** {@code min}, {@code max}: what is first in an order. */
    EXTREME,
    /** {@code ORDER BY ... LIMIT}: the first rows of an order, an array of its columns. */
    FIRST,
    /** {@code percentile}, {@code collect_list}: Spark's own aggregate of all values, in order. */
    COLLECTED,
    /** All rows of a group, in order; what follows from them is not a single value. */
    ROWS
  }

  /** Holds nothing yet. */
  Accumulator accumulator() {
    if (function == Function.EXTREME) {
      return new Extreme(values, maxKept);
    }
    if (function == Function.FIRST) {
      return new First(values, maxKept, limit);
    }
    if (function == Function.COLLECTED) {
      return new Collected(this);
    }
    if (function == Function.ROWS) {
      return new Rows(values, maxKept);
    }
    return values == null ? sums() : new Distinct(values, maxKept, sums());
  }

  private Accumulator sums() {
    return switch (function) {
      case COUNT -> new Accumulator.Count();
      case ALL_TRUE, ANY_TRUE -> new Accumulator.Booleans(function == Function.ALL_TRUE);
      case MOMENTS -> new Accumulator.Doubles(this, true);
      case SUM, AVERAGE ->
          Accumulator.isFloating(input)
              ? new Accumulator.Doubles(this, false)
              : new Accumulator.Wholes(this);
      case EXTREME, FIRST, COLLECTED, ROWS -> throw new IllegalStateException(sql + " has no sum");
    };
  }
}
