package dev.millrace.pipeline.batch;

import dev.millrace.config.FileSourceDefinition;
import dev.millrace.config.PipelineDefinition;
import dev.millrace.config.SourceDefinition;
import dev.millrace.decode.MessageForm;

/** The decoder of each kind of source. */
public final class BatchDecoders {

  private BatchDecoders() {}

  /** The decoder for what the pipeline's source gives. */
  public static BatchDecoder of(PipelineDefinition pipeline) {
    SourceDefinition source = pipeline.source();
    return switch (source.contents()) {
      case CHANGES, JSON ->
          new MessageBatchDecoder(MessageForm.of(pipeline.source()), pipeline.table(), source);
      case ROWS -> new RowBatchDecoder();
      case FILES -> new FileBatchDecoder((FileSourceDefinition) source, pipeline.table());
    };
  }
}
