package dev.millrace.sink;

import dev.millrace.event.SourceRange;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * What one micro-batch delivers to a sink.
 *
 * @param id the batch's number in its checkpoint; a replay has the same
 * @param queryId identity of the checkpoint
 * @param isReplay whether an earlier run began this batch and may have delivered some or all of it
 * @param rows the rows to deliver, to be evaluated once
 * @param sourceRanges tells which messages each partition of an RDD made from {@code rows} stems
 *     from; empty where it can't be known
 * @param messages those that the whole batch stems from, where a sink needs them; else empty
 */
public record Batch(
    long id,
    String queryId,
    boolean isReplay,
    Dataset<Row> rows,
    Function<RDD<?>, Optional<List<SourceRange>>> sourceRanges,
    Optional<List<SourceRange>> messages) {

  /** A batch whose messages no sink needs. */
  public Batch(
      long id,
      String queryId,
      boolean isReplay,
      Dataset<Row> rows,
      Function<RDD<?>, Optional<List<SourceRange>>> sourceRanges) {
    this(id, queryId, isReplay, rows, sourceRanges, Optional.empty());
  }

  /** The same batch with other rows. */
  public Batch with(Dataset<Row> otherRows) {
    return new Batch(id, queryId, isReplay, otherRows, sourceRanges, messages);
  }

  /**
   * The same batch with other rows.
   *
   * @param messageRanges the messages that all rows stem from; empty where that is not known
   */
  public Batch with(Dataset<Row> otherRows, Optional<List<SourceRange>> messageRanges) {
    return new Batch(id, queryId, isReplay, otherRows, sourceRanges, messageRanges);
  }
}
