package dev.millrace.sink;

import java.util.Optional;
import java.util.function.Function;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.execution.QueryExecution;
import org.apache.spark.sql.execution.SQLExecution;
import scala.Option;

/**
 * Rows as they are, without objects made of them, whose plan is made: what an action runs on.
 * Driver only.
 *
 * @param execution that of the dataset whose rows they are; empty where a plan of an earlier batch
 *     gives them
 */
public record PlannedRows(RDD<InternalRow> rdd, Optional<QueryExecution> execution) {

  /** The rows of a dataset, planned now. */
  public static PlannedRows of(Dataset<Row> dataset) {
    QueryExecution execution = dataset.queryExecution();
    return new PlannedRows(execution.toRdd(), Optional.of(execution));
  }

  /**
   * Hands the rows to {@code action}, those of a dataset as one named execution.
   *
   * <p>Spark reports the metrics of {@code Dataset.observe} only for an execution that has a name;
   * actions on a dataset's RDD have none.
   */
  public <T> T run(String name, Function<JavaRDD<InternalRow>, T> action) {
    return execution.isEmpty()
        ? action.apply(rdd.toJavaRDD())
        : SQLExecution.withNewExecutionId(
            execution.get(), Option.apply(name), () -> action.apply(rdd.toJavaRDD()));
  }
}
