package dev.millrace.deadletter;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.millrace.config.SinkDefinition.KafkaSink;
import dev.millrace.deadletter.DeadLetter.Header;
import dev.millrace.deadletter.DeadLetter.Position;
import dev.millrace.kafka.CommittedRecords;
import dev.millrace.kafka.KafkaConnection;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Dead letters in a Kafka topic: JSON as the Kafka sink writes rows, bytes in base64. Other records
 * of the topic are passed over.
 */
record KafkaDeadLetters(KafkaSink sink) {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  void forEach(Consumer<DeadLetter> action) {
    forEachRow(
        row -> {
          if (row.has("offset")) {
            letter(row).ifPresent(action);
          }
        });
  }

  /** The rejected files of a source of files. */
  void forEachFile(BiConsumer<String, RejectedFile> action) {
    forEachRow(
        row -> {
          if (row.hasNonNull("file") && row.hasNonNull("code")) {
            action.accept(
                row.path("pipeline").asText(),
                new RejectedFile(row.get("file").asText(), row.path("message").asText()));
          }
        });
  }

  private void forEachRow(Consumer<JsonNode> action) {
    CommittedRecords.read(
        KafkaConnection.of(sink),
        records -> {
          records.forEach(sink.topic(), record -> row(record).ifPresent(action));
          return null;
        });
  }

  private static Optional<JsonNode> row(ConsumerRecord<byte[], byte[]> message) {
    if (message.value() == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(JSON.readTree(message.value()));
    } catch (JsonProcessingException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(new String(message.value(), StandardCharsets.UTF_8), e);
    }
  }

  /** Empty where the record is not a dead letter, whoever wrote it. */
  private static Optional<DeadLetter> letter(JsonNode row) {
    if (!Stream.of("pipeline", "code", "message").allMatch(name -> row.path(name).isTextual())) {
      return Optional.empty();
    }
    try {
      List<Header> headers = new ArrayList<>();
      for (JsonNode header : row.path("headers")) {
        headers.add(new Header(header.path("key").asText(), bytes(header, "value")));
      }
      return Optional.of(
          new DeadLetter(
              position(row),
              row.hasNonNull("timestamp")
                  ? OffsetDateTime.parse(row.get("timestamp").asText()).toInstant()
                  : Instant.EPOCH,
              bytes(row, "key"),
              bytes(row, "value"),
              headers,
              row.get("pipeline").asText(),
              row.get("code").asText(),
              row.hasNonNull("column") ? row.get("column").asText() : null,
              row.get("message").asText()));
    } catch (DateTimeException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static Position position(JsonNode row) {
    return row.hasNonNull("topic") && row.hasNonNull("partition") && row.hasNonNull("offset")
        ? new Position(
            row.get("topic").asText(), row.get("partition").asInt(), row.get("offset").asLong())
        : DeadLetter.UNKNOWN_POSITION;
  }

  private static ByteBuffer bytes(JsonNode row, String field) {
    return row.hasNonNull(field)
        ? ByteBuffer.wrap(Base64.getDecoder().decode(row.get(field).asText()))
        : null;
  }
}
