package dev.millrace.sql;

import dev.millrace.error.QueryErrors;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.analysis.UnresolvedFunction;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.parser.ParseException;
import org.apache.spark.sql.catalyst.plans.QueryPlan;
import org.apache.spark.sql.catalyst.plans.logical.Command;
import org.apache.spark.sql.catalyst.plans.logical.InsertIntoDir;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.ParsedStatement;
import org.apache.spark.sql.catalyst.plans.logical.ScriptTransformation;
import scala.collection.JavaConverters;
import scala.collection.Seq;

/**
 * SQL that a user wrote, before Spark analyses it: a command runs as soon as Spark is asked for its
 * plan. Driver only.
 */
public final class SqlText {

  /** Each calls a method of any class on the class path. */
  private static final Set<String> REFLECTION = Set.of("reflect", "java_method", "try_reflect");

  private SqlText() {}

  /**
   * Requires a query that computes from relations and nothing else.
   *
   * @param place where the SQL is, for messages
   * @param relation what it is to select from, for messages
   * @return its plan, with unresolved names
   * @throws ParseException where it is not SQL
   * @throws dev.millrace.error.UserException where it is a command, or runs code or programs from
   *     outside the pipeline
   */
  public static LogicalPlan requireQuery(
      SparkSession session, String sql, String place, String relation) throws ParseException {
    LogicalPlan parsed = session.sessionState().sqlParser().parsePlan(sql);
    for (QueryPlan<?> node : nodes(parsed)) {
      if (node instanceof Command
          || node instanceof ParsedStatement
          || node instanceof InsertIntoDir) {
        throw QueryErrors.sqlCommand(place, relation);
      }
      if (node instanceof ScriptTransformation) {
        throw QueryErrors.sqlReachesOutside(place, "TRANSFORM", "starts a program");
      }
      list(node.expressions()).forEach(each -> requireNoReflection(each, place));
    }
    return parsed;
  }

  private static void requireNoReflection(Expression expression, String place) {
    if (expression instanceof UnresolvedFunction function) {
      String name = function.nameParts().last().toLowerCase(Locale.ROOT);
      if (REFLECTION.contains(name)) {
        throw QueryErrors.sqlReachesOutside(
            place, "the function " + name, "calls any method of Java");
      }
    }
    list(expression.children()).forEach(each -> requireNoReflection(each, place));
  }

  /** Every node of a plan, those of subqueries and of WITH included. */
  public static List<QueryPlan<?>> nodes(QueryPlan<?> plan) {
    List<QueryPlan<?>> nodes = new ArrayList<>();
    collect(plan, nodes);
    return nodes;
  }

  private static void collect(QueryPlan<?> plan, List<QueryPlan<?>> nodes) {
    nodes.add(plan);
    for (Object child : list(plan.children())) {
      collect((QueryPlan<?>) child, nodes);
    }
    for (Object child : list(plan.innerChildren())) {
      if (child instanceof QueryPlan<?> inner) {
        collect(inner, nodes);
      }
    }
    for (Object subquery : list(plan.subqueries())) {
      collect((QueryPlan<?>) subquery, nodes);
    }
  }

  private static <T> List<T> list(Seq<T> all) {
    return JavaConverters.seqAsJavaList(all);
  }
}
