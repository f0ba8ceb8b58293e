package dev.millrace.table;

import dev.millrace.config.FileSourceDefinition;
import dev.millrace.config.KafkaSourceDefinition;
import dev.millrace.config.PipelineDefinition;
import org.apache.spark.sql.SparkSession;

/** The origin of each kind of source that a table is inferred from. */
public final class InferenceOrigins {

  private InferenceOrigins() {}

  /** The origin that the pipeline's source is, which must be one that a table is inferred from. */
  public static InferenceOrigin of(PipelineDefinition pipeline, SparkSession session) {
    return pipeline.source() instanceof FileSourceDefinition files
        ? new FilesInferenceOrigin(session, files, pipeline.table().nullTokens())
        : new TopicInferenceOrigin((KafkaSourceDefinition) pipeline.source());
  }
}
