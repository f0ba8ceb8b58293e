package dev.millrace.deadletter;

import dev.millrace.deadletter.DeadLetter.Header;
import dev.millrace.deadletter.DeadLetter.Position;
import dev.millrace.event.ReplayHeaders;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.header.internals.RecordHeader;

/** The headers by which a replayed message tells which one it stands for. */
final class ReplayOrigin {

  private ReplayOrigin() {}

  static boolean isOne(String header) {
    return header.startsWith(ReplayHeaders.PREFIX);
  }

  static List<org.apache.kafka.common.header.Header> headers(DeadLetter letter) {
    Position position = letter.position();
    return List.of(
        header(ReplayHeaders.TOPIC, position.topic()),
        header(ReplayHeaders.PARTITION, Integer.toString(position.partition())),
        header(ReplayHeaders.OFFSET, Long.toString(position.offset())),
        header(ReplayHeaders.TIMESTAMP, letter.timestamp().toString()));
  }

  private static org.apache.kafka.common.header.Header header(String name, String value) {
    return new RecordHeader(name, value.getBytes(StandardCharsets.UTF_8));
  }

  /** The position that the headers name; empty where they are not those of a replay. */
  static Optional<Position> origin(List<Header> headers) {
    Map<String, String> found = new HashMap<>();
    for (Header header : headers) {
      if (isOne(header.key()) && header.value() != null) {
        found.put(
            header.key(), StandardCharsets.UTF_8.decode(header.value().duplicate()).toString());
      }
    }
    if (!found
        .keySet()
        .containsAll(List.of(ReplayHeaders.TOPIC, ReplayHeaders.PARTITION, ReplayHeaders.OFFSET))) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new Position(
              found.get(ReplayHeaders.TOPIC),
              Integer.parseInt(found.get(ReplayHeaders.PARTITION)),
              Long.parseLong(found.get(ReplayHeaders.OFFSET))));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }
}
