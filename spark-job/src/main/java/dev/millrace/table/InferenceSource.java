package dev.millrace.table;

import dev.millrace.config.KafkaSourceDefinition;
import dev.millrace.config.PipelineDefinition;

/** What a table can be inferred from. */
public sealed interface InferenceSource {

  /** The messages of a topic. */
  record OfTopic(KafkaSourceDefinition topic) implements InferenceSource {}

  /** The messages of a pipeline's topic, to be compared with the columns that it declares. */
  record OfPipeline(PipelineDefinition pipeline) implements InferenceSource {}

  /**
   * A table of Postgres.
   *
   * @param url of JDBC, without a password
   * @param table with its schema: {@code public.orders}
   */
  record OfPostgres(String url, String user, String password, String table)
      implements InferenceSource {

    @Override
    public String toString() {
      return table + " at " + url + " as " + user;
    }
  }
}
