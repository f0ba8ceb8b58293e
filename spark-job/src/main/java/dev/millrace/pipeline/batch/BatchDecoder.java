package dev.millrace.pipeline.batch;

import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Turns a source's raw rows into rows of the relation, dead letters and counts. Driver only. */
public interface BatchDecoder {

  /**
   * Decodes a micro-batch.
   *
   * @param columns those of the relation that are needed; others may be left out
   * @param isReadOnce whether the action that evaluates the rows reads each of them once; otherwise
   *     they are kept until the batch is closed
   */
  DecodedBatch decode(Dataset<Row> raw, Set<String> columns, boolean isReadOnce);

  /**
   * The rows of a stream, counted as {@link dev.millrace.observe.ProgressReporter#DECODE}.
   *
   * @param columns those of the relation that are needed; others may be left out
   */
  Dataset<Row> stream(Dataset<Row> raw, Set<String> columns);
}
