package dev.millrace.query;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.AttributeSet;
import org.apache.spark.sql.catalyst.plans.InnerLike;
import org.apache.spark.sql.catalyst.plans.JoinType;
import org.apache.spark.sql.catalyst.plans.LeftAnti$;
import org.apache.spark.sql.catalyst.plans.LeftOuter$;
import org.apache.spark.sql.catalyst.plans.LeftSemi$;
import org.apache.spark.sql.catalyst.plans.RightOuter$;
import org.apache.spark.sql.catalyst.plans.logical.Aggregate;
import org.apache.spark.sql.catalyst.plans.logical.CTERelationDef;
import org.apache.spark.sql.catalyst.plans.logical.CTERelationRef;
import org.apache.spark.sql.catalyst.plans.logical.Deduplicate;
import org.apache.spark.sql.catalyst.plans.logical.DeduplicateWithinWatermark;
import org.apache.spark.sql.catalyst.plans.logical.Distinct;
import org.apache.spark.sql.catalyst.plans.logical.EventTimeWatermark;
import org.apache.spark.sql.catalyst.plans.logical.Expand;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.Generate;
import org.apache.spark.sql.catalyst.plans.logical.Join;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.catalyst.plans.logical.SubqueryAlias;
import org.apache.spark.sql.catalyst.plans.logical.View;
import org.apache.spark.sql.catalyst.plans.logical.Window;
import org.apache.spark.sql.catalyst.plans.logical.WithCTE;
import org.apache.spark.sql.catalyst.trees.TreePattern;
import org.apache.spark.sql.execution.LogicalRDD;
import org.apache.spark.sql.execution.QueryExecution;
import scala.collection.JavaConverters;

/**
 * What Spark's plans tell of a query over a relation that is an RDD. Driver only.
 *
 * @param analyzed every node of the analysed plan, those of subqueries included
 * @param optimized the same of the optimized plan, from which unread columns are gone
 * @param hasSubqueryExpression whether an expression holds a query of its own
 */
record QueryPlans(
    List<LogicalPlan> analyzed,
    List<LogicalPlan> optimized,
    boolean hasSubqueryExpression,
    RDD<?> relation) {

  private static final List<Class<?>> ROW_BY_ROW =
      List.of(
          Project.class,
          Filter.class,
          Generate.class,
          SubqueryAlias.class,
          View.class,
          WithCTE.class,
          CTERelationDef.class,
          CTERelationRef.class,
          EventTimeWatermark.class,
          LogicalRDD.class);

  /**
   * The operators that may appear above a relation that is read completely and once, in addition to
   * those that work row by row.
   */
  private static final List<Class<?>> READ_WHOLE =
      List.of(
          Window.class,
          Aggregate.class,
          Expand.class,
          Distinct.class,
          Deduplicate.class,
          DeduplicateWithinWatermark.class);

  /** The plans of a query, {@code relation} being the rows of the source as it reads them. */
  static QueryPlans of(QueryExecution execution, Dataset<Row> relation) {
    return new QueryPlans(
        withSubqueries(execution.analyzed()),
        withSubqueries(execution.optimizedPlan()),
        !execution.analyzed().subqueriesAll().isEmpty(),
        ((LogicalRDD) relation.queryExecution().analyzed()).rdd());
  }

  boolean readsRelation() {
    return analyzed.stream().anyMatch(this::isRelation);
  }

  boolean hasRowFunction() {
    return analyzed.stream().anyMatch(node -> node instanceof Window && reads(node));
  }

  boolean hasAggregate() {
    return analyzed.stream().anyMatch(node -> isAggregate(node) && reads(node));
  }

  private static boolean isAggregate(LogicalPlan node) {
    return node instanceof Aggregate
        || node instanceof Distinct
        || node instanceof Deduplicate
        || node instanceof DeduplicateWithinWatermark;
  }

  /** Whether each row of the result is made from one row of the relation. */
  boolean isRowByRow() {
    return !hasSubqueryExpression && isRowByRow(analyzed.get(0));
  }

  private boolean isRowByRow(LogicalPlan plan) {
    List<LogicalPlan> children = JavaConverters.seqAsJavaList(plan.children());
    if (plan instanceof Join join) {
      boolean isLeft = reads(join.left());
      return isLeft != reads(join.right())
          && keepsItsRows(join.joinType(), isLeft)
          && isRowByRow(isLeft ? join.left() : join.right());
    }
    return ROW_BY_ROW.contains(plan.getClass()) && children.stream().allMatch(this::isRowByRow);
  }

  /**
   * Whether each row of a join is made from one row of that side, independently of the other rows.
   */
  private static boolean keepsItsRows(JoinType type, boolean isLeft) {
    return type instanceof InnerLike
        || (isLeft
            ? type.equals(LeftOuter$.MODULE$)
                || type.equals(LeftSemi$.MODULE$)
                || type.equals(LeftAnti$.MODULE$)
            : type.equals(RightOuter$.MODULE$));
  }

  private boolean reads(LogicalPlan plan) {
    return withSubqueries(plan).stream().anyMatch(this::isRelation);
  }

  private boolean isRelation(LogicalPlan node) {
    return node instanceof LogicalRDD rows && rows.rdd() == relation;
  }

  /** Whether every row of the relation is read, and none twice. */
  boolean readsEachRowOnce() {
    return isRowByRow()
        || (!hasSubqueryExpression
            && analyzed.stream().filter(this::isRelation).count() == 1
            && analyzed.stream().filter(CTERelationRef.class::isInstance).count() <= 1
            && analyzed.stream()
                .allMatch(
                    node ->
                        ROW_BY_ROW.contains(node.getClass())
                            || READ_WHOLE.contains(node.getClass())));
  }

  /** Whether each row follows from one row of the relation, at all times. */
  boolean isFixed() {
    return isRowByRow()
        && analyzed.stream().noneMatch(Join.class::isInstance)
        && analyzed.stream()
            .allMatch(
                node -> node.deterministic() && !node.containsPattern(TreePattern.CURRENT_LIKE()));
  }

  /** The relation's columns that the result depends on. */
  Set<String> neededColumns() {
    AttributeSet read = optimized.get(0).outputSet();
    for (LogicalPlan node : optimized) {
      read = read.$plus$plus(node.references());
    }
    Set<String> needed = new LinkedHashSet<>();
    for (LogicalPlan node : optimized) {
      if (isRelation(node)) {
        for (Attribute attribute : JavaConverters.seqAsJavaList(node.output())) {
          if (read.contains(attribute)) {
            needed.add(attribute.name());
          }
        }
      }
    }
    return needed;
  }

  private static List<LogicalPlan> withSubqueries(LogicalPlan plan) {
    List<LogicalPlan> nodes = new ArrayList<>(nodes(plan));
    JavaConverters.seqAsJavaList(plan.subqueriesAll())
        .forEach(subquery -> nodes.addAll(nodes(subquery)));
    return nodes;
  }

  private static List<LogicalPlan> nodes(LogicalPlan plan) {
    List<LogicalPlan> nodes = new ArrayList<>();
    nodes.add(plan);
    for (LogicalPlan child : JavaConverters.seqAsJavaList(plan.children())) {
      nodes.addAll(nodes(child));
    }
    return nodes;
  }
}
