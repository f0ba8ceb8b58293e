package dev.millrace.view.plan;

import dev.millrace.event.Relation;
import dev.millrace.view.table.Expressions;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Union;
import org.apache.spark.sql.execution.LogicalRDD;

/**
 * What the SQL of views can read.
 *
 * @param table the name of the table
 * @param rows by which a plan names the table
 * @param lookups by what a plan names each of them by
 */
record Relations(String table, List<String> tableKey, RDD<?> rows, Map<RDD<?>, Relation> lookups) {

  Relations {
    tableKey = List.copyOf(tableKey);
    lookups = Map.copyOf(lookups);
  }

  boolean isTable(LogicalPlan node) {
    return node instanceof LogicalRDD leaf && leaf.rdd() == rows;
  }

  /** Whether a plan reads the table. */
  boolean readTable(LogicalPlan plan) {
    return nodes(plan).stream().anyMatch(this::isTable);
  }

  /** The table's columns that an optimised plan reads. */
  Set<String> read(LogicalPlan optimized) {
    Set<String> needed = new LinkedHashSet<>();
    for (LogicalPlan node : nodes(optimized)) {
      if (isTable(node)) {
        for (Attribute attribute : Expressions.list(node.output())) {
          if (optimized.outputSet().contains(attribute)
              || nodes(optimized).stream().anyMatch(each -> reads(each, attribute))) {
            needed.add(attribute.name());
          }
        }
      }
    }
    return needed;
  }

  /** A union names none of the columns that it takes from its parts. */
  private static boolean reads(LogicalPlan node, Attribute attribute) {
    return node.references().contains(attribute)
        || (node instanceof Union
            && Expressions.list(node.children()).stream()
                .anyMatch(part -> part.outputSet().contains(attribute)));
  }

  /** A plan and all that is below it, subqueries in expressions apart. */
  static List<LogicalPlan> nodes(LogicalPlan plan) {
    List<LogicalPlan> nodes = new ArrayList<>();
    nodes.add(plan);
    for (LogicalPlan child : Expressions.list(plan.children())) {
      nodes.addAll(nodes(child));
    }
    return nodes;
  }
}
