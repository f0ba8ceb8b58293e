package dev.millrace.simulator.users;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.simulator.event.Event;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;

class UserMessagesTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final long seed = printed(ThreadLocalRandom.current().nextLong());

  @Test
  void tellsAllOfAUser() throws JsonProcessingException {
    for (Event event : messages(seed, 300, 0)) {
      JsonNode user = JSON.readTree(event.value());
      assertThat(user.fieldNames())
          .toIterable()
          .containsExactly(
              "id",
              "first_name",
              "last_name",
              "gender",
              "address",
              "post_code",
              "email",
              "username",
              "dob",
              "registered_date",
              "phone",
              "picture");
      assertThat(user).allSatisfy(value -> assertThat(value.asText()).isNotBlank());
      assertThat(UUID.fromString(user.get("id").asText()))
          .hasToString(event.key())
          .extracting(UUID::version, UUID::variant)
          .containsExactly(4, 2);
      assertThat(user.get("gender").asText()).isIn("female", "male");
      assertThat(user.get("email").asText()).matches("[a-z0-9.]+@example\\.com");
      assertThat(Instant.parse(user.get("dob").asText())).isBefore("2006-01-01T00:00:00Z");
      assertThat(Instant.parse(user.get("registered_date").asText()))
          .isBefore("2025-01-01T00:00:00Z");
    }
  }

  @Test
  void writesPostCodesAsNumbersAndAsText() throws JsonProcessingException {
    List<JsonNode> codes = new ArrayList<>();
    for (Event event : messages(seed, 300, 0)) {
      codes.add(JSON.readTree(event.value()).get("post_code"));
    }

    assertThat(codes).anyMatch(JsonNode::isInt).anyMatch(JsonNode::isTextual);
    assertThat(codes)
        .filteredOn(JsonNode::isTextual)
        .allMatch(code -> code.asText().startsWith("0") || code.asText().contains("-"));
  }

  @Test
  void givesTheSameMessagesForTheSameSeed() {
    assertThat(messages(seed, 200, 0.1)).isEqualTo(messages(seed, 200, 0.1));
    assertThat(messages(seed, 200, 0.1)).isNotEqualTo(messages(seed + 1, 200, 0.1));
  }

  @Test
  void keepsTheOtherUsersWhereSomeAreMalformed() {
    List<Event> sound = messages(seed, 400, 0);
    List<Event> mixed = messages(seed, 400, 0.1);

    assertThat(mixed).extracting(Event::key).isEqualTo(sound.stream().map(Event::key).toList());
    List<Event> malformed = new ArrayList<>(mixed);
    malformed.removeAll(sound);
    assertThat(malformed).hasSizeBetween(15, 70);
  }

  @Test
  void malformsMessagesInFourWaysInTurn() throws JsonProcessingException {
    List<Event> malformed = messages(seed, 4, 1);

    assertThatThrownBy(() -> JSON.readTree(malformed.get(0).value()))
        .isInstanceOf(JsonProcessingException.class);
    assertThat(malformed.get(0).value()).startsWith("{\"id\":\"" + malformed.get(0).key());
    assertThatThrownBy(() -> JSON.readTree(malformed.get(1).value()))
        .isInstanceOf(JsonProcessingException.class);
    String id = JSON.readTree(malformed.get(2).value()).get("id").asText();
    assertThatThrownBy(() -> UUID.fromString(id)).isInstanceOf(IllegalArgumentException.class);
    assertThat(JSON.readTree(malformed.get(3).value()).has("id")).isFalse();
    assertThat(messages(seed, 5, 1).get(4).value()).startsWith("{\"id\":");
  }

  @Test
  void endsAfterTheLastUser() {
    UserMessages one = new UserMessages(seed, 1, 0);
    one.next();
    assertThat(one.hasNext()).isFalse();
    assertThatThrownBy(one::next).isInstanceOf(NoSuchElementException.class);
  }

  private static List<Event> messages(long seed, long count, double malformedShare) {
    List<Event> events = new ArrayList<>();
    new UserMessages(seed, count, malformedShare).forEachRemaining(events::add);
    return events;
  }

  private static long printed(long seed) {
    System.out.println("UserMessagesTest: seed " + seed);
    return seed;
  }
}
