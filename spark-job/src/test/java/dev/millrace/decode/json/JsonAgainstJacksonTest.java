package dev.millrace.decode.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.millrace.config.ColumnDefinition;
import dev.millrace.config.ColumnDefinition.TimeUnit;
import dev.millrace.config.ReplicaIdentity;
import dev.millrace.config.TableDefinition;
import dev.millrace.decode.Decoding;
import dev.millrace.decode.Outcome;
import dev.millrace.decode.Tables;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Supplier;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.Test;

/**
 * The scanner against Jackson on random and mutated messages: they accept the same ones, and find
 * the same texts in them.
 */
class JsonAgainstJacksonTest {

  private static final int MESSAGES = 200_000;

  private static final ObjectMapper JACKSON =
      JsonMapper.builder(
              com.fasterxml.jackson.core.JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(100_000).build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private static final ObjectMapper STRICT_JACKSON =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private static final List<String> TEXTS =
      List.of(
          "",
          "a",
          "plain text that is longer than eight bytes",
          "quote \" backslash \\ slash /",
          "line\nbreak\ttab\rreturn\b\f",
          "Café",
          "€uro",
          "\uD83D\uDE95 taxi",
          "\u0000\u001f\u007f",
          "\uFFFF",
          "__op",
          "b'x'");

  @Test
  void acceptsTheSameMessagesAndFindsTheSameTexts() throws Exception {
    long seed = System.nanoTime();
    System.out.println("JsonAgainstJacksonTest: seed " + seed);
    Random random = new Random(seed);
    List<ColumnDefinition> columns = new ArrayList<>();
    for (String name : List.of("a", "b", "Café", "quote\"", "op", "before")) {
      columns.add(new ColumnDefinition("own_" + name, name, DataTypes.StringType, TimeUnit.NONE));
    }
    TableDefinition table =
        Tables.plain(columns.toArray(ColumnDefinition[]::new)).with(ReplicaIdentity.FULL);
    Decoding decoding = Decoding.of(table);
    int accepted = 0;
    for (int i = 0; i < MESSAGES; i++) {
      byte[] message = message(random).getBytes(UTF_8);
      if (random.nextInt(3) > 0) {
        message = mutate(message, random);
      }
      Optional<JsonNode> expected = jackson(message);
      Row decoded = decoding.decode(null, message);
      byte[] sent = message;
      int number = i;
      Supplier<String> description =
          () -> "seed " + seed + ", message " + number + ": " + new String(sent, UTF_8) + decoded;
      if (expected.isEmpty()) {
        assertThat(decoded.getString(0)).as(description).isEqualTo(Outcome.REJECTED);
        continue;
      }
      if (decoded.getString(0).equals(Outcome.REJECTED)
          && decoded.getStruct(1).getString(0).equals("DUPLICATE_FIELD")) {
        // Mutated, too; Jackson's tree keeps the last one.
        assertThatThrownBy(() -> STRICT_JACKSON.readTree(new String(sent, UTF_8)))
            .as(description)
            .hasMessageContaining("Duplicate field");
        continue;
      }
      if (expected.get().path("id").isFloatingPointNumber()) {
        // Mutated; Jackson's tree does not say whether its fraction is zero.
        continue;
      }
      if (!isChange(expected.get())) {
        assertThat(decoded.getString(0)).as(description).isEqualTo(Outcome.REJECTED);
        assertThat(decoded.getStruct(1).getString(0))
            .as(description)
            .isIn(
                "MISSING_OPERATION",
                "INVALID_OPERATION",
                "INVALID_VALUE",
                "INVALID_KEY",
                "OUT_OF_RANGE");
        continue;
      }
      accepted++;
      assertThat(decoded.getString(0)).as(description).isEqualTo(Outcome.CHANGE);
      Row row = decoded.getStruct(2);
      for (ColumnDefinition column : columns) {
        JsonNode value = expected.get().get(column.from());
        int index = row.fieldIndex(column.name());
        if (value == null || value.isNull() || row.getAs("op").equals("t")) {
          assertThat(row.isNullAt(index)).as(description).isTrue();
        } else if (value.isTextual()) {
          assertThat(row.getString(index)).as(description).isEqualTo(value.textValue());
        } else {
          assertThat(JACKSON.readTree(row.getString(index))).as(description).isEqualTo(value);
        }
      }
    }
    // Else the test would show little.
    assertThat(accepted).isBetween(MESSAGES / 4, MESSAGES * 9 / 10);
  }

  /** What a message must fulfil in addition to JSON's rules. */
  private static boolean isChange(JsonNode message) {
    JsonNode operation = message.get(isEnvelope(message) ? "op" : "__op");
    JsonNode id = message.get("id");
    return operation != null
        && operation.isTextual()
        && List.of("c", "u", "d", "r", "t").contains(operation.textValue())
        && (operation.textValue().equals("t")
            || (id != null && id.isIntegralNumber() && id.canConvertToLong()));
  }

  /** A mutation can take {@code __op} away and leave a truncate's envelope. */
  private static boolean isEnvelope(JsonNode message) {
    JsonNode before = message.get("before");
    return !message.has("__op")
        && message.path("op").asText().equals("t")
        && before != null
        && (before.isNull() || before.isObject());
  }

  /** The message as Jackson sees it, if it is a JSON object in valid Unicode. */
  private static Optional<JsonNode> jackson(byte[] message) {
    try {
      // Jackson reads UTF-8 leniently.
      UTF_8.newDecoder().decode(ByteBuffer.wrap(message));
      String text = new String(message, UTF_8);
      JsonNode node = JACKSON.readTree(text);
      return node.isObject() && hasNoLoneSurrogates(node) ? Optional.of(node) : Optional.empty();
    } catch (CharacterCodingException | JsonProcessingException e) {
      return Optional.empty();
    }
  }

  private static boolean hasNoLoneSurrogates(JsonNode node) {
    if (node.isTextual()) {
      return UTF_8.newEncoder().canEncode(node.textValue());
    }
    boolean isValid = true;
    for (java.util.Iterator<String> names = node.fieldNames(); names.hasNext(); ) {
      isValid &= UTF_8.newEncoder().canEncode(names.next());
    }
    for (JsonNode child : node) {
      isValid &= hasNoLoneSurrogates(child);
    }
    return isValid;
  }

  private static String message(Random random) {
    StringBuilder json = new StringBuilder();
    List<String> names =
        new ArrayList<>(List.of("id", "a", "b", "Café", "quote\"", "op", "before", "unknown"));
    java.util.Collections.shuffle(names, random);
    List<String> chosen = new ArrayList<>(names.subList(0, random.nextInt(names.size())));
    // Without its key a row is rejected, and states nothing about the rest of the message.
    if (!chosen.contains("id") && random.nextInt(8) > 0) {
      chosen.add("id");
    }
    json.append('{');
    for (String name : chosen) {
      space(json, random);
      string(json, name, random);
      json.append(':');
      space(json, random);
      if (name.equals("id")) {
        json.append(random.nextLong());
      } else {
        value(json, random, 0);
      }
      json.append(',');
    }
    space(json, random);
    json.append("\"__op\":\"").append("cudrt".charAt(random.nextInt(5))).append("\"}");
    space(json, random);
    return json.toString();
  }

  private static void value(StringBuilder json, Random random, int depth) {
    switch (random.nextInt(depth > 4 ? 6 : 8)) {
      case 0 -> json.append("null");
      case 1 -> json.append(random.nextBoolean());
      case 2 -> json.append(random.nextInt());
      case 3 -> json.append(random.nextDouble() * Math.pow(10, random.nextInt(40) - 20));
      case 4, 5 -> string(json, TEXTS.get(random.nextInt(TEXTS.size())), random);
      case 6 -> {
        json.append('[');
        for (int i = random.nextInt(3); i > 0; i--) {
          value(json, random, depth + 1);
          json.append(i > 1 ? "," : "");
        }
        json.append(']');
      }
      default -> {
        json.append('{');
        for (int i = random.nextInt(3); i > 0; i--) {
          string(json, "f" + i, random);
          json.append(':');
          value(json, random, depth + 1);
          json.append(i > 1 ? "," : "");
        }
        json.append('}');
      }
    }
  }

  /** A string as any writer might write it: escapes where they must be, or anywhere. */
  private static void string(StringBuilder json, String text, Random random) {
    boolean escapesAll = random.nextInt(6) == 0;
    json.append('"');
    for (int i = 0; i < text.length(); i++) {
      char character = text.charAt(i);
      if (escapesAll || character < ' ' || (character == '/' && random.nextBoolean())) {
        json.append(String.format("\\u%04x", (int) character));
      } else if (character == '"' || character == '\\') {
        json.append('\\').append(character);
      } else {
        json.append(character);
      }
    }
    json.append('"');
  }

  private static void space(StringBuilder json, Random random) {
    if (random.nextInt(4) == 0) {
      json.append(" \n\t\r".charAt(random.nextInt(4)));
    }
  }

  private static byte[] mutate(byte[] message, Random random) {
    byte[] mutated = message.clone();
    String interesting = "{}[]\",:\\ue0123456789.-+\n\u0000\u00ff\u00c3\u00a9td";
    for (int i = random.nextInt(3); i >= 0 && mutated.length > 0; i--) {
      int at = random.nextInt(mutated.length);
      switch (random.nextInt(3)) {
        case 0 -> mutated[at] = (byte) interesting.charAt(random.nextInt(interesting.length()));
        case 1 -> mutated = java.util.Arrays.copyOf(mutated, at);
        default -> {
          byte[] longer = new byte[mutated.length + 1];
          System.arraycopy(mutated, 0, longer, 0, at);
          longer[at] = (byte) interesting.charAt(random.nextInt(interesting.length()));
          System.arraycopy(mutated, at, longer, at + 1, mutated.length - at);
          mutated = longer;
        }
      }
    }
    return mutated;
  }
}
