package dev.millrace.pipeline;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.stack.LocalStack;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.StringSerializer;

/** Messages of a topic, read and written by plain clients. */
public final class ChangeTopic {

  private static final ObjectMapper JSON = new ObjectMapper();

  private ChangeTopic() {}

  /** A record whose value was parsed. */
  record Message(String topic, int partition, long offset, JsonNode value) {

    /** A text field of a Python bytes literal without escapes, or null for a null token. */
    String literal(String column) {
      JsonNode field = value.path("ncr_ride_bookings.csv/" + column);
      if (!field.isTextual()) {
        return null;
      }
      String text = field.asText();
      String inner = text.substring(2, text.length() - 1).replace("\"", "");
      return List.of("null", "nan", "").contains(inner) ? null : inner;
    }

    Double number(String column) {
      String text = literal(column);
      return text == null ? null : Double.valueOf(text);
    }
  }

  /** What a {@code read_committed} reader sees, in the order of time. */
  static List<Message> read(LocalStack stack, String topic) {
    return read(stack, topic, Map.of());
  }

  /**
   * The same.
   *
   * @param firstOffsets where to begin, by partition
   */
  static List<Message> read(LocalStack stack, String topic, Map<Integer, Long> firstOffsets) {
    return stack.committedRecords(topic, firstOffsets).stream()
        .sorted(
            java.util.Comparator.comparingLong(
                    (ConsumerRecord<String, String> record) -> record.timestamp())
                .thenComparingLong(ConsumerRecord::offset))
        .map(
            record ->
                new Message(
                    record.topic(), record.partition(), record.offset(), parse(record.value())))
        .toList();
  }

  static JsonNode parse(String json) {
    try {
      return JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new AssertionError("not JSON: " + json, e);
    }
  }

  /** Writes records as they are, each to the partition of its key; returns when all are stored. */
  public static void write(
      LocalStack stack, String topic, List<ConsumerRecord<String, String>> records)
      throws ExecutionException, InterruptedException {
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", stack.bootstrapServers(), "acks", "all"),
            new StringSerializer(),
            new StringSerializer())) {
      List<Future<RecordMetadata>> sent =
          records.stream()
              .map(each -> producer.send(new ProducerRecord<>(topic, each.key(), each.value())))
              .toList();
      for (Future<RecordMetadata> each : sent) {
        each.get();
      }
    }
  }
}
