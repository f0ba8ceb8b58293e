package dev.millrace.view.table;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * What a partition of the state has seen of each partition of the topic: how far it has read, the
 * latest time of the source, and the last truncate. Not thread-safe.
 */
final class SourcePositions {

  private final Map<Integer, Position> positions = new TreeMap<>();
  private final Map<Integer, Truncate> truncates = new TreeMap<>();

  private record Position(long offset, OptionalLong sourceMicros) {}

  private record Truncate(long offset, OptionalLong lsn) {}

  /** Takes note of a change. */
  void saw(int partition, long offset, OptionalLong sourceMicros) {
    positions.merge(
        partition,
        new Position(offset, sourceMicros),
        (old, seen) ->
            new Position(
                Math.max(old.offset(), seen.offset()),
                old.sourceMicros().isEmpty()
                        || (seen.sourceMicros().isPresent()
                            && seen.sourceMicros().getAsLong() > old.sourceMicros().getAsLong())
                    ? seen.sourceMicros()
                    : old.sourceMicros()));
  }

  /** Whether a change at that offset comes after later ones: it was replayed. */
  boolean isReplayed(int partition, long offset) {
    Position position = positions.get(partition);
    return position != null && offset <= position.offset();
  }

  /** The latest time of the source in a partition of the topic. */
  OptionalLong sourceMicros(int partition) {
    Position position = positions.get(partition);
    return position == null ? OptionalLong.empty() : position.sourceMicros();
  }

  /** The latest time of the source in any partition of the topic. */
  OptionalLong latestSourceMicros() {
    return positions.values().stream()
        .filter(position -> position.sourceMicros().isPresent())
        .mapToLong(position -> position.sourceMicros().getAsLong())
        .max();
  }

  /**
   * Takes note of a truncate; whether it has an offset that is new. One that is sent again has a
   * later offset and a lower LSN than the truncates after it, which stay in force.
   */
  boolean truncated(int partition, long offset, OptionalLong lsn) {
    Truncate last = truncates.get(partition);
    if (last != null && offset <= last.offset()) {
      return false;
    }
    boolean isSentAgain =
        last != null
            && lsn.isPresent()
            && last.lsn().isPresent()
            && lsn.getAsLong() < last.lsn().getAsLong();
    if (!isSentAgain) {
      truncates.put(partition, new Truncate(offset, lsn));
    }
    return true;
  }

  /**
   * Whether a truncate removed what a change made. The LSN tells; where one of them has none, the
   * offset within a partition, and between partitions what the state had before is gone.
   */
  boolean isTruncated(int partition, long offset, OptionalLong lsn, boolean wasInState) {
    for (Map.Entry<Integer, Truncate> entry : truncates.entrySet()) {
      Truncate truncate = entry.getValue();
      boolean isBefore;
      if (lsn.isPresent() && truncate.lsn().isPresent()) {
        isBefore = lsn.getAsLong() < truncate.lsn().getAsLong();
      } else if (entry.getKey() == partition) {
        isBefore = offset < truncate.offset();
      } else {
        isBefore = wasInState;
      }
      if (isBefore) {
        return true;
      }
    }
    return false;
  }

  /** Reads what {@link #write} wrote; nothing if there is none. */
  static SourcePositions read(byte[] written) {
    SourcePositions read = new SourcePositions();
    if (written == null) {
      return read;
    }
    ByteBuffer in = ByteBuffer.wrap(written);
    for (int left = in.getInt(); left > 0; left--) {
      read.positions.put(in.getInt(), new Position(in.getLong(), optional(in)));
    }
    for (int left = in.getInt(); left > 0; left--) {
      read.truncates.put(in.getInt(), new Truncate(in.getLong(), optional(in)));
    }
    return read;
  }

  byte[] write() {
    int entry = Integer.BYTES + Long.BYTES + 1 + Long.BYTES;
    ByteBuffer out =
        ByteBuffer.allocate(2 * Integer.BYTES + entry * (positions.size() + truncates.size()));
    out.putInt(positions.size());
    positions.forEach(
        (partition, position) -> {
          out.putInt(partition).putLong(position.offset());
          put(out, position.sourceMicros());
        });
    out.putInt(truncates.size());
    truncates.forEach(
        (partition, truncate) -> {
          out.putInt(partition).putLong(truncate.offset());
          put(out, truncate.lsn());
        });
    return out.array();
  }

  private static OptionalLong optional(ByteBuffer in) {
    boolean isPresent = in.get() != 0;
    long value = in.getLong();
    return isPresent ? OptionalLong.of(value) : OptionalLong.empty();
  }

  private static void put(ByteBuffer out, OptionalLong value) {
    out.put((byte) (value.isPresent() ? 1 : 0)).putLong(value.orElse(0));
  }
}
