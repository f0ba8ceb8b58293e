package dev.millrace;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * A change as the output {@code bookings} has it: where it is in Kafka, and what it states.
 *
 * @param id null for a truncate
 */
record DeliveredChange(int partition, long offset, String op, Long id, Double bookingValue) {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** A row of the Kafka sink. */
  static DeliveredChange parse(String json) {
    return of(tree(json));
  }

  /** A row of the Parquet sink. */
  static DeliveredChange of(Map<String, Object> row) {
    return of(JSON.<JsonNode>valueToTree(row));
  }

  /** What has to be delivered of a message in either of Debezium's two forms. */
  static DeliveredChange expected(ConsumerRecord<String, String> record) {
    JsonNode message = tree(record.value());
    boolean isEnvelope = message.has("op");
    JsonNode row =
        isEnvelope ? message.path(message.path("after").isObject() ? "after" : "before") : message;
    String literal = row.path("ncr_ride_bookings.csv/booking+value").asText();
    String op = message.get(isEnvelope ? "op" : "__op").asText();
    return new DeliveredChange(
        record.partition(),
        record.offset(),
        op,
        id(row),
        // Of a deleted row nothing counts but its key.
        !op.equals("d") && literal.matches("b'[0-9.]+'")
            ? Double.valueOf(literal.substring(2, literal.length() - 1))
            : null);
  }

  private static DeliveredChange of(JsonNode row) {
    return new DeliveredChange(
        row.get("partition").asInt(),
        row.get("offset").asLong(),
        row.get("op").asText(),
        id(row),
        row.hasNonNull("booking_value") ? row.get("booking_value").asDouble() : null);
  }

  private static Long id(JsonNode row) {
    return row.hasNonNull("id") ? row.get("id").asLong() : null;
  }

  private static JsonNode tree(String json) {
    try {
      return JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new AssertionError("not JSON: " + json, e);
    }
  }
}
