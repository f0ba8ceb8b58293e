package dev.millrace.source;

import dev.millrace.event.SourceRange;
import dev.millrace.source.cassandra.CassandraPartition;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.Partition;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.connector.read.InputPartition;
import org.apache.spark.sql.execution.datasources.v2.DataSourceRDDPartition;
import org.apache.spark.sql.kafka010.KafkaBatchInputPartition;
import org.apache.spark.sql.kafka010.KafkaOffsetRange;
import scala.collection.JavaConverters;

/** Tells which part of the source each partition of a result was made from. Driver only. */
public final class SourceRanges {

  private SourceRanges() {}

  /**
   * The range of every partition of {@code rdd}, in the order of its partitions; no two are of one
   * topic-partition.
   *
   * <p>Empty where that is not known: the result was shuffled or merged on its way from Kafka, or
   * one topic-partition was split between tasks ({@code minPartitions}).
   *
   * @param topics those of the source, in the order that gives each its index
   */
  public static Optional<List<SourceRange>> of(RDD<?> rdd, List<String> topics) {
    return ofTasks(rdd, topics)
        .filter(
            ranges ->
                ranges.stream()
                        .map(range -> range.topic() + "-" + range.partition())
                        .distinct()
                        .count()
                    == ranges.size());
  }

  /** The same, where several tasks may share a topic-partition. */
  public static Optional<List<SourceRange>> ofTasks(RDD<?> rdd, List<String> topics) {
    Optional<RDD<Object>> rows = Lineage.readerRows(rdd);
    if (rows.isEmpty()) {
      return Optional.empty();
    }
    RDD<?> reader = rows.get().dependencies().head().rdd();
    List<SourceRange> ranges = new ArrayList<>();
    for (Partition partition : reader.partitions()) {
      List<InputPartition> inputs =
          JavaConverters.seqAsJavaList(((DataSourceRDDPartition) partition).inputPartitions());
      Optional<SourceRange> range =
          inputs.size() == 1 ? of(inputs.get(0), topics) : Optional.empty();
      if (range.isEmpty()) {
        return Optional.empty();
      }
      ranges.add(range.get());
    }
    return Optional.of(List.copyOf(ranges));
  }

  private static Optional<SourceRange> of(InputPartition input, List<String> topics) {
    if (input instanceof CassandraPartition part) {
      return Optional.of(part.range());
    }
    if (input instanceof KafkaBatchInputPartition messages) {
      KafkaOffsetRange range = messages.offsetRange();
      return Optional.of(
          new SourceRange(
              range.topic(),
              topics.indexOf(range.topic()),
              range.partition(),
              range.fromOffset(),
              range.untilOffset()));
    }
    return Optional.empty();
  }
}
