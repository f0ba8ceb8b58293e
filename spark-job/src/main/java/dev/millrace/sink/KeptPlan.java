package dev.millrace.sink;

import java.util.Optional;
import java.util.function.Supplier;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.execution.RDDScanExec;
import org.apache.spark.sql.execution.SQLExecutionRDD;
import org.apache.spark.sql.execution.SparkPlan;
import scala.collection.JavaConverters;
import scala.runtime.AbstractPartialFunction;

/**
 * The physical plan of a query that runs on one micro-batch after another: made for the first,
 * executed for each with that batch's rows in the place of the first one's. To analyse, optimize
 * and plan the same query again is most of what a small batch waits for. Driver only.
 *
 * <p>Only for a query whose plan follows from its text alone: see {@code OutputQuery.hasFixedPlan}.
 */
public final class KeptPlan {

  private SparkSession session;
  private SparkPlan plan;

  /** What the plan scans. */
  private RDD<InternalRow> scanned;

  /**
   * The query's rows of one batch.
   *
   * @param rows what the query scans of this batch, and nothing else
   * @param query the query over this batch, asked for while no plan is kept
   */
  PlannedRows over(RDD<InternalRow> rows, Supplier<Dataset<Row>> query) {
    if (plan != null) {
      return new PlannedRows(
          new SQLExecutionRDD(
              plan.transformUp(new Replacement(rows)).execute(), session.sessionState().conf()),
          Optional.empty());
    }
    Dataset<Row> dataset = query.get();
    SparkPlan made = dataset.queryExecution().executedPlan();
    if (JavaConverters.seqAsJavaList(made.collectLeaves()).stream()
        .allMatch(leaf -> scans(leaf, rows))) {
      session = dataset.sparkSession();
      plan = made;
      scanned = rows;
    }
    return PlannedRows.of(dataset);
  }

  private static boolean scans(SparkPlan leaf, RDD<InternalRow> rows) {
    return leaf instanceof RDDScanExec scan && scan.rdd() == rows;
  }

  private final class Replacement extends AbstractPartialFunction<SparkPlan, SparkPlan> {

    private final RDD<InternalRow> rows;

    Replacement(RDD<InternalRow> rows) {
      this.rows = rows;
    }

    @Override
    public boolean isDefinedAt(SparkPlan node) {
      return scans(node, scanned);
    }

    @Override
    public SparkPlan apply(SparkPlan node) {
      RDDScanExec scan = (RDDScanExec) node;
      return new RDDScanExec(
          scan.output(), rows, scan.name(), scan.outputPartitioning(), scan.outputOrdering());
    }
  }
}
