package dev.millrace.pipeline.batch;

import dev.millrace.event.DecodeCounts;
import dev.millrace.event.DecodeMetrics;
import dev.millrace.observe.ProgressReporter;
import dev.millrace.sink.Observed;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.storage.StorageLevel;

/** Rows with types of their own: none of them can't be read. */
public record RowBatchDecoder() implements BatchDecoder {

  private static final Column CHANGES = functions.count(functions.lit(1)).as(DecodeCounts.CHANGES);
  private static final Column REJECTED =
      functions.count(functions.lit(null)).as(DecodeCounts.REJECTED);
  private static final Column SKIPPED =
      functions.count(functions.lit(null)).as(DecodeCounts.SKIPPED);

  @Override
  public DecodedBatch decode(Dataset<Row> raw, Set<String> columns, boolean isReadOnce) {
    return isReadOnce ? new Counted(raw) : new Kept(raw.persist(StorageLevel.MEMORY_AND_DISK()));
  }

  @Override
  public Dataset<Row> stream(Dataset<Row> raw, Set<String> columns) {
    return raw.observe(ProgressReporter.DECODE, CHANGES, REJECTED, SKIPPED);
  }

  private static DecodeMetrics count(Dataset<Row> rows) {
    return DecodeMetrics.of(rows.agg(CHANGES, REJECTED, SKIPPED).collectAsList().get(0));
  }

  /** Counted by a step of the plan. */
  private record Counted(Dataset<Row> raw, Observed observed) implements DecodedBatch {

    Counted(Dataset<Row> raw) {
      this(raw, Observed.by(raw.sparkSession(), ProgressReporter.DECODE));
    }

    @Override
    public Dataset<Row> rows() {
      return raw.observe(ProgressReporter.DECODE, CHANGES, REJECTED, SKIPPED);
    }

    @Override
    public DecodeMetrics metrics(boolean wasRead) throws InterruptedException {
      Optional<Row> metrics = wasRead ? observed.metrics() : Optional.empty();
      return metrics.map(DecodeMetrics::of).orElseGet(() -> count(raw));
    }

    @Override
    public Dataset<Row> deadLetters(UnaryOperator<Dataset<Row>> complete) {
      return raw.limit(0);
    }

    @Override
    public void close() {
      observed.close();
    }
  }

  private record Kept(Dataset<Row> rows) implements DecodedBatch {

    @Override
    public DecodeMetrics metrics(boolean wasRead) {
      return count(rows);
    }

    @Override
    public Dataset<Row> deadLetters(UnaryOperator<Dataset<Row>> complete) {
      return rows.limit(0);
    }

    @Override
    public void close() {
      rows.unpersist();
    }
  }
}
