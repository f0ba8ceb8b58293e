package dev.millrace.sink.kafka;

import dev.millrace.sink.kafka.BatchTransactions.Transaction;
import java.util.List;
import org.apache.spark.Partition;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.rdd.PartitionCoalescer;
import org.apache.spark.rdd.PartitionGroup;
import org.apache.spark.rdd.RDD;
import scala.Option;
import scala.Serializable;

/**
 * Which partitions of a batch's rows each task reads, one after the other; those of no task are not
 * read.
 *
 * @param tasks indexes of partitions, by the index of the task
 */
record TaskPartitions(List<List<Integer>> tasks) implements PartitionCoalescer, Serializable {

  static TaskPartitions of(BatchTransactions batch) {
    return new TaskPartitions(batch.transactions().stream().map(Transaction::units).toList());
  }

  /** The same rows, in these tasks' partitions. */
  <T> JavaRDD<T> of(JavaRDD<T> rows) {
    return rows.rdd().coalesce(tasks.size(), false, Option.apply(this), null).toJavaRDD();
  }

  @Override
  public PartitionGroup[] coalesce(int most, RDD<?> parent) {
    Partition[] partitions = parent.partitions();
    return tasks.stream()
        .map(
            task -> {
              // Spark asks the parents for where a group is best read.
              PartitionGroup group = new PartitionGroup(Option.empty());
              task.forEach(index -> group.partitions().$plus$eq(partitions[index]));
              return group;
            })
        .toArray(PartitionGroup[]::new);
  }
}
