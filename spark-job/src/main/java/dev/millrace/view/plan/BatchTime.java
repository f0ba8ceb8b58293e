package dev.millrace.view.plan;

import dev.millrace.view.table.Expressions;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongPredicate;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.BinaryComparison;
import org.apache.spark.sql.catalyst.expressions.BoundReference;
import org.apache.spark.sql.catalyst.expressions.Cast;
import org.apache.spark.sql.catalyst.expressions.Cast$;
import org.apache.spark.sql.catalyst.expressions.CurrentDate;
import org.apache.spark.sql.catalyst.expressions.CurrentTimestampLike;
import org.apache.spark.sql.catalyst.expressions.DateAdd;
import org.apache.spark.sql.catalyst.expressions.DateAddYMInterval;
import org.apache.spark.sql.catalyst.expressions.DateSub;
import org.apache.spark.sql.catalyst.expressions.EqualNullSafe;
import org.apache.spark.sql.catalyst.expressions.EqualTo;
import org.apache.spark.sql.catalyst.expressions.EvalMode;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.GreaterThanOrEqual;
import org.apache.spark.sql.catalyst.expressions.LessThanOrEqual;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.LocalTimestamp;
import org.apache.spark.sql.catalyst.expressions.NamedExpression$;
import org.apache.spark.sql.catalyst.expressions.NamedLambdaVariable;
import org.apache.spark.sql.catalyst.expressions.RuntimeReplaceable;
import org.apache.spark.sql.catalyst.expressions.TimeAdd;
import org.apache.spark.sql.catalyst.expressions.TimestampAddYMInterval;
import org.apache.spark.sql.catalyst.expressions.TruncDate;
import org.apache.spark.sql.catalyst.expressions.TruncTimestamp;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.DayTimeIntervalType;
import scala.Option;
import scala.runtime.AbstractPartialFunction;

/**
 * What SQL calls now(): the time of the batch, a variable in the plan of a view.
 *
 * <p>A view can keep a comparison of a value with a time that follows from the variable alone and
 * never falls as it rises, such as {@code created_at > now() - INTERVAL 1 HOUR}: for each row it
 * changes at one moment, which can be computed.
 *
 * <pre>
 *   created_at 12:00   batch of 12:59  in the view   changes at 13:00
 *                      batch of 13:01  not in it     never changes
 * </pre>
 */
public final class BatchTime {

  /** Later than any batch. */
  public static final long NEVER = Long.MAX_VALUE;

  private static final long DAY_MICROS = 86_400_000_000L;

  /** How far ahead a change is looked for: four centuries, in microseconds. */
  private static final long HORIZON_MICROS = 400L * 365 * DAY_MICROS;

  /** What stands for the time in a plan; no row has such a field. */
  private static final Expression VARIABLE = new BoundReference(-1, DataTypes.TimestampType, false);

  private BatchTime() {}

  /** The analysed plan with the variable. */
  static LogicalPlan variable(LogicalPlan analyzed) {
    return analyzed.transformAllExpressionsWithSubqueries(
        new Replacement(BatchTime::isNow, now -> typed(VARIABLE, now)));
  }

  /** The analysed plan of SQL that is run as of a time, in microseconds since 1970. */
  static LogicalPlan at(LogicalPlan analyzed, long micros) {
    Expression literal = new Literal(micros, DataTypes.TimestampType);
    return analyzed.transformAllExpressionsWithSubqueries(
        new Replacement(BatchTime::isNow, now -> typed(literal, now)));
  }

  private static Expression typed(Expression timestamp, Expression now) {
    if (now instanceof CurrentTimestampLike) {
      return timestamp;
    }
    Option<String> zone =
        now instanceof CurrentDate date ? date.timeZoneId() : ((LocalTimestamp) now).timeZoneId();
    return Cast$.MODULE$.apply(timestamp, now.dataType(), zone, EvalMode.ANSI());
  }

  /** Whether an expression of the analysed plan is the time. */
  static boolean isNow(Expression expression) {
    return expression instanceof CurrentTimestampLike
        || expression instanceof CurrentDate
        || expression instanceof LocalTimestamp;
  }

  private static boolean isVariable(Expression expression) {
    return VARIABLE.equals(expression);
  }

  private static boolean has(Expression expression, Predicate<Expression> wanted) {
    return wanted.test(expression)
        || Expressions.list(expression.children()).stream().anyMatch(child -> has(child, wanted));
  }

  /** Whether an expression of a view's plan depends on the time. */
  static boolean isIn(Expression expression) {
    return has(expression, BatchTime::isVariable);
  }

  /** An expression of a view's plan, as of a time in microseconds since 1970. */
  static Expression bound(Expression expression, long micros) {
    return bound(expression, new AtomicReference<>(micros));
  }

  /** Not a literal: the code that Spark generates is the same for every time, and compiled once. */
  private static Expression bound(Expression expression, AtomicReference<Object> micros) {
    if (!isIn(expression)) {
      return expression;
    }
    Expression now =
        new NamedLambdaVariable(
            "now", DataTypes.TimestampType, false, NamedExpression$.MODULE$.newExprId(), micros);
    return expression.transformUp(new Replacement(BatchTime::isVariable, each -> now));
  }

  /**
   * The side of a comparison of the analysed plan that does not depend on the time, where the other
   * one depends on it alone, and never falls as it rises; empty for everything else.
   */
  static Optional<Expression> compared(Expression expression) {
    return compared(expression, BatchTime::isNow);
  }

  private static Optional<Expression> compared(Expression expression, Predicate<Expression> isNow) {
    if (!(expression instanceof BinaryComparison comparison)) {
      return Optional.empty();
    }
    boolean isLeft = has(comparison.left(), isNow);
    Expression time = isLeft ? comparison.left() : comparison.right();
    Expression value = isLeft ? comparison.right() : comparison.left();
    return !has(value, isNow) && rises(time, isNow) ? Optional.of(value) : Optional.empty();
  }

  /**
   * Months are added to dates and to midnights only: the 30th and the 31st at their hours would
   * change places.
   */
  private static boolean rises(Expression time, Predicate<Expression> isNow) {
    if (isNow.test(time)) {
      return true;
    }
    if (time instanceof RuntimeReplaceable named) {
      return rises(named.replacement(), isNow);
    }
    if (time instanceof Cast cast) {
      DataType type = cast.dataType();
      return (type instanceof DateType
              || type.equals(DataTypes.TimestampType)
              || type.equals(DataTypes.TimestampNTZType))
          && rises(cast.child(), isNow);
    }
    if (time instanceof TimeAdd add) {
      return add.interval().foldable()
          && add.interval().dataType() instanceof DayTimeIntervalType
          && rises(add.start(), isNow);
    }
    if (time instanceof DateAdd
        || time instanceof DateSub
        || time instanceof DateAddYMInterval
        || (time instanceof TimestampAddYMInterval add && isMidnight(add.timestamp()))) {
      return rises(time.children().apply(0), isNow) && time.children().apply(1).foldable();
    }
    if (time instanceof TruncTimestamp trunc) {
      return trunc.format().foldable() && rises(trunc.timestamp(), isNow);
    }
    return time instanceof TruncDate trunc
        && trunc.format().foldable()
        && rises(trunc.date(), isNow);
  }

  private static boolean isMidnight(Expression timestamp) {
    return timestamp instanceof TruncTimestamp
        || (timestamp instanceof Cast cast && cast.child().dataType() instanceof DateType);
  }

  /**
   * A comparison with the time, in the plan of a view.
   *
   * @param value of the rows of a stage
   * @param comparison of that value, in a row of its own
   */
  record Comparison(Expression value, Expression comparison) implements Serializable {

    /** Ready for one task's rows, which are compared as of a time in microseconds since 1970. */
    Moment opened(long micros) {
      return new Moment(this, micros);
    }
  }

  /**
   * The comparisons in a bound expression.
   *
   * @throws IllegalArgumentException where it depends on the time in another way
   */
  static List<Comparison> comparisons(Expression bound) {
    List<Comparison> found = new ArrayList<>();
    collect(bound, found);
    return found;
  }

  private static void collect(Expression bound, List<Comparison> found) {
    if (!isIn(bound)) {
      return;
    }
    Optional<Expression> value = compared(bound, BatchTime::isVariable);
    if (value.isPresent()) {
      BinaryComparison comparison = (BinaryComparison) bound;
      boolean isValueLeft = comparison.left() == value.get();
      Expression reference = new BoundReference(0, value.get().dataType(), value.get().nullable());
      Expression left = isValueLeft ? reference : comparison.left();
      Expression right = isValueLeft ? comparison.right() : reference;
      if (bound instanceof EqualTo || bound instanceof EqualNullSafe) {
        // It may change twice, and each of these once.
        found.add(new Comparison(value.get(), new GreaterThanOrEqual(left, right)));
        found.add(new Comparison(value.get(), new LessThanOrEqual(left, right)));
      } else {
        found.add(
            new Comparison(
                value.get(), comparison.withNewChildren(Expressions.seq(List.of(left, right)))));
      }
      return;
    }
    if (isVariable(bound)) {
      throw new IllegalArgumentException("the time outside of a comparison");
    }
    Expressions.list(bound.children()).forEach(child -> collect(child, found));
  }

  /** When a comparison changes; for one task. */
  static final class Moment {

    private final Expression value;
    private final Expression comparison;
    private final AtomicReference<Object> clock = new AtomicReference<>();
    private final long micros;

    /** How far the value is compared with another time than now, where that is a constant. */
    private final OptionalLong shift;

    private Moment(Comparison comparison, long micros) {
      this.value = comparison.value();
      this.comparison = bound(comparison.comparison(), clock);
      this.micros = micros;
      this.shift = shift(comparison.comparison(), micros);
    }

    private static OptionalLong shift(Expression comparison, long micros) {
      Expression time =
          Expressions.list(comparison.children()).stream()
              .filter(BatchTime::isIn)
              .findFirst()
              .get();
      boolean isShifted =
          isVariable(time) || (time instanceof TimeAdd add && isVariable(add.start()));
      return isShifted
          ? OptionalLong.of((Long) bound(time, micros).eval(null) - micros)
          : OptionalLong.empty();
    }

    /** The first microsecond at which the comparison is another than now, or {@link #NEVER}. */
    long of(InternalRow row) {
      Object compared;
      try {
        compared = value.eval(row);
      } catch (RuntimeException e) {
        // The stage itself tells, if it gets so far for this row.
        return NEVER;
      }
      if (compared == null) {
        return NEVER;
      }
      InternalRow values = new GenericInternalRow(new Object[] {compared});
      boolean holds = holds(values, micros);
      if (shift.isPresent()) {
        long guess = (Long) compared - shift.getAsLong();
        // A change to or from summer time may be on the way.
        if (guess < micros - DAY_MICROS || guess > micros + HORIZON_MICROS) {
          return NEVER;
        }
        for (long at = Math.max(guess, micros + 1); at <= guess + 1; at++) {
          if (holds(values, at - 1) == holds && holds(values, at) != holds) {
            return at;
          }
        }
      }
      return first(micros, at -> holds(values, at) != holds);
    }

    private boolean holds(InternalRow values, long at) {
      clock.set(at);
      return Boolean.TRUE.equals(comparison.eval(values));
    }

    /** The first time after this one of which a condition is true that stays so. */
    private static long first(long after, LongPredicate isChanged) {
      long last = after;
      long step = 1_000;
      while (!isChanged.test(after + step)) {
        last = after + step;
        step *= 2;
        if (step > HORIZON_MICROS) {
          return NEVER;
        }
      }
      long found = after + step;
      while (found - last > 1) {
        long middle = last + (found - last) / 2;
        if (isChanged.test(middle)) {
          found = middle;
        } else {
          last = middle;
        }
      }
      return found;
    }
  }

  private static final class Replacement extends AbstractPartialFunction<Expression, Expression> {

    private static final long serialVersionUID = 1L;
    private final transient Predicate<Expression> isReplaced;
    private final transient UnaryOperator<Expression> replaced;

    Replacement(Predicate<Expression> isReplaced, UnaryOperator<Expression> replaced) {
      this.isReplaced = isReplaced;
      this.replaced = replaced;
    }

    @Override
    public boolean isDefinedAt(Expression expression) {
      return isReplaced.test(expression);
    }

    @Override
    public Expression apply(Expression expression) {
      return replaced.apply(expression);
    }
  }
}
