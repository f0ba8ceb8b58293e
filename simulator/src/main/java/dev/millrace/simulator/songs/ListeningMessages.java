package dev.millrace.simulator.songs;

import dev.millrace.simulator.event.Event;
import dev.millrace.simulator.event.Json;
import dev.millrace.simulator.event.RandomIdentifiers;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Random;

/**
 * Who listened to what, as messages that are keyed by the person.
 *
 * <pre>
 * {"id":"7c1f...","person":"Ada Lindqvist","song":"Paper Lanterns","timestamp":"2026-01-31T17:05:09.123Z"}
 * </pre>
 *
 * <p>The people take turns, in an order that is drawn once: at a steady pace each of them listens
 * to a song as often as every other. All but the timestamp, which is the time at which the message
 * is made, is a function of the other arguments.
 */
public final class ListeningMessages implements Iterator<Event> {

  private static final String UNKNOWN_SONG = "Unreleased Demo No. ";
  private static final int UNKNOWN_SONGS = 100;

  private final Settings settings;
  private final InstantSource clock;
  private final Random random;
  private final List<String> people;
  private long made;

  /**
   * What to make.
   *
   * @param people whose names are the keys; at least one
   * @param songs the names of songs to choose from; at least one
   * @param unknownShare from 0 to 1: how often the song is one that is not among {@code songs}
   */
  public record Settings(
      long seed, long count, List<String> people, List<String> songs, double unknownShare) {

    public Settings {
      people = List.copyOf(people);
      songs = List.copyOf(songs);
    }
  }

  public ListeningMessages(Settings settings, InstantSource clock) {
    this.settings = settings;
    this.clock = clock;
    this.random = new Random(settings.seed());
    this.people = new ArrayList<>(settings.people());
    Collections.shuffle(people, random);
  }

  @Override
  public boolean hasNext() {
    return made < settings.count();
  }

  @Override
  public Event next() {
    if (!hasNext()) {
      throw new NoSuchElementException("All messages are made");
    }
    String person = people.get((int) (made++ % people.size()));
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("id", RandomIdentifiers.uuid(random).toString());
    fields.put("person", person);
    fields.put("song", song());
    fields.put("timestamp", clock.instant().truncatedTo(ChronoUnit.MILLIS).toString());
    return new Event(person, Json.object(fields));
  }

  private String song() {
    return random.nextDouble() < settings.unknownShare()
        ? UNKNOWN_SONG + (1 + random.nextInt(UNKNOWN_SONGS))
        : settings.songs().get(random.nextInt(settings.songs().size()));
  }
}
