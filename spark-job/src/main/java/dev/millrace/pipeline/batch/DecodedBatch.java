package dev.millrace.pipeline.batch;

import dev.millrace.event.DecodeMetrics;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * A micro-batch, decoded: what a query reads, what could not be read, and how much. Driver only.
 */
public interface DecodedBatch extends AutoCloseable {

  /** The rows that SQL reads, decoded and counted by the action that evaluates them. */
  Dataset<Row> rows();

  /**
   * What was decoded.
   *
   * @param wasRead whether an action has evaluated {@link #rows} to their end; without one they are
   *     evaluated once more to be counted
   */
  DecodeMetrics metrics(boolean wasRead) throws InterruptedException;

  /**
   * What could not be read, each with its place and the reason.
   *
   * @param complete gives raw rows what only dead letters need of them
   */
  Dataset<Row> deadLetters(UnaryOperator<Dataset<Row>> complete);

  /**
   * The next batch of the same query, if a plan made for the rows of this one can serve it, too:
   * then both count in one place. Called once this batch is delivered.
   *
   * @param raw the next batch's raw rows
   */
  default Optional<DecodedBatch> next(Supplier<Dataset<Row>> raw) {
    return Optional.empty();
  }

  /** Releases rows that were kept. */
  @Override
  void close();
}
