package dev.millrace.table;

import dev.millrace.config.KafkaSourceDefinition;
import dev.millrace.error.InferErrors;
import dev.millrace.infer.TableProposer;
import dev.millrace.infer.TopicSample;
import dev.millrace.kafka.CommittedRecords;
import dev.millrace.kafka.KafkaConnection;
import dev.millrace.kafka.TopicSampler;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** The schema that a topic's messages carry. */
final class TopicInferenceOrigin implements InferenceOrigin {

  private static final int SAMPLE = 1_000;

  private final KafkaSourceDefinition source;
  private int seen;

  TopicInferenceOrigin(KafkaSourceDefinition source) {
    this.source = source;
  }

  @Override
  public Optional<Inferred> infer() {
    TopicSample sample = TopicSample.of(TopicSampler.sample(source, SAMPLE));
    seen = sample.size();
    if (!sample.hasRows()) {
      return Optional.empty();
    }
    if (!sample.hasSchema()) {
      throw InferErrors.noSchema(source.topic());
    }
    return Optional.of(
        new Inferred(
            TableProposer.bySchema(sample), sample.description() + " of topic " + source.topic()));
  }

  @Override
  public boolean awaitMore(BooleanSupplier isStopped) {
    return CommittedRecords.read(
        KafkaConnection.of(source), records -> records.awaitMore(source.topic(), seen, isStopped));
  }

  @Override
  public String awaited() {
    return "a first message of topic " + source.topic() + ", to infer the columns from its schema";
  }

  @Override
  public String emptiness() {
    return "topic " + source.topic() + " has no message";
  }
}
