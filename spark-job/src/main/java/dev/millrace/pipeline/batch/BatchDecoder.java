package dev.millrace.pipeline.batch;

import dev.millrace.config.FileSourceDefinition;
import dev.millrace.config.PipelineDefinition;
import dev.millrace.config.SourceDefinition;
import dev.millrace.decode.MessageForm;
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

  /** The decoder for what the pipeline's source gives. */
  static BatchDecoder of(PipelineDefinition pipeline) {
    SourceDefinition source = pipeline.source();
    return switch (source.contents()) {
      case CHANGES, JSON ->
          new MessageBatchDecoder(MessageForm.of(pipeline.source()), pipeline.table(), source);
      case ROWS -> new RowBatchDecoder();
      case FILES -> new FileBatchDecoder((FileSourceDefinition) source, pipeline.table());
    };
  }
}
