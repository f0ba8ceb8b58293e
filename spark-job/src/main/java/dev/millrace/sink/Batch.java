package dev.millrace.sink;

import dev.millrace.event.SourceRange;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;

/**
 * What one micro-batch delivers to a sink.
 *
 * @param id the batch's number in its checkpoint; a replay has the same
 * @param queryId identity of the checkpoint
 * @param isReplay whether an earlier run began this batch and may have delivered some or all of it
 * @param dataset the rows to deliver, to be evaluated once; made when they are asked for
 * @param sourceRanges tells which messages each partition of an RDD made from {@code rows} stems
 *     from; empty where it can't be known
 * @param messages those that the whole batch stems from, where a sink needs them; else empty
 * @param scan the plan that the batches of the query share, if they do
 * @param position where the batch ends in its source, as the checkpoint has it; empty where that is
 *     not known
 */
public record Batch(
    long id,
    String queryId,
    boolean isReplay,
    Supplier<Dataset<Row>> dataset,
    Function<RDD<?>, Optional<List<SourceRange>>> sourceRanges,
    Optional<List<SourceRange>> messages,
    Optional<Scan> scan,
    Supplier<Optional<String>> position) {

  /**
   * What one batch of a query is, next to the others.
   *
   * @param plan that of the query
   * @param rows what it scans of this batch
   */
  public record Scan(KeptPlan plan, RDD<InternalRow> rows) {}

  /** A batch whose messages no sink needs. */
  public Batch(
      long id,
      String queryId,
      boolean isReplay,
      Dataset<Row> rows,
      Function<RDD<?>, Optional<List<SourceRange>>> sourceRanges) {
    this(
        id,
        queryId,
        isReplay,
        () -> rows,
        sourceRanges,
        Optional.empty(),
        Optional.empty(),
        Optional::empty);
  }

  /** The same batch of a checkpoint that tells where it ends. */
  public Batch endingAt(Supplier<Optional<String>> end) {
    return new Batch(id, queryId, isReplay, dataset, sourceRanges, messages, scan, end);
  }

  /** The rows to deliver. */
  public Dataset<Row> rows() {
    return dataset.get();
  }

  /**
   * The rows in the form in which a sink delivers them, planned.
   *
   * @param form the same for every batch of a query
   */
  public PlannedRows planned(UnaryOperator<Dataset<Row>> form) {
    Supplier<Dataset<Row>> query = () -> form.apply(rows());
    return scan.map(each -> each.plan().over(each.rows(), query))
        .orElseGet(() -> PlannedRows.of(query.get()));
  }

  /** The same batch with other rows. */
  public Batch with(Dataset<Row> otherRows) {
    return with(otherRows, messages);
  }

  /**
   * The same batch with other rows.
   *
   * @param otherRows made when they are asked for
   * @param otherScan as {@link #scan}
   */
  public Batch with(Supplier<Dataset<Row>> otherRows, Optional<Scan> otherScan) {
    return new Batch(id, queryId, isReplay, otherRows, sourceRanges, messages, otherScan, position);
  }

  /**
   * The same batch with other rows.
   *
   * @param messageRanges the messages that all rows stem from; empty where that is not known
   */
  public Batch with(Dataset<Row> otherRows, Optional<List<SourceRange>> messageRanges) {
    return new Batch(
        id,
        queryId,
        isReplay,
        () -> otherRows,
        sourceRanges,
        messageRanges,
        Optional.empty(),
        position);
  }
}
