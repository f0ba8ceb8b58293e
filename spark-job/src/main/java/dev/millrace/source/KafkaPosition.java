package dev.millrace.source;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.common.TopicPartition;

/**
 * The next offset to read of every partition, as Spark keeps it in a checkpoint: {@code
 * {"topic":{"0":7,"1":12}}}. Immutable.
 */
public record KafkaPosition(SortedMap<TopicPartition, Long> offsets) {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** By topic, then by partition. */
  public static final Comparator<TopicPartition> ORDER =
      Comparator.comparing(TopicPartition::topic).thenComparingInt(TopicPartition::partition);

  public KafkaPosition {
    SortedMap<TopicPartition, Long> sorted = new TreeMap<>(ORDER);
    sorted.putAll(offsets);
    offsets = java.util.Collections.unmodifiableSortedMap(sorted);
  }

  /** A position of these offsets. */
  public static KafkaPosition of(Map<TopicPartition, Long> offsets) {
    SortedMap<TopicPartition, Long> sorted = new TreeMap<>(ORDER);
    sorted.putAll(offsets);
    return new KafkaPosition(sorted);
  }

  /**
   * Reads Spark's JSON.
   *
   * @throws IllegalArgumentException for anything else
   */
  public static KafkaPosition parse(String json) {
    try {
      JsonNode root = JSON.readTree(json);
      if (!root.isObject()) {
        throw new IllegalArgumentException("not a position in Kafka: " + json);
      }
      Map<TopicPartition, Long> offsets = new LinkedHashMap<>();
      root.fields()
          .forEachRemaining(
              topic ->
                  topic
                      .getValue()
                      .fields()
                      .forEachRemaining(
                          partition ->
                              offsets.put(
                                  new TopicPartition(
                                      topic.getKey(), Integer.parseInt(partition.getKey())),
                                  partition.getValue().longValue())));
      return of(offsets);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not a position in Kafka: " + json, e);
    }
  }

  /** What {@link #parse} reads. */
  public String toJson() {
    Map<String, Map<String, Long>> topics = new LinkedHashMap<>();
    offsets.forEach(
        (partition, offset) ->
            topics
                .computeIfAbsent(partition.topic(), topic -> new LinkedHashMap<>())
                .put(Integer.toString(partition.partition()), offset));
    return JSON.valueToTree(topics).toString();
  }

  /** The offsets of one topic, by partition. */
  public Map<Integer, Long> ofTopic(String topic) {
    Map<Integer, Long> ofTopic = new TreeMap<>();
    offsets.forEach(
        (partition, offset) -> {
          if (partition.topic().equals(topic)) {
            ofTopic.put(partition.partition(), offset);
          }
        });
    return ofTopic;
  }

  /** This position, no partition of it before its {@code first} offset. */
  public KafkaPosition notBefore(Map<TopicPartition, Long> first) {
    SortedMap<TopicPartition, Long> raised = new TreeMap<>(offsets);
    first.forEach((partition, offset) -> raised.merge(partition, offset, Math::max));
    return new KafkaPosition(raised);
  }
}
