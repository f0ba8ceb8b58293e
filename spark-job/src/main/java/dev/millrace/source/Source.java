package dev.millrace.source;

import dev.millrace.config.SourceDefinition;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;

/** Where the rows of a pipeline come from. Driver only. */
public interface Source {

  /**
   * Checks that the source exists, so that a wrong address or name is reported before Spark starts
   * to retry. Servers that don't answer, and topics that don't exist yet, are waited for until the
   * source's retry timeout is over.
   *
   * @return the source's definition, with what only the source itself knows of its columns
   * @throws dev.millrace.error.UserException where it is not there
   */
  SourceDefinition check() throws InterruptedException;

  /**
   * The stream of the source's rows: what {@link dev.millrace.config.SourceDefinition#contents}
   * states, and {@link dev.millrace.config.SourceDefinition#positionColumns}.
   */
  Dataset<Row> open(SparkSession session);

  /**
   * The same stream, with batches that have no rows where one is due.
   *
   * @param isDue asked where the source has nothing new
   * @throws UnsupportedOperationException where the source has no topic
   */
  default Dataset<Row> open(SparkSession session, BooleanSupplier isDue) {
    throw new UnsupportedOperationException("not a source of messages in topics");
  }

  /**
   * The rows of a micro-batch for a plan of their own, which may be spared steps of the stream's.
   *
   * @param batch rows of {@link #open}
   */
  default Dataset<Row> unplanned(Dataset<Row> batch) {
    return batch;
  }

  /**
   * What a plan over {@link #unplanned} scans, where it scans nothing else; empty where it might.
   *
   * @param batch rows of {@link #open}
   */
  default Optional<RDD<InternalRow>> scanned(Dataset<Row> batch) {
    return Optional.empty();
  }

  /**
   * The rows of a micro-batch, read once more, with all that a dead letter keeps; the stream leaves
   * out what only dead letters need.
   *
   * @param batch rows of {@link #open}
   */
  default Dataset<Row> complete(Dataset<Row> batch) {
    return batch;
  }

  /**
   * The offset after the last message of every partition of the topic that the pipeline is made
   * for, those of open transactions included; none where the source has no topic.
   *
   * @throws dev.millrace.error.UserException where no broker answers within the retry timeout
   */
  default Map<Integer, Long> highWatermarks() throws InterruptedException {
    return Map.of();
  }

  /**
   * The rows between two positions, once, as a micro-batch has them.
   *
   * @throws UnsupportedOperationException where the source has no topic
   */
  default Dataset<Row> between(SparkSession session, KafkaPosition start, KafkaPosition end) {
    throw new UnsupportedOperationException("not a source of messages in topics");
  }

  /**
   * The rows of a micro-batch, where a message that was replayed from the dead letters has the
   * topic, partition and offset of its origin.
   *
   * @param batch rows of {@link #unplanned}
   */
  default Dataset<Row> atOrigins(Dataset<Row> batch) {
    return batch;
  }
}
