package dev.millrace.view.plan;

import dev.millrace.error.QueryErrors;
import dev.millrace.error.ViewErrors;
import dev.millrace.event.Relation;
import dev.millrace.sql.SqlText;
import dev.millrace.view.table.Expressions;
import dev.millrace.view.table.TableLayout;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.analysis.UnresolvedRelation;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.SubqueryExpression;
import org.apache.spark.sql.catalyst.expressions.WindowExpression;
import org.apache.spark.sql.catalyst.expressions.aggregate.AggregateExpression;
import org.apache.spark.sql.catalyst.expressions.aggregate.AggregateFunction;
import org.apache.spark.sql.catalyst.plans.logical.Except;
import org.apache.spark.sql.catalyst.plans.logical.Intersect;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Sample;
import org.apache.spark.sql.execution.LogicalRDD;
import org.apache.spark.sql.internal.SQLConf;
import org.apache.spark.sql.types.StructType;

/**
 * Plans views: has Spark parse, analyse and optimise their SQL, and makes of the plan what the
 * state can keep. Driver only; reads no data.
 */
public final class ViewPlanner {

  /**
   * Of one aggregate; so many values are read and written with each change of a group, and one that
   * leaves is replaced from its index after half as many have left.
   */
  private static final int MAX_KEPT_VALUES = 32;

  private final SparkSession session;
  private final Relations relations;
  private final int maxKeptValues;

  /**
   * A planner for the views over a table.
   *
   * @param columns all columns of the table
   * @param lookups that the table can be joined with
   */
  public ViewPlanner(
      SparkSession session,
      String table,
      List<String> tableKey,
      StructType columns,
      List<Relation> lookups) {
    this(session, table, tableKey, columns, lookups, MAX_KEPT_VALUES);
  }

  /**
   * The same.
   *
   * @param maxKeptValues how many values the record of a group has for an aggregate that keeps them
   */
  public ViewPlanner(
      SparkSession session,
      String table,
      List<String> tableKey,
      StructType columns,
      List<Relation> lookups,
      int maxKeptValues) {
    this.maxKeptValues = maxKeptValues;
    this.session = session.newSession();
    this.session.conf().set("spark.sql.ansi.enabled", "true");
    // A join would be given subqueries that only an execution of Spark's own understands.
    this.session.conf().set("spark.sql.optimizer.runtime.bloomFilter.enabled", "false");
    Map<RDD<?>, Relation> byRows = new HashMap<>();
    for (Relation lookup : lookups) {
      byRows.put(register(lookup.name(), lookup.columns()), lookup);
    }
    this.relations = new Relations(table, tableKey, register(table, columns), byRows);
  }

  /** An RDD hides that it is empty: the optimizer must not fold the query to nothing. */
  private RDD<?> register(String name, StructType columns) {
    JavaRDD<Row> none = JavaSparkContext.fromSparkContext(session.sparkContext()).emptyRDD();
    Dataset<Row> relation = session.createDataFrame(none, columns);
    relation.createOrReplaceTempView("`" + name + "`");
    return ((LogicalRDD) relation.queryExecution().analyzed()).rdd();
  }

  /**
   * Plans a view.
   *
   * @param place where the SQL is, for messages
   * @throws dev.millrace.error.UserException where Spark can't analyse the SQL, or a view can't
   *     keep its result; with the clause and what to use instead
   */
  public ViewPlan plan(String name, String sql, String place, TableLayout layout) {
    AggregatePlanner aggregates = new AggregatePlanner(place, maxKeptValues);
    return new PlanBuilder(name, place, relations, layout, aggregates)
        .plan(optimized(sql, place, aggregates));
  }

  /**
   * What a view's result has to be, given the relations of a session: SQL of a batch.
   *
   * @param micros what it calls now(), in microseconds since 1970
   */
  public static Dataset<Row> batch(SparkSession session, String sql, long micros) {
    LogicalPlan analyzed = BatchTime.at(session.sql(sql).queryExecution().analyzed(), micros);
    return Dataset.ofRows(session, AggregatePlanner.decided(TopRows.decided(analyzed)));
  }

  /** Whether SQL names a relation in a FROM clause; false for SQL that can't be parsed. */
  public static boolean reads(SparkSession session, String sql, String relation) {
    try {
      return names(session.sessionState().sqlParser().parsePlan(sql), relation);
    } catch (Exception e) {
      // Scala's methods do not declare what they throw.
      if (e instanceof AnalysisException) {
        return false;
      }
      throw e instanceof RuntimeException unchecked ? unchecked : new IllegalStateException(e);
    }
  }

  private static boolean names(LogicalPlan parsed, String relation) {
    return SqlText.nodes(parsed).stream()
        .anyMatch(
            node ->
                node instanceof UnresolvedRelation named
                    && named.multipartIdentifier().size() == 1
                    && named.multipartIdentifier().apply(0).equalsIgnoreCase(relation));
  }

  /** The table's columns that a view reads: to be asked before there is a layout. */
  public Set<String> neededColumns(String sql, String place) {
    return relations.read(optimized(sql, place, new AggregatePlanner(place, maxKeptValues)));
  }

  private LogicalPlan optimized(String sql, String place, AggregatePlanner aggregates) {
    try {
      SqlText.requireQuery(session, sql, place, relations.table());
      Dataset<Row> result = session.sql(sql);
      LogicalPlan analyzed = result.queryExecution().analyzed();
      if (!relations.readTable(analyzed)) {
        throw ViewErrors.withoutTable(place, relations.table());
      }
      requireSupported(analyzed, place);
      requireDistinctNames(result.schema(), place);
      LogicalPlan timed = BatchTime.variable(analyzed);
      // What is compared with the time is not to be concluded of a lookup's columns, too.
      session
          .conf()
          .set(SQLConf.CONSTRAINT_PROPAGATION_ENABLED().key(), String.valueOf(timed == analyzed));
      LogicalPlan replaced = aggregates.replaced(TopRows.decided(timed));
      LogicalPlan optimized =
          replaced == analyzed
              ? result.queryExecution().optimizedPlan()
              : Dataset.ofRows(session, replaced).queryExecution().optimizedPlan();
      if (!optimized.subqueriesAll().isEmpty()) {
        throw ViewErrors.unsupported(
            place,
            "a subquery in an expression",
            "Use EXISTS or IN in WHERE, joined by AND, or a subquery that compares a column with one of"
                + " the outer query: (SELECT max(x) FROM "
                + relations.table()
                + " b WHERE b.g = a.g).");
      }
      return optimized;
    } catch (Exception e) {
      // Scala's methods do not declare what they throw, so Java can't catch it by its name.
      if (e instanceof AnalysisException analysis) {
        throw QueryErrors.invalidSql(place, analysis.getSimpleMessage(), e);
      }
      throw e instanceof RuntimeException unchecked ? unchecked : new IllegalStateException(e);
    }
  }

  private static void requireDistinctNames(StructType result, String place) {
    Set<String> names = new HashSet<>();
    for (String name : result.fieldNames()) {
      if (!names.add(name.toLowerCase(Locale.ROOT))) {
        throw ViewErrors.ambiguousColumn(place, name);
      }
    }
  }

  /** Names what a view can't have by the words of SQL, from the plan that is closest to them. */
  private void requireSupported(LogicalPlan analyzed, String place) {
    for (LogicalPlan node : Relations.nodes(analyzed)) {
      TopRows.requireSupported(node, place);
      if ((node instanceof Intersect intersect && intersect.isAll())
          || (node instanceof Except except && except.isAll())) {
        throw ViewErrors.unsupported(
            place, "INTERSECT ALL or EXCEPT ALL", "Use INTERSECT or EXCEPT, without ALL.");
      }
      if (node instanceof Sample) {
        throw ViewErrors.unsupported(
            place, "TABLESAMPLE", "Use a condition on the key, for example id % 100 = 0.");
      }
      for (Expression expression : Expressions.list(node.expressions())) {
        requireFunctionOfTheRow(expression, place);
      }
    }
  }

  private void requireFunctionOfTheRow(Expression expression, String place) {
    Optional<Expression> compared = BatchTime.compared(expression);
    if (compared.isPresent()) {
      requireFunctionOfTheRow(compared.get(), place);
      return;
    }
    if (BatchTime.isNow(expression)) {
      throw ViewErrors.timeNotCompared(place, expression.sql());
    }
    if (expression instanceof SubqueryExpression subquery) {
      requireSupported(subquery.plan(), place);
    }
    List<Expression> children = Expressions.list(expression.children());
    if (expression instanceof WindowExpression window
        && window.windowFunction() instanceof AggregateExpression aggregate) {
      // It sees the rows of its window in an order.
      children = Expressions.list(aggregate.aggregateFunction().children());
      children.add(window.windowSpec());
    } else if (expression instanceof AggregateExpression aggregate) {
      AggregatePlanner.requireKept(aggregate, place);
    } else if (!expression.deterministic()
        && children.stream().allMatch(Expression::deterministic)
        && !(expression instanceof AggregateFunction)) {
      throw ViewErrors.notAFunctionOfTheRow(place, expression.sql());
    }
    children.forEach(child -> requireFunctionOfTheRow(child, place));
  }
}
