package dev.millrace.view.plan;

import dev.millrace.error.ViewErrors;
import dev.millrace.view.aggregate.Aggregate;
import dev.millrace.view.aggregate.Aggregate.Function;
import dev.millrace.view.aggregate.ValueOrder;
import dev.millrace.view.table.Expressions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.BoundReference;
import org.apache.spark.sql.catalyst.expressions.CreateNamedStruct;
import org.apache.spark.sql.catalyst.expressions.ExprId;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GetStructField;
import org.apache.spark.sql.catalyst.expressions.If;
import org.apache.spark.sql.catalyst.expressions.IsNotNull;
import org.apache.spark.sql.catalyst.expressions.KnownNullable;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.SortArray;
import org.apache.spark.sql.catalyst.expressions.aggregate.AggregateExpression;
import org.apache.spark.sql.catalyst.expressions.aggregate.AggregateFunction;
import org.apache.spark.sql.catalyst.expressions.aggregate.Average;
import org.apache.spark.sql.catalyst.expressions.aggregate.CentralMomentAgg;
import org.apache.spark.sql.catalyst.expressions.aggregate.CollectList;
import org.apache.spark.sql.catalyst.expressions.aggregate.CollectSet;
import org.apache.spark.sql.catalyst.expressions.aggregate.Count;
import org.apache.spark.sql.catalyst.expressions.aggregate.DeclarativeAggregate;
import org.apache.spark.sql.catalyst.expressions.aggregate.HyperLogLogPlusPlus;
import org.apache.spark.sql.catalyst.expressions.aggregate.ImperativeAggregate;
import org.apache.spark.sql.catalyst.expressions.aggregate.Kurtosis;
import org.apache.spark.sql.catalyst.expressions.aggregate.Max;
import org.apache.spark.sql.catalyst.expressions.aggregate.MaxBy;
import org.apache.spark.sql.catalyst.expressions.aggregate.Min;
import org.apache.spark.sql.catalyst.expressions.aggregate.MinBy;
import org.apache.spark.sql.catalyst.expressions.aggregate.Percentile;
import org.apache.spark.sql.catalyst.expressions.aggregate.PercentileDisc;
import org.apache.spark.sql.catalyst.expressions.aggregate.Skewness;
import org.apache.spark.sql.catalyst.expressions.aggregate.Sum;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import scala.Option;
import scala.runtime.AbstractPartialFunction;

/**
 * Plans the aggregates of a view. Driver only.
 *
 * <p>Spark's optimizer would make two aggregates of one with DISTINCT. So DISTINCT is taken out of
 * the analysed plan, and a mark put on the arguments that the optimizer keeps. Where several rows
 * have the greatest value, {@code max_by(value, by)} is any of theirs; as the maximum of {@code
 * (by, value)} it follows from the table. {@code collect_list} is sorted for the same reason.
 */
final class AggregatePlanner {

  private static final String ALTERNATIVE =
      "A view keeps count, sum, avg, stddev and variance, with DISTINCT, too, and bool_and,"
          + " bool_or, count_if, min, max, min_by, max_by, collect_list, collect_set, percentile,"
          + " percentile_cont, percentile_disc, median and approx_count_distinct, each with FILTER.";

  private static final Set<Class<?>> COLLECTED =
      Set.of(
          CollectList.class,
          CollectSet.class,
          Percentile.class,
          PercentileDisc.class,
          HyperLogLogPlusPlus.class);

  private final String place;
  private final int maxKept;

  private final Set<ExprId> distinct = new HashSet<>();

  /** The aggregates that were replaced, as the SQL has them. */
  private final Map<ExprId, String> sql = new HashMap<>();

  /**
   * @param place where the SQL is, for messages
   * @param maxKept how many values a group's record has at most
   */
  AggregatePlanner(String place, int maxKept) {
    this.place = place;
    this.maxKept = maxKept;
  }

  /** How many values a group's record has at most. */
  int maxKept() {
    return maxKept;
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
          case "min", "max", "min_by", "max_by", "collect_list", "array_agg", "collect_set" ->
              areOrdered(function);
          case "percentile", "percentile_cont", "percentile_disc", "median" ->
              !aggregate.isDistinct() && areOrdered(function);
          case "approx_count_distinct" -> areOrdered(function);
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

  /** The analysed plan with the aggregates that {@link #plan} takes. */
  LogicalPlan replaced(LogicalPlan analyzed) {
    LogicalPlan decided =
        replaced(
            analyzed,
            AggregatePlanner::isUndecided,
            aggregate -> {
              sql.put(aggregate.resultId(), aggregate.sql());
              return decided(aggregate);
            });
    return replaced(decided, AggregateExpression::isDistinct, this::marked);
  }

  /** The analysed plan with aggregates whose results follow from the rows alone. */
  static LogicalPlan decided(LogicalPlan analyzed) {
    return replaced(analyzed, AggregatePlanner::isUndecided, AggregatePlanner::decided);
  }

  /** Aggregates of GROUP BY: those of a window see its rows in an order. */
  private static LogicalPlan replaced(
      LogicalPlan plan,
      Predicate<AggregateExpression> isReplaced,
      java.util.function.Function<AggregateExpression, Expression> replacement) {
    return plan.transformUpWithSubqueries(
        new Nodes(
            org.apache.spark.sql.catalyst.plans.logical.Aggregate.class,
            node -> node.transformExpressionsUp(new Replacement(isReplaced, replacement))));
  }

  private static boolean isUndecided(AggregateExpression aggregate) {
    return isBy(aggregate) || isCollection(aggregate.aggregateFunction());
  }

  private static boolean isCollection(AggregateFunction function) {
    return function instanceof CollectList || function instanceof CollectSet;
  }

  private static boolean isBy(AggregateExpression aggregate) {
    return aggregate.aggregateFunction() instanceof MaxBy
        || aggregate.aggregateFunction() instanceof MinBy;
  }

  private static Expression decided(AggregateExpression aggregate) {
    AggregateFunction function = aggregate.aggregateFunction();
    if (isCollection(function)) {
      return sorted(aggregate);
    }
    boolean isGreatest = function instanceof MaxBy;
    Expression by =
        isGreatest ? ((MaxBy) function).orderingExpr() : ((MinBy) function).orderingExpr();
    Expression value = isGreatest ? ((MaxBy) function).valueExpr() : ((MinBy) function).valueExpr();
    Expression both =
        new CreateNamedStruct(
            Expressions.seq(
                List.of(
                    Literal.create("by", DataTypes.StringType),
                    by,
                    Literal.create("value", DataTypes.StringType),
                    value)));
    Expression counted =
        new If(new IsNotNull(by), both, Literal.create((Object) null, both.dataType()));
    return new GetStructField(
        aggregate.copy(
            isGreatest ? new Max(counted) : new Min(counted),
            aggregate.mode(),
            false,
            aggregate.filter(),
            aggregate.resultId()),
        1,
        Option.empty());
  }

  /** An array of values, the smallest first. */
  private static Expression sorted(AggregateExpression aggregate) {
    AggregateFunction function = aggregate.aggregateFunction();
    AggregateFunction collected =
        aggregate.isDistinct() && function instanceof CollectList list
            ? new CollectSet(list.child(), 0, 0)
            : function;
    return new SortArray(
        aggregate.copy(
            collected, aggregate.mode(), false, aggregate.filter(), aggregate.resultId()),
        Literal.create(true, DataTypes.BooleanType));
  }

  /** Replaces some aggregates of a plan. */
  private static final class Replacement extends AbstractPartialFunction<Expression, Expression> {

    private static final long serialVersionUID = 1L;
    private final transient Predicate<AggregateExpression> isReplaced;
    private final transient java.util.function.Function<AggregateExpression, Expression>
        replacement;

    Replacement(
        Predicate<AggregateExpression> isReplaced,
        java.util.function.Function<AggregateExpression, Expression> replacement) {
      this.isReplaced = isReplaced;
      this.replacement = replacement;
    }

    @Override
    public boolean isDefinedAt(Expression expression) {
      return expression instanceof AggregateExpression aggregate && isReplaced.test(aggregate);
    }

    @Override
    public Expression apply(Expression expression) {
      return replacement.apply((AggregateExpression) expression);
    }
  }

  private AggregateExpression marked(AggregateExpression aggregate) {
    AggregateFunction function = aggregate.aggregateFunction();
    if (isSum(function)) {
      distinct.add(aggregate.resultId());
      sql.put(aggregate.resultId(), aggregate.sql());
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
    if (function instanceof ImperativeAggregate imperative) {
      return collected(aggregate, imperative, input, inputs);
    }
    boolean isDistinct = isMarked(function);
    String text = sql.getOrDefault(aggregate.resultId(), aggregate.sql());
    Function kind = kind(function);
    if (kind == null || (!isDistinct && distinct.contains(aggregate.resultId()))) {
      // The optimizer has replaced the argument with a constant, and the mark with it.
      throw ViewErrors.unsupported(place, text, ALTERNATIVE);
    }
    int filter = -1;
    if (aggregate.filter().isDefined()) {
      filter = inputs.size();
      inputs.add(Expressions.bind(aggregate.filter().get(), input));
    }
    int first = inputs.size();
    List<Expression> arguments = Expressions.list(function.children());
    List<DataType> types = new ArrayList<>();
    for (Expression argument : arguments) {
      Expression bound = Expressions.bind(argument, input);
      inputs.add(isDistinct ? Expressions.normalized(bound) : bound);
      types.add(argument.dataType());
    }
    return new Aggregate(
        kind,
        filter,
        first,
        arguments.size(),
        types.isEmpty() ? null : types.get(0),
        function.dataType(),
        evaluate(kind, function),
        isDistinct || kind == Function.EXTREME
            ? new ValueOrder(types, function instanceof Max)
            : null,
        maxKept,
        0,
        text);
  }

  /** An aggregate that Spark computes of all values of its first argument. */
  private Aggregate collected(
      AggregateExpression aggregate,
      ImperativeAggregate function,
      List<Attribute> input,
      List<Expression> inputs) {
    String text = sql.getOrDefault(aggregate.resultId(), aggregate.sql());
    if (!COLLECTED.contains(function.getClass())) {
      throw ViewErrors.unsupported(place, text, ALTERNATIVE);
    }
    int filter = -1;
    if (aggregate.filter().isDefined()) {
      filter = inputs.size();
      inputs.add(Expressions.bind(aggregate.filter().get(), input));
    }
    List<Expression> children = Expressions.list(function.children());
    DataType type = children.get(0).dataType();
    int first = inputs.size();
    inputs.add(Expressions.bind(children.get(0), input));
    children.set(0, new BoundReference(0, type, true));
    if (children.stream().skip(1).anyMatch(argument -> !argument.foldable())) {
      throw ViewErrors.unsupported(
          place, text, "Give it constants: the percentage, and no frequency.");
    }
    return new Aggregate(
        Function.COLLECTED,
        filter,
        first,
        1,
        type,
        function.dataType(),
        function.withNewChildren(Expressions.seq(children)),
        new ValueOrder(List.of(type), false),
        maxKept,
        0,
        text);
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
    return null;
  }
}
