package dev.millrace.sink.kafka;

import dev.millrace.config.SinkDefinition.KafkaSink;
import dev.millrace.error.SinkErrors;
import dev.millrace.kafka.KafkaConnection;
import dev.millrace.kafka.KafkaTopics;
import dev.millrace.kafka.OffsetRange;
import dev.millrace.sink.SinkContents;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.apache.kafka.common.KafkaException;

/** A topic, all of it, and the topics of marks that tell what of one output is delivered to it. */
public record KafkaContents(KafkaSink definition, String marksTopic) implements SinkContents {

  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  @Override
  public Optional<String> description() {
    return administer(
        topics -> {
          List<String> parts = new ArrayList<>();
          for (String topic : own(topics)) {
            long offsets =
                topics.offsets(List.of(topic)).values().stream().mapToLong(OffsetRange::size).sum();
            parts.add("topic %s (%,d offsets)".formatted(topic, offsets));
          }
          return parts.isEmpty()
              ? Optional.<String>empty()
              : Optional.of(
                  String.join(", ", parts)
                      + ", all records, also those of other outputs and writers");
        });
  }

  @Override
  public void delete() {
    administer(
        topics -> {
          topics.delete(own(topics));
          return null;
        });
  }

  private List<String> own(KafkaTopics topics) {
    Pattern marks = Pattern.compile(Pattern.quote(marksTopic) + "(\\.\\d+)?");
    return topics.names().stream()
        .filter(name -> name.equals(definition.topic()) || marks.matcher(name).matches())
        .sorted()
        .toList();
  }

  private <T> T administer(Function<KafkaTopics, T> action) {
    try (KafkaTopics topics = new KafkaTopics(KafkaConnection.of(definition), TIMEOUT)) {
      return action.apply(topics);
    } catch (KafkaException e) {
      throw SinkErrors.kafkaSinkUnusable(definition.topic(), definition.bootstrapServers(), e);
    }
  }
}
