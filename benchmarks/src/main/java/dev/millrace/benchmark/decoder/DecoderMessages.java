package dev.millrace.benchmark.decoder;

import dev.millrace.benchmark.topic.RideMessages;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The different messages that take turns. */
public final class DecoderMessages {

  static final int COUNT = 4_096;

  private DecoderMessages() {}

  static List<byte[]> values() {
    RideMessages rides = new RideMessages(1);
    List<byte[]> values = new ArrayList<>();
    for (int i = 0; i < COUNT; i++) {
      values.add(rides.next().value().getBytes(StandardCharsets.UTF_8));
    }
    return values;
  }

  /** How long a value is. */
  public static double averageBytes() {
    return values().stream().mapToInt(value -> value.length).average().orElseThrow();
  }
}
