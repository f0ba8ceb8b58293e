package dev.millrace.view.plan;

import dev.millrace.error.ViewErrors;
import dev.millrace.view.aggregate.ValueOrder;
import dev.millrace.view.table.Expressions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.spark.sql.catalyst.expressions.And;
import org.apache.spark.sql.catalyst.expressions.Ascending$;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.BinaryComparison;
import org.apache.spark.sql.catalyst.expressions.Descending$;
import org.apache.spark.sql.catalyst.expressions.EqualTo;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GreaterThan;
import org.apache.spark.sql.catalyst.expressions.GreaterThanOrEqual;
import org.apache.spark.sql.catalyst.expressions.IsNull;
import org.apache.spark.sql.catalyst.expressions.LessThan;
import org.apache.spark.sql.catalyst.expressions.LessThanOrEqual;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.RowNumber;
import org.apache.spark.sql.catalyst.expressions.SortOrder;
import org.apache.spark.sql.catalyst.expressions.SortOrder$;
import org.apache.spark.sql.catalyst.expressions.WindowExpression;
import org.apache.spark.sql.catalyst.expressions.WindowSpecDefinition;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.GlobalLimit;
import org.apache.spark.sql.catalyst.plans.logical.LocalLimit;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Offset;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.catalyst.plans.logical.Repartition;
import org.apache.spark.sql.catalyst.plans.logical.RepartitionByExpression;
import org.apache.spark.sql.catalyst.plans.logical.Sort;
import org.apache.spark.sql.catalyst.plans.logical.SubqueryAlias;
import org.apache.spark.sql.catalyst.plans.logical.Window;
import org.apache.spark.sql.catalyst.plans.logical.WindowGroupLimit;
import scala.Option;
import scala.runtime.AbstractPartialFunction;

/**
 * The part of a query that keeps the first rows of an order: ORDER BY with LIMIT, or {@code
 * row_number()} with a bound. Driver only.
 *
 * <p>Where rows are equal in what they are ordered by, Spark takes any of them. So the other
 * columns, from left to right, are added to the order of the analysed plan: the result follows from
 * the table.
 *
 * @param child the rows that are ordered
 * @param orders what they are ordered by
 * @param partitions what each part of them has in common; none where they are one part
 * @param limit how many rows of each part are kept, at least 1
 * @param rowNumber the column with the number of a row, if there is one
 * @param condition what else a row that was kept has to fulfil
 * @param projections what is selected of the rows that are kept, the innermost first
 */
record TopRows(
    LogicalPlan child,
    List<Order> orders,
    List<NamedExpression> partitions,
    int limit,
    Optional<Attribute> rowNumber,
    Optional<Expression> condition,
    List<Project> projections) {

  /** Each change of a group reads and writes as many rows. */
  private static final int MAX_LIMIT = 1000;

  /** One expression of an order, nulls being the smallest values. */
  record Order(Expression expression, boolean isDescending) {}

  /** The top of an optimised plan, if it is one. */
  static Optional<TopRows> in(LogicalPlan plan) {
    if (plan instanceof GlobalLimit limit) {
      return limited(limit);
    }
    return plan instanceof Filter filter && filter.child() instanceof Window window
        ? numbered(filter, window)
        : Optional.empty();
  }

  private static Optional<TopRows> limited(GlobalLimit limit) {
    LogicalPlan below = limit.child() instanceof LocalLimit local ? local.child() : limit.child();
    List<Project> projections = new ArrayList<>();
    while (below instanceof Project project) {
      projections.add(0, project);
      below = project.child();
    }
    OptionalInt rows = literal(limit.limitExpr());
    return below instanceof Sort sort && rows.isPresent()
        ? Optional.of(
            new TopRows(
                sort.child(),
                orders(Expressions.list(sort.order())),
                List.of(),
                rows.getAsInt(),
                Optional.empty(),
                Optional.empty(),
                projections))
        : Optional.empty();
  }

  private static Optional<TopRows> numbered(Filter filter, Window window) {
    Attribute rowNumber = window.windowExpressions().apply(0).toAttribute();
    OptionalInt limit =
        conjuncts(filter.condition()).stream()
            .map(each -> bound(each, rowNumber))
            .filter(OptionalInt::isPresent)
            .mapToInt(OptionalInt::getAsInt)
            .min();
    if (limit.isEmpty()
        || limit.getAsInt() > MAX_LIMIT
        || window.windowExpressions().size() > 1
        || !isRowNumber(window.windowExpressions().apply(0))) {
      return Optional.empty();
    }
    return Optional.of(
        new TopRows(
            window.child() instanceof WindowGroupLimit limited ? limited.child() : window.child(),
            orders(Expressions.list(window.orderSpec())),
            partitions(window),
            Math.max(1, limit.getAsInt()),
            Optional.of(rowNumber),
            Optional.of(filter.condition()),
            List.of()));
  }

  /** What the rows of a part have in common; what is the same for all rows makes no parts. */
  static List<NamedExpression> partitions(Window window) {
    return Expressions.list(window.partitionSpec()).stream()
        .filter(each -> !each.foldable())
        .map(NamedExpression.class::cast)
        .toList();
  }

  /** What rows are ordered by, nulls being the smallest values; constants are left out. */
  static List<Order> orders(List<SortOrder> spec) {
    List<Order> orders = new ArrayList<>();
    for (SortOrder each : spec) {
      if (each.child().foldable()) {
        continue;
      }
      boolean isDescending = each.direction() == Descending$.MODULE$;
      if (each.nullOrdering() != each.direction().defaultNullOrdering()) {
        orders.add(new Order(new IsNull(each.child()), isDescending));
      }
      orders.add(new Order(each.child(), isDescending));
    }
    return orders;
  }

  private static List<Expression> conjuncts(Expression condition) {
    if (!(condition instanceof And and)) {
      return List.of(condition);
    }
    List<Expression> all = new ArrayList<>(conjuncts(and.left()));
    all.addAll(conjuncts(and.right()));
    return all;
  }

  /** The greatest number for which a condition can be true; empty where there is none. */
  private static OptionalInt bound(Expression condition, Attribute number) {
    if (!(condition instanceof BinaryComparison comparison)) {
      return OptionalInt.empty();
    }
    boolean isLeft = isNumber(comparison.left(), number);
    OptionalInt literal = literal(isLeft ? comparison.right() : comparison.left());
    if (literal.isEmpty() || !(isLeft || isNumber(comparison.right(), number))) {
      return OptionalInt.empty();
    }
    boolean isAtMost =
        isLeft ? comparison instanceof LessThanOrEqual : comparison instanceof GreaterThanOrEqual;
    boolean isLess = isLeft ? comparison instanceof LessThan : comparison instanceof GreaterThan;
    if (isLess) {
      return OptionalInt.of(literal.getAsInt() - 1);
    }
    return isAtMost || comparison instanceof EqualTo ? literal : OptionalInt.empty();
  }

  private static boolean isNumber(Expression expression, Attribute number) {
    return expression instanceof Attribute attribute && attribute.exprId().equals(number.exprId());
  }

  private static OptionalInt literal(Expression expression) {
    return expression instanceof Literal literal && literal.value() instanceof Integer value
        ? OptionalInt.of(value)
        : OptionalInt.empty();
  }

  /** Names what of a node of the analysed plan a view can't have, by the words of SQL. */
  static void requireSupported(LogicalPlan node, String place) {
    if (node instanceof Offset) {
      throw ViewErrors.unsupported(
          place, "OFFSET", "Leave it out; a reader of the result can use OFFSET.");
    }
    if (node instanceof GlobalLimit limit) {
      if (sorted(limit.child()).isEmpty()) {
        throw ViewErrors.unsupported(
            place,
            "LIMIT without ORDER BY",
            "Add ORDER BY: which rows are left has to follow from the table.");
      }
      int rows = literal(limit.limitExpr()).orElse(Integer.MAX_VALUE);
      if (rows > MAX_LIMIT) {
        throw ViewErrors.unsupported(
            place,
            "LIMIT " + limit.limitExpr().sql(),
            "Use a number up to " + MAX_LIMIT + ", or leave LIMIT out.");
      }
    }
  }

  private static Optional<Sort> sorted(LogicalPlan plan) {
    if (plan instanceof Sort sort) {
      return Optional.of(sort);
    }
    return plan instanceof LocalLimit
            || plan instanceof Offset
            || plan instanceof Project
            || plan instanceof SubqueryAlias
        ? sorted(plan.children().apply(0))
        : Optional.empty();
  }

  /** The analysed plan with orders in which no two rows that differ are equal. */
  static LogicalPlan decided(LogicalPlan analyzed) {
    LogicalPlan windows =
        analyzed.transformUpWithSubqueries(new Nodes(Window.class, node -> decided((Window) node)));
    return windows.transformUpWithSubqueries(
        new Nodes(
            GlobalLimit.class,
            node -> {
              Optional<Sort> wanted = sorted(((GlobalLimit) node).child());
              return node.transformDown(
                  new Nodes(
                      Sort.class,
                      sort ->
                          wanted.isPresent() && sort == wanted.get()
                              ? totalled((Sort) sort)
                              : sort));
            }));
  }

  private static LogicalPlan totalled(Sort sort) {
    return sort.copy(total(sort.order(), sort.child()), sort.global(), sort.child());
  }

  /**
   * A row's number follows from its place alone, so the other columns join the order of the window.
   * To other functions rows that are equal in that order are peers, which has to stay so; the rows
   * are sorted by the other columns, too, before they reach the window.
   */
  private static LogicalPlan decided(Window window) {
    boolean isNumbered =
        Expressions.list(window.windowExpressions()).stream().allMatch(TopRows::isRowNumber);
    if (isNumbered) {
      scala.collection.Seq<SortOrder> order = total(window.orderSpec(), window.child());
      return window
          .copy(window.windowExpressions(), window.partitionSpec(), order, window.child())
          .transformExpressions(new SpecOrder(order));
    }
    List<SortOrder> order = new ArrayList<>();
    for (Expression partition : Expressions.list(window.partitionSpec())) {
      order.add(ascending(partition));
    }
    order.addAll(Expressions.list(window.orderSpec()));
    LogicalPlan parts =
        window.partitionSpec().isEmpty()
            ? new Repartition(1, true, window.child())
            : new RepartitionByExpression(
                window.partitionSpec(), window.child(), Option.empty(), Option.empty());
    return window.copy(
        window.windowExpressions(),
        window.partitionSpec(),
        window.orderSpec(),
        new Sort(total(Expressions.seq(order), window.child()), false, parts));
  }

  private static boolean isRowNumber(NamedExpression named) {
    return Expressions.list(((Expression) named).children()).stream()
        .allMatch(
            each ->
                each instanceof WindowExpression window
                    && window.windowFunction() instanceof RowNumber);
  }

  private static SortOrder ascending(Expression expression) {
    return SortOrder$.MODULE$.apply(expression, Ascending$.MODULE$, Expressions.seq(List.of()));
  }

  /** Gives the window of a function an order. */
  private static final class SpecOrder extends AbstractPartialFunction<Expression, Expression> {

    private static final long serialVersionUID = 1L;
    private final transient scala.collection.Seq<SortOrder> order;

    SpecOrder(scala.collection.Seq<SortOrder> order) {
      this.order = order;
    }

    @Override
    public boolean isDefinedAt(Expression expression) {
      return expression instanceof WindowSpecDefinition;
    }

    @Override
    public Expression apply(Expression expression) {
      WindowSpecDefinition spec = (WindowSpecDefinition) expression;
      return spec.copy(spec.partitionSpec(), order, spec.frameSpecification());
    }
  }

  private static scala.collection.Seq<SortOrder> total(
      scala.collection.Seq<SortOrder> order, LogicalPlan child) {
    List<SortOrder> total = new ArrayList<>(Expressions.list(order));
    for (Attribute column : Expressions.list(child.output())) {
      if (ValueOrder.has(column.dataType())) {
        total.add(ascending(column));
      }
    }
    return Expressions.seq(total);
  }
}
