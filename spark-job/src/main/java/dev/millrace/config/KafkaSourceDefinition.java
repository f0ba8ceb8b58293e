package dev.millrace.config;

import java.util.Map;

/**
 * A Kafka topic of Debezium's JSON messages.
 *
 * @param startingOffsets {@code earliest}, {@code latest} or Spark's JSON of offsets by partition;
 *     counts only where a query has no checkpoint
 * @param maxOffsetsPerTrigger most messages a micro-batch takes
 * @param options passed to Spark's Kafka source as they are ({@code kafka.security.protocol}, ...)
 */
public record KafkaSourceDefinition(
    String bootstrapServers,
    String topic,
    String startingOffsets,
    long maxOffsetsPerTrigger,
    Map<String, String> options) {

  public KafkaSourceDefinition {
    options = Map.copyOf(options);
  }
}
