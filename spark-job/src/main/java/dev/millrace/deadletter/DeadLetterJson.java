package dev.millrace.deadletter;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.deadletter.DeadLetter.Header;
import dev.millrace.deadletter.DeadLetter.Position;
import dev.millrace.error.DeadLetterErrors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * A dead letter as a line of JSON that a person can correct. Pure.
 *
 * <pre>
 *   {"topic":"rides","partition":0,"offset":9,"timestamp":"2026-11-21T14:00:00Z","pipeline":"...",
 *    "code":"INVALID_VALUE","column":"fare","message":"Cannot read ...","headers":[],
 *    "key":"{\"id\":9}","value":"{\"id\":9,...}"}
 * </pre>
 *
 * <p>Key, value and the values of headers are text; bytes that are not UTF-8 are in base64 under
 * the same name with {@value #BASE64} at its end.
 */
public final class DeadLetterJson {

  private static final String BASE64 = "Base64";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private DeadLetterJson() {}

  /** The line, without a line feed. */
  public static String write(DeadLetter letter) {
    ObjectNode line = JSON.createObjectNode();
    line.put("topic", letter.position().topic());
    line.put("partition", letter.position().partition());
    line.put("offset", letter.position().offset());
    line.put("timestamp", letter.timestamp().toString());
    line.put("pipeline", letter.pipeline());
    line.put("code", letter.code());
    line.put("column", letter.column());
    line.put("message", letter.message());
    var headers = line.putArray("headers");
    letter
        .headers()
        .forEach(
            header -> {
              ObjectNode each = headers.addObject();
              each.put("key", header.key());
              put(each, "value", header.value());
            });
    put(line, "key", letter.key());
    put(line, "value", letter.value());
    return line.toString();
  }

  /**
   * Reads a line. Of the reason nothing need be left; a key or value may also be written as JSON
   * itself instead of as its text.
   *
   * @throws IllegalArgumentException whose message states what is wrong with the line
   */
  public static DeadLetter parse(String text) {
    JsonNode line;
    try {
      line = JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(DeadLetterErrors.notJson(e.getOriginalMessage()), e);
    }
    if (!line.isObject()) {
      throw new IllegalArgumentException(DeadLetterErrors.notJson("a line is one JSON object"));
    }
    if (!line.path("topic").isTextual()
        || !line.path("partition").canConvertToInt()
        || !line.path("offset").canConvertToLong()) {
      throw new IllegalArgumentException(DeadLetterErrors.withoutPosition());
    }
    List<Header> headers = new ArrayList<>();
    for (JsonNode header : line.path("headers")) {
      headers.add(new Header(header.path("key").asText(), bytes(header, "value")));
    }
    return new DeadLetter(
        new Position(
            line.get("topic").asText(), line.get("partition").asInt(), line.get("offset").asLong()),
        instant(line.path("timestamp").asText("")),
        bytes(line, "key"),
        bytes(line, "value"),
        headers,
        line.path("pipeline").asText(""),
        line.path("code").asText(""),
        line.path("column").asText(null),
        line.path("message").asText(""));
  }

  private static Instant instant(String text) {
    try {
      return text.isEmpty() ? Instant.EPOCH : Instant.parse(text);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(DeadLetterErrors.invalidTimestamp(text), e);
    }
  }

  private static void put(ObjectNode object, String field, ByteBuffer bytes) {
    if (bytes == null) {
      object.putNull(field);
      return;
    }
    try {
      object.put(field, StandardCharsets.UTF_8.newDecoder().decode(bytes.duplicate()).toString());
    } catch (CharacterCodingException e) {
      object.put(field + BASE64, DeadLetter.array(bytes));
    }
  }

  private static ByteBuffer bytes(JsonNode object, String field) {
    if (object.has(field) == object.has(field + BASE64)) {
      throw new IllegalArgumentException(
          DeadLetterErrors.eitherTextOrBase64(field, field + BASE64));
    }
    if (object.has(field + BASE64)) {
      try {
        return ByteBuffer.wrap(object.get(field + BASE64).binaryValue());
      } catch (IOException e) {
        throw new IllegalArgumentException(DeadLetterErrors.notBase64(field + BASE64), e);
      }
    }
    JsonNode value = object.get(field);
    if (value.isNull()) {
      return null;
    }
    String text = value.isTextual() ? value.asText() : value.toString();
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }
}
