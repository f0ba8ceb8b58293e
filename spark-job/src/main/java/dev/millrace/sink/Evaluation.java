package dev.millrace.sink;

import java.util.function.Function;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.execution.QueryExecution;
import org.apache.spark.sql.execution.SQLExecution;
import scala.Option;

/** Runs an action on the rows of a dataset as they are, without making objects of them. */
public final class Evaluation {

  private Evaluation() {}

  /**
   * Hands the rows of {@code dataset} to {@code action} as one named execution.
   *
   * <p>Spark reports the metrics of {@code Dataset.observe} only for an execution that has a name;
   * actions on a dataset's RDD have none.
   */
  public static <T> T run(
      String name, Dataset<Row> dataset, Function<JavaRDD<InternalRow>, T> action) {
    QueryExecution execution = dataset.queryExecution();
    return SQLExecution.withNewExecutionId(
        execution,
        Option.apply(name),
        () -> {
          RDD<InternalRow> rows = execution.toRdd();
          return action.apply(rows.toJavaRDD());
        });
  }
}
