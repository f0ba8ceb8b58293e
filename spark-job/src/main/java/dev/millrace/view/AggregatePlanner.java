package dev.millrace.view;

import dev.millrace.error.ViewErrors;
import dev.millrace.view.aggregate.Aggregate;
import dev.millrace.view.aggregate.Aggregate.Function;
import dev.millrace.view.aggregate.ValueOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.ExprId;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.KnownNullable;
import org.apache.spark.sql.catalyst.expressions.aggregate.AggregateExpression;
import org.apache.spark.sql.catalyst.expressions.aggregate.AggregateFunction;
import org.apache.spark.sql.catalyst.expressions.aggregate.Average;
import org.apache.spark.sql.catalyst.expressions.aggregate.CentralMomentAgg;
import org.apache.spark.sql.catalyst.expressions.aggregate.Count;
import org.apache.spark.sql.catalyst.expressions.aggregate.DeclarativeAggregate;
import org.apache.spark.sql.catalyst.expressions.aggregate.Kurtosis;
import org.apache.spark.sql.catalyst.expressions.aggregate.Max;
import org.apache.spark.sql.catalyst.expressions.aggregate.MaxBy;
import org.apache.spark.sql.catalyst.expressions.aggregate.Min;
import org.apache.spark.sql.catalyst.expressions.aggregate.MinBy;
import org.apache.spark.sql.catalyst.expressions.aggregate.Skewness;
import org.apache.spark.sql.catalyst.expressions.aggregate.Sum;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import scala.runtime.AbstractPartialFunction;

/**
 * Plans the aggregates of a view. Driver only.
 *
 * <p>Spark's optimizer would make two aggregates of one with DISTINCT. So DISTINCT is taken out of
 * the analysed plan, and a mark put on the arguments that the optimizer keeps.
 */
final class AggregatePlanner {

  private static final String ALTERNATIVE =
      "A view keeps count, sum, avg, stddev and variance, with DISTINCT, too, and bool_and,"
          + " bool_or, count_if, min, max, min_by and max_by, each with FILTER.";

  private final String place;
  private final int maxKept;

  /** The aggregates with DISTINCT, as the SQL has them. */
  private final Map<ExprId, String> distinct = new HashMap<>();

  /**
   * @param place where the SQL is, for messages
   * @param maxKept how many values a group's record has at most
   */
  AggregatePlanner(String place, int maxKept) {
    this.place = place;
    this.maxKept = maxKept;
  }

  /** Requires that a view can keep an aggregate of the analysed plan. */
  static void requireKept(AggregateExpression aggregate, String place) {
    AggregateFunction function = aggregate.aggregateFunction();
    boolean isKept =
        switch (function.prettyName()) {
          case "count",
              "sum",
              "avg",
              "mean",
              "stddev",
              "std",
              "stddev_samp",
              "stddev_pop",
              "variance",
              "var_samp",
              "var_pop" ->
              !aggregate.isDistinct() || areOrdered(function);
          case "count_if", "try_sum", "try_avg" -> !aggregate.isDistinct();
          case "bool_and", "every", "bool_or", "some", "any" -> true;
          case "min", "max", "min_by", "max_by" -> areOrdered(function);
          default -> false;
        };
    if (!isKept) {
      throw ViewErrors.unsupported(place, aggregate.sql(), ALTERNATIVE);
    }
  }

  private static boolean areOrdered(AggregateFunction function) {
    return Expressions.list(function.children()).stream()
        .allMatch(argument -> ValueOrder.has(argument.dataType()));
  }

  /** The analysed plan without DISTINCT in aggregates, what has it marked. */
  LogicalPlan marked(LogicalPlan analyzed) {
    return analyzed.transformAllExpressions(new Distincts(this::marked));
  }

  /** Replaces aggregates with DISTINCT. */
  private static final class Distincts extends AbstractPartialFunction<Expression, Expression> {

    private static final long serialVersionUID = 1L;
    private final transient UnaryOperator<AggregateExpression> replacement;

    Distincts(UnaryOperator<AggregateExpression> replacement) {
      this.replacement = replacement;
    }

    @Override
    public boolean isDefinedAt(Expression expression) {
      return expression instanceof AggregateExpression aggregate && aggregate.isDistinct();
    }

    @Override
    public Expression apply(Expression expression) {
      return replacement.apply((AggregateExpression) expression);
    }
  }

  private AggregateExpression marked(AggregateExpression aggregate) {
    AggregateFunction function = aggregate.aggregateFunction();
    if (isSum(function)) {
      distinct.put(aggregate.resultId(), aggregate.sql());
      List<Expression> arguments = new ArrayList<>();
      Expressions.list(function.children())
          .forEach(argument -> arguments.add(new KnownNullable(argument)));
      function = (AggregateFunction) function.withNewChildren(Expressions.seq(arguments));
    }
    return aggregate.copy(
        function, aggregate.mode(), false, aggregate.filter(), aggregate.resultId());
  }

  private static boolean isSum(AggregateFunction function) {
    return function instanceof Count
        || function instanceof Sum
        || function instanceof Average
        || function instanceof CentralMomentAgg;
  }

  private static boolean isMarked(Expression expression) {
    return expression instanceof KnownNullable
        || Expressions.list(expression.children()).stream().anyMatch(AggregatePlanner::isMarked);
  }

  /**
   * Plans an aggregate of the optimised plan.
   *
   * @param input the columns of the rows that it aggregates
   * @param inputs the filters and arguments of all aggregates, to which this one adds its own
   */
  Aggregate plan(AggregateExpression aggregate, List<Attribute> input, List<Expression> inputs) {
    AggregateFunction function = aggregate.aggregateFunction();
    boolean isDistinct = isMarked(function);
    String sql = distinct.getOrDefault(aggregate.resultId(), aggregate.sql());
    Function kind = kind(function);
    if (kind == null || (!isDistinct && distinct.containsKey(aggregate.resultId()))) {
      // The optimizer has replaced the argument with a constant, and the mark with it.
      throw ViewErrors.unsupported(place, sql, ALTERNATIVE);
    }
    int filter = -1;
    if (aggregate.filter().isDefined()) {
      filter = inputs.size();
      inputs.add(Expressions.bind(aggregate.filter().get(), input));
    }
    int first = inputs.size();
    List<Expression> arguments = arguments(function);
    List<DataType> types = new ArrayList<>();
    for (Expression argument : arguments) {
      Expression bound = Expressions.bind(argument, input);
      inputs.add(isDistinct ? Expressions.normalized(bound) : bound);
      types.add(argument.dataType());
    }
    boolean isBy = function instanceof MinBy || function instanceof MaxBy;
    boolean isGreatest = function instanceof Max || function instanceof MaxBy;
    return new Aggregate(
        kind,
        filter,
        first,
        isBy ? 1 : arguments.size(),
        types.isEmpty() ? null : types.get(0),
        function.dataType(),
        evaluate(kind, function),
        isDistinct || kind == Function.EXTREME ? new ValueOrder(types, isGreatest) : null,
        maxKept,
        sql);
  }

  /** What is ordered by comes first. */
  private static List<Expression> arguments(AggregateFunction function) {
    if (function instanceof MinBy by) {
      return List.of(by.orderingExpr(), by.valueExpr());
    }
    if (function instanceof MaxBy by) {
      return List.of(by.orderingExpr(), by.valueExpr());
    }
    return Expressions.list(function.children());
  }

  private static Expression evaluate(Function kind, AggregateFunction function) {
    if (kind != Function.AVERAGE && kind != Function.MOMENTS) {
      return null;
    }
    DeclarativeAggregate declarative = (DeclarativeAggregate) function;
    List<Attribute> buffer = new ArrayList<>(Expressions.list(declarative.aggBufferAttributes()));
    return Expressions.bind(declarative.evaluateExpression(), buffer);
  }

  private static Function kind(AggregateFunction function) {
    if (function instanceof Count) {
      return Function.COUNT;
    }
    if (function instanceof Sum) {
      return Function.SUM;
    }
    if (function instanceof Average) {
      return Function.AVERAGE;
    }
    if (function instanceof CentralMomentAgg
        && !(function instanceof Skewness)
        && !(function instanceof Kurtosis)) {
      return Function.MOMENTS;
    }
    if (function instanceof Min || function instanceof Max) {
      if (function.dataType() instanceof BooleanType) {
        return function instanceof Min ? Function.ALL_TRUE : Function.ANY_TRUE;
      }
      return Function.EXTREME;
    }
    return function instanceof MinBy || function instanceof MaxBy ? Function.EXTREME : null;
  }
}
