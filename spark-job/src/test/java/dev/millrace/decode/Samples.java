package dev.millrace.decode;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.List;

/** Messages that a real connector wrote. */
public final class Samples {

  /** A message as it is in Kafka. Key and value may be null. */
  public record Message(
      String topic, int partition, long offset, String keyJson, String valueJson) {

    public byte[] key() {
      return keyJson == null ? null : keyJson.getBytes(UTF_8);
    }

    public byte[] value() {
      return valueJson == null ? null : valueJson.getBytes(UTF_8);
    }
  }

  private Samples() {}

  public static List<Message> load(String name) {
    ObjectMapper mapper = new ObjectMapper();
    List<Message> messages = new ArrayList<>();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(Samples.class.getResourceAsStream("/samples/" + name), UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        JsonNode message = mapper.readTree(line);
        messages.add(
            new Message(
                message.get("topic").asText(),
                message.get("partition").asInt(),
                message.get("offset").asLong(),
                text(message.get("key")),
                text(message.get("value"))));
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return messages;
  }

  private static String text(JsonNode json) {
    return json.isNull() ? null : json.toString();
  }
}
