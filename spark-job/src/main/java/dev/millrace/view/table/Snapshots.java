package dev.millrace.view.table;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;

/**
 * The snapshots of the whole table that a topic has, and which rows each of them shows to be gone:
 * those that were there before it began and that it does not contain, as their deletes were never
 * sent (the replication slot was dropped, say).
 *
 * <pre>
 *   partition 0   c 1   c 2   | r 1 first   r 5 true   | u 5
 *   partition 1   c 3         | r 4 last               | c 6
 *
 *   rows 2 and 3 are gone: their last change is before the snapshot's first row in their partition
 * </pre>
 *
 * <p>A snapshot is known by its LSN, which is the same in all its rows: one that was interrupted
 * and began again has another. It is complete once its last row was read, and it is due once every
 * partition was read as far as the topic went then, since its other rows are in the topic before
 * that. Debezium streams nothing while it takes such a snapshot, so in a partition everything
 * before its first row is older and everything behind its last one is newer, regardless of LSNs.
 * Incremental snapshots have marks of their own and count for nothing here.
 *
 * <p>Every partition of the state has the same. Not thread-safe.
 */
public final class Snapshots {

  /** So many are remembered, the newest by their LSN; each interrupted one adds one. */
  private static final int MAX_SNAPSHOTS = 16;

  private static final Set<String> MARKS =
      Set.of("first", "first_in_data_collection", "true", "last_in_data_collection", "last");

  private static final Set<String> LAST_MARKS = Set.of("last_in_data_collection", "last");

  private final TreeMap<Long, Snapshot> byLsn = new TreeMap<>();
  private boolean isChanged;

  /** A snapshot of the whole table. */
  public static final class Snapshot {

    private final long lsn;
    private final Map<Integer, Long> firstOffsets = new TreeMap<>();
    private final Map<Integer, Long> highWatermarks = new TreeMap<>();
    private OptionalLong firstMicros = OptionalLong.empty();
    private boolean isComplete;
    private boolean isApplied;

    private Snapshot(long lsn) {
      this.lsn = lsn;
    }

    /**
     * Whether the snapshot shows that a row is gone, given its last change. In a partition without
     * a row of the snapshot the LSN and the source's time tell what came before it, both, as a
     * transaction that was open then commits later with a lower LSN; if either is missing the row
     * stays.
     */
    public boolean isMissed(TableRow row) {
      if (row.lsn().isPresent() && row.lsn().getAsLong() == lsn) {
        return false;
      }
      Long first = firstOffsets.get(row.partition());
      if (first != null) {
        return row.offset() < first;
      }
      return row.lsn().isPresent()
          && row.lsn().getAsLong() < lsn
          && row.sourceMicros().isPresent()
          && firstMicros.isPresent()
          && row.sourceMicros().getAsLong() < firstMicros.getAsLong();
    }

    /**
     * Whether a change that was streamed comes after the snapshot; known by the same as {@link
     * #isMissed}.
     */
    boolean isBefore(UnsafeRow change) {
      Long first = firstOffsets.get(change.getInt(TableLayout.PARTITION));
      if (first != null) {
        return change.getLong(TableLayout.OFFSET) > first;
      }
      OptionalLong changeLsn = TableRow.optional(change, TableLayout.LSN);
      OptionalLong micros = TableRow.optional(change, TableLayout.SOURCE_TS);
      return changeLsn.isPresent()
          && changeLsn.getAsLong() > lsn
          && micros.isPresent()
          && firstMicros.isPresent()
          && micros.getAsLong() > firstMicros.getAsLong();
    }

    /** The row as one that was deleted before the snapshot; replays of older changes do nothing. */
    public TableRow removed(TableRow row) {
      Long first = firstOffsets.get(row.partition());
      boolean isOlderServer = row.streamedLsn().isPresent() && row.streamedLsn().getAsLong() > lsn;
      return new TableRow(
          false,
          row.partition(),
          first == null ? row.offset() : Math.max(row.offset(), first - 1),
          isOlderServer ? OptionalLong.empty() : row.streamedLsn(),
          row.lsn(),
          firstMicros.isPresent() ? firstMicros : row.sourceMicros(),
          OptionalLong.empty(),
          0);
    }

    private boolean isPassed(Map<Integer, Long> ends) {
      return !highWatermarks.isEmpty()
          && highWatermarks.entrySet().stream()
              .allMatch(mark -> ends.getOrDefault(mark.getKey(), 0L) >= mark.getValue());
    }

    /** Whether it began before another one, in a partition where both have rows. */
    private boolean isBefore(Snapshot other) {
      return firstOffsets.entrySet().stream()
          .anyMatch(
              first ->
                  other.firstOffsets.getOrDefault(first.getKey(), Long.MIN_VALUE)
                      > first.getValue());
    }
  }

  /** Whether a change is a row of a snapshot of the whole table. */
  public static boolean isRow(UnsafeRow change) {
    return !change.isNullAt(TableLayout.SNAPSHOT)
        && !change.isNullAt(TableLayout.LSN)
        && change.getInt(TableLayout.PARTITION) >= 0
        && change.getUTF8String(TableLayout.OP).toString().equals("r")
        && MARKS.contains(change.getUTF8String(TableLayout.SNAPSHOT).toString());
  }

  /** Whether a row of a snapshot is marked as the last one of the table. */
  public static boolean isLastRow(UnsafeRow change) {
    return LAST_MARKS.contains(change.getUTF8String(TableLayout.SNAPSHOT).toString());
  }

  /** Takes note of a row of a snapshot, in any order. */
  void saw(UnsafeRow row) {
    long lsn = row.getLong(TableLayout.LSN);
    saw(
        lsn,
        row.getInt(TableLayout.PARTITION),
        row.getLong(TableLayout.OFFSET),
        TableRow.optional(row, TableLayout.SOURCE_TS),
        isLastRow(row));
  }

  void saw(long lsn, int partition, long offset, OptionalLong micros, boolean isLast) {
    Snapshot snapshot = byLsn.get(lsn);
    if (snapshot == null) {
      snapshot = new Snapshot(lsn);
      byLsn.put(lsn, snapshot);
      isChanged = true;
      if (byLsn.size() > MAX_SNAPSHOTS) {
        byLsn.pollFirstEntry();
      }
    }
    if (snapshot.isApplied) {
      return;
    }
    Long first = snapshot.firstOffsets.get(partition);
    if (first == null || offset < first) {
      snapshot.firstOffsets.put(partition, offset);
      isChanged = true;
    }
    if (micros.isPresent()
        && (snapshot.firstMicros.isEmpty()
            || micros.getAsLong() < snapshot.firstMicros.getAsLong())) {
      snapshot.firstMicros = micros;
      isChanged = true;
    }
    if (isLast && !snapshot.isComplete) {
      snapshot.isComplete = true;
      isChanged = true;
    }
  }

  /** Whether a snapshot is complete and nobody has said yet how far the topic went then. */
  boolean lacksHighWatermarks() {
    return byLsn.values().stream().anyMatch(Snapshots::lacksHighWatermarks);
  }

  private static boolean lacksHighWatermarks(Snapshot snapshot) {
    return snapshot.isComplete && !snapshot.isApplied && snapshot.highWatermarks.isEmpty();
  }

  /** How far the topic goes, asked for after the last row of a snapshot was read. */
  public void highWatermarks(Map<Integer, Long> asked) {
    byLsn.values().stream()
        .filter(Snapshots::lacksHighWatermarks)
        .forEach(
            snapshot -> {
              snapshot.highWatermarks.putAll(asked);
              isChanged = true;
            });
  }

  /**
   * The snapshots whose rows have all been read, each once: they count as applied.
   *
   * @param ends the offset that comes after the batch, by partition
   */
  public List<Snapshot> due(Map<Integer, Long> ends) {
    List<Snapshot> due = new ArrayList<>();
    for (Snapshot each : byLsn.values()) {
      if (each.isComplete && !each.isApplied && each.isPassed(ends)) {
        due.add(each);
      }
    }
    for (Snapshot each : due) {
      each.isApplied = true;
      isChanged = true;
      byLsn.values().removeIf(other -> !other.isApplied && other.isBefore(each));
    }
    return due;
  }

  boolean isChanged() {
    return isChanged;
  }

  /** Reads what {@link #write} wrote; nothing if there is none. */
  public static Snapshots read(byte[] written) {
    Snapshots read = new Snapshots();
    if (written == null) {
      return read;
    }
    ByteBuffer in = ByteBuffer.wrap(written);
    for (int left = in.getInt(); left > 0; left--) {
      Snapshot snapshot = new Snapshot(in.getLong());
      snapshot.isComplete = in.get() != 0;
      snapshot.isApplied = in.get() != 0;
      boolean hasMicros = in.get() != 0;
      long micros = in.getLong();
      snapshot.firstMicros = hasMicros ? OptionalLong.of(micros) : OptionalLong.empty();
      readOffsets(in, snapshot.firstOffsets);
      readOffsets(in, snapshot.highWatermarks);
      read.byLsn.put(snapshot.lsn, snapshot);
    }
    return read;
  }

  public byte[] write() {
    int size = Integer.BYTES;
    for (Snapshot each : byLsn.values()) {
      size +=
          2 * Long.BYTES
              + 3
              + 2 * Integer.BYTES
              + (each.firstOffsets.size() + each.highWatermarks.size())
                  * (Integer.BYTES + Long.BYTES);
    }
    ByteBuffer out = ByteBuffer.allocate(size).putInt(byLsn.size());
    for (Snapshot each : byLsn.values()) {
      out.putLong(each.lsn)
          .put((byte) (each.isComplete ? 1 : 0))
          .put((byte) (each.isApplied ? 1 : 0))
          .put((byte) (each.firstMicros.isPresent() ? 1 : 0))
          .putLong(each.firstMicros.orElse(0));
      writeOffsets(out, each.firstOffsets);
      writeOffsets(out, each.highWatermarks);
    }
    return out.array();
  }

  private static void readOffsets(ByteBuffer in, Map<Integer, Long> offsets) {
    for (int left = in.getInt(); left > 0; left--) {
      offsets.put(in.getInt(), in.getLong());
    }
  }

  private static void writeOffsets(ByteBuffer out, Map<Integer, Long> offsets) {
    out.putInt(offsets.size());
    offsets.forEach((partition, offset) -> out.putInt(partition).putLong(offset));
  }
}
