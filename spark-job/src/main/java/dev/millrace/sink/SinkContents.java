package dev.millrace.sink;

import dev.millrace.config.OutputDefinition;
import dev.millrace.config.SinkDefinition;
import dev.millrace.sink.file.FileContents;
import dev.millrace.sink.kafka.KafkaContents;
import dev.millrace.sink.kafka.KafkaTransactionalSink;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;

/** What a sink holds of one output, to be shown and deleted. Driver only. */
public interface SinkContents {

  /**
   * The contents of an output's sink.
   *
   * @param pipeline the pipeline's name
   * @return empty for a sink that keeps nothing that could be deleted here
   */
  static Optional<SinkContents> of(String pipeline, OutputDefinition output, Configuration hadoop) {
    if (output.sink() instanceof SinkDefinition.FileSink sink) {
      return Optional.of(new FileContents(sink.path(), hadoop));
    }
    if (output.sink() instanceof SinkDefinition.KafkaSink sink) {
      return Optional.of(
          new KafkaContents(
              sink, KafkaTransactionalSink.marksTopic(pipeline, output.name(), sink.topic())));
    }
    return Optional.empty();
  }

  /**
   * What is there, such as {@code 3 batches in 5 files in /data/rides}; empty for nothing.
   *
   * @throws dev.millrace.error.UserException where it can't be read
   */
  Optional<String> description();

  /**
   * Deletes it.
   *
   * @throws dev.millrace.error.UserException where it can't be deleted
   */
  void delete();
}
