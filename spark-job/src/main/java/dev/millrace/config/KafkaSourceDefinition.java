package dev.millrace.config;

import dev.millrace.config.SinkDefinition.KafkaSink;
import dev.millrace.error.UserErrors;
import dev.millrace.event.ChangeColumns;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.types.StructField;

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
    Map<String, String> options)
    implements SourceDefinition {

  public KafkaSourceDefinition {
    options = Map.copyOf(options);
  }

  @Override
  public String kind() {
    return "kafka";
  }

  @Override
  public String place() {
    return "topic " + topic + " at " + bootstrapServers;
  }

  @Override
  public Contents contents() {
    return Contents.MESSAGES;
  }

  @Override
  public String relationName() {
    return "changes";
  }

  @Override
  public List<StructField> decodedColumns() {
    return ChangeColumns.DECODED;
  }

  @Override
  public List<StructField> positionColumns() {
    return ChangeColumns.POSITION;
  }

  @Override
  public Optional<String> objectionTo(SinkDefinition sink) {
    boolean isOwnTopic =
        sink instanceof KafkaSink kafka
            && !kafka.topic().isEmpty()
            && kafka.topic().equals(topic)
            && kafka.bootstrapServers().equals(bootstrapServers);
    return isOwnTopic ? Optional.of(UserErrors.readsItsOwnOutput(topic)) : Optional.empty();
  }
}
