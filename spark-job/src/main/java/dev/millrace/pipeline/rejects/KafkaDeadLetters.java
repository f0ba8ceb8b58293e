package dev.millrace.pipeline.rejects;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.millrace.config.SinkDefinition.KafkaSink;
import dev.millrace.pipeline.rejects.DeadLetter.Header;
import dev.millrace.pipeline.rejects.DeadLetter.Position;
import dev.millrace.source.CommittedMessages;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Dead letters in a Kafka topic: JSON as the Kafka sink writes rows, bytes in base64. Other records
 * of the topic are passed over.
 */
record KafkaDeadLetters(KafkaSink sink) {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  void forEach(Consumer<DeadLetter> action) {
    Map<String, Object> properties = new HashMap<>(sink.options());
    properties.put("bootstrap.servers", sink.bootstrapServers());
    try (CommittedMessages messages = new CommittedMessages(properties)) {
      messages.forEach(sink.topic(), message -> letter(message).ifPresent(action));
    }
  }

  private static Optional<DeadLetter> letter(ConsumerRecord<byte[], byte[]> message) {
    if (message.value() == null) {
      return Optional.empty();
    }
    JsonNode row;
    try {
      row = JSON.readTree(message.value());
    } catch (JsonProcessingException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(new String(message.value(), StandardCharsets.UTF_8), e);
    }
    if (!row.hasNonNull("offset") || !row.hasNonNull("code")) {
      return Optional.empty();
    }
    List<Header> headers = new ArrayList<>();
    row.path("headers")
        .forEach(header -> headers.add(new Header(header.get("key").asText(), bytes(header))));
    return Optional.of(
        new DeadLetter(
            new Position(
                row.get("topic").asText(),
                row.get("partition").asInt(),
                row.get("offset").asLong()),
            OffsetDateTime.parse(row.get("timestamp").asText()).toInstant(),
            bytes(row, "key"),
            bytes(row),
            headers,
            row.get("pipeline").asText(),
            row.get("code").asText(),
            row.hasNonNull("column") ? row.get("column").asText() : null,
            row.get("message").asText()));
  }

  private static ByteBuffer bytes(JsonNode row) {
    return bytes(row, "value");
  }

  private static ByteBuffer bytes(JsonNode row, String field) {
    try {
      return row.hasNonNull(field) ? DeadLetter.buffer(row.get(field).binaryValue()) : null;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
