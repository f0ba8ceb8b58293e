package dev.millrace.query;

import dev.millrace.event.ChangeColumns;
import dev.millrace.event.OrderColumns;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.optimizer.InlineCTE;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import scala.Option;
import scala.collection.JavaConverters;
import scala.collection.Seq;
import scala.runtime.AbstractPartialFunction;

/**
 * Columns of the relation that a result keeps under the names of {@link OrderColumns}, although the
 * SQL does not select them. Driver only.
 *
 * <pre>
 *   SELECT id, fare FROM changes WHERE fare > 10
 *
 *   Project [id, fare]                      Project [id, fare, offset AS __order_offset]
 *     Filter fare > 10                        Project [id, fare, offset]
 *       relation [id, fare, offset]             Filter fare > 10
 *                                                 relation [id, fare, offset]
 * </pre>
 *
 * @param byName attributes of the relation, by the name that each gets
 */
record CarriedColumns(Map<String, Attribute> byName) {

  private static final Map<String, String> SOURCES =
      Map.of(
          OrderColumns.PARTITION, ChangeColumns.PARTITION,
          OrderColumns.OFFSET, ChangeColumns.OFFSET,
          OrderColumns.TRANSACTION, ChangeColumns.TX_ID,
          OrderColumns.OPERATION, ChangeColumns.OP,
          OrderColumns.LSN, ChangeColumns.LSN,
          OrderColumns.UNCHANGED, ChangeColumns.UNCHANGED,
          OrderColumns.PLACEHOLDERS, ChangeColumns.PLACEHOLDERS);

  /** Those that the rows of the relation have. */
  static CarriedColumns of(Dataset<Row> relation) {
    Map<String, Attribute> found = new LinkedHashMap<>();
    List<Attribute> output =
        JavaConverters.seqAsJavaList(relation.queryExecution().analyzed().output());
    for (String name : OrderColumns.ALL) {
      output.stream()
          .filter(attribute -> attribute.name().equals(SOURCES.get(name)))
          .findFirst()
          .ifPresent(attribute -> found.put(name, attribute));
    }
    return new CarriedColumns(found);
  }

  /**
   * The result with these columns at its end; those that a plan loses on the way are left out.
   *
   * @param result each of its rows is made from one row of the relation
   */
  Dataset<Row> through(Dataset<Row> result) {
    LogicalPlan inlined = new InlineCTE(true).apply(result.queryExecution().analyzed());
    LogicalPlan carrying = inlined.transformUp(new Carrying());
    List<NamedExpression> columns = new ArrayList<>(JavaConverters.seqAsJavaList(inlined.output()));
    byName.forEach(
        (name, attribute) -> {
          if (has(carrying.output(), attribute)) {
            columns.add(alias(attribute, name));
          }
        });
    return Dataset.ofRows(result.sparkSession(), new Project(immutable(columns), carrying));
  }

  /** Lets every projection pass on what its input has. */
  private final class Carrying extends AbstractPartialFunction<LogicalPlan, LogicalPlan> {

    @Override
    public boolean isDefinedAt(LogicalPlan plan) {
      return plan instanceof Project;
    }

    @Override
    public LogicalPlan apply(LogicalPlan plan) {
      Project project = (Project) plan;
      List<NamedExpression> columns =
          new ArrayList<>(JavaConverters.seqAsJavaList(project.projectList()));
      for (Attribute attribute : byName.values()) {
        if (has(project.child().output(), attribute) && !has(project.output(), attribute)) {
          columns.add(attribute);
        }
      }
      return new Project(immutable(columns), project.child());
    }
  }

  private static boolean has(Seq<Attribute> output, Attribute attribute) {
    return JavaConverters.seqAsJavaList(output).stream()
        .anyMatch(each -> each.exprId().equals(attribute.exprId()));
  }

  private static NamedExpression alias(Attribute attribute, String name) {
    return new Alias(
        attribute,
        name,
        NamedExpression.newExprId(),
        immutable(List.of()),
        Option.empty(),
        immutable(List.of()));
  }

  /** A Scala list: a converter's wrapper can't be serialized. */
  private static <T> Seq<T> immutable(List<T> list) {
    return JavaConverters.asScalaBuffer(list).toList();
  }
}
