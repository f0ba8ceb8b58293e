package dev.millrace.simulator.songs;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.simulator.event.Event;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;

class ListeningMessagesTest {

  private static final InstantSource CLOCK =
      InstantSource.fixed(Instant.parse("2026-01-31T17:05:09.123456Z"));
  private static final List<String> SONGS = List.of("Paper Lanterns", "Tide");

  private final long seed = printed(ThreadLocalRandom.current().nextLong());

  @Test
  void tellsWhoListenedToWhatAndWhen() throws IOException {
    Event event = messages(seed, 1, 0).get(0);

    JsonNode json = new ObjectMapper().readTree(event.value());
    assertThat(json.fieldNames()).toIterable().containsExactly("id", "person", "song", "timestamp");
    assertThat(UUID.fromString(json.get("id").asText()).version()).isEqualTo(4);
    assertThat(json.get("person").asText()).isEqualTo(event.key());
    assertThat(SONGS).contains(json.get("song").asText());
    assertThat(json.get("timestamp").asText()).isEqualTo("2026-01-31T17:05:09.123Z");
  }

  @Test
  void givesTheSameMessagesForTheSameSeed() {
    assertThat(messages(seed, 200, 0.1)).isEqualTo(messages(seed, 200, 0.1));
    assertThat(messages(seed, 200, 0.1)).isNotEqualTo(messages(seed + 1, 200, 0.1));
  }

  @Test
  void letsEverybodyListenEquallyOften() {
    assertThat(messages(seed, 60, 0).stream().collect(groupingBy(Event::key, counting())))
        .hasSize(20)
        .containsEntry("Millie", 3L)
        .containsEntry("Ada Lindqvist", 3L)
        .allSatisfy((person, songs) -> assertThat(songs).isEqualTo(3));
  }

  @Test
  void playsSomeSongsThatAreInNoFile() {
    assertThat(messages(seed, 2_000, 0.1))
        .filteredOn(event -> event.value().contains("\"song\":\"Unreleased Demo No. "))
        .hasSizeBetween(120, 280);
    assertThat(messages(seed, 500, 0))
        .noneMatch(event -> event.value().contains("Unreleased Demo"));
  }

  @Test
  void countsANameThatIsMadeUpAlreadyOnce() {
    assertThat(People.with("Ada Lindqvist")).hasSize(19);
    assertThat(People.with("Millie")).hasSize(20).doesNotHaveDuplicates();
  }

  private static List<Event> messages(long seed, long count, double unknownShare) {
    List<Event> events = new ArrayList<>();
    new ListeningMessages(
            new ListeningMessages.Settings(seed, count, People.with("Millie"), SONGS, unknownShare),
            CLOCK)
        .forEachRemaining(events::add);
    return events;
  }

  private static long printed(long seed) {
    System.out.println("ListeningMessagesTest: seed " + seed);
    return seed;
  }
}
