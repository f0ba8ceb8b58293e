package dev.millrace.source;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.Dependency;
import org.apache.spark.OneToOneDependency;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.execution.LogicalRDD;
import org.apache.spark.sql.execution.datasources.v2.DataSourceRDD;
import scala.collection.JavaConverters;

/** From which reader of a source an RDD's rows come. Driver only. */
final class Lineage {

  private Lineage() {}

  /** The rows of a micro-batch; those that Spark hands over need no plan. */
  static RDD<?> rows(Dataset<Row> batch) {
    return batch.queryExecution().analyzed() instanceof LogicalRDD given
        ? given.rdd()
        : batch.queryExecution().toRdd();
  }

  /**
   * The ancestor that holds the rows just as the reader gives them, counted for the progress of the
   * stream, a task of the reader's for each of its partitions; its parent is the reader's own RDD.
   * Empty where partitions were shuffled or merged on the way, or no reader is at its beginning.
   */
  @SuppressWarnings("unchecked") // What has a reader's RDD as its parent has rows of its kind.
  static <T> Optional<RDD<T>> readerRows(RDD<?> rdd) {
    RDD<?> rows = rdd;
    while (true) {
      List<Dependency<?>> dependencies =
          new ArrayList<>(JavaConverters.seqAsJavaList(rows.dependencies()));
      if (dependencies.size() != 1 || !(dependencies.get(0) instanceof OneToOneDependency<?>)) {
        return Optional.empty();
      }
      RDD<?> parent = dependencies.get(0).rdd();
      if (parent instanceof DataSourceRDD) {
        return Optional.of((RDD<T>) rows);
      }
      rows = parent;
    }
  }
}
