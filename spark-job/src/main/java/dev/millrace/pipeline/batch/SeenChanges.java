package dev.millrace.pipeline.batch;

import dev.millrace.state.StateStore;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * The changes that one partition of a topic has had within a window of its source's time, which
 * tell whether a change is one of them. Executor only, for one task.
 *
 * <p>What it answers follows from the order of the changes alone, so it is the same for any split
 * into batches and for a batch that runs again. The time is the newest that the partition has had:
 * for streamed changes that of a streamed change, as a snapshot may be read while the stream is
 * hours behind.
 *
 * <pre>
 *   kind (1 byte), time (8), identity (16)  ->  empty
 *   C                                       ->  of both kinds: newest time, time of the last cleanup
 * </pre>
 */
final class SeenChanges {

  /** How often changes are forgotten: each time scans what was removed before. */
  private static final int CLEANUPS_PER_WINDOW = 8;

  private static final byte[] CLOCKS = {'C'};
  private static final byte[] EMPTY = {0};

  private final StateStore store;
  private final long windowMicros;
  private final Kind snapshotRows = new Kind((byte) 'R');
  private final Kind streamed = new Kind((byte) 'S');

  /** The changes that are compared with one another. */
  private static final class Kind {

    private final byte prefix;
    private long newest = Long.MIN_VALUE;
    private long cleaned = Long.MIN_VALUE;

    Kind(byte prefix) {
      this.prefix = prefix;
    }
  }

  /**
   * Reads a version of a store.
   *
   * @param windowMicros for how long a change is remembered
   */
  SeenChanges(StateStore store, long windowMicros) {
    this.store = store;
    this.windowMicros = windowMicros;
    byte[] clocks = store.get(CLOCKS);
    if (clocks != null) {
      ByteBuffer buffer = ByteBuffer.wrap(clocks);
      for (Kind kind : kinds()) {
        kind.newest = buffer.getLong();
        kind.cleaned = buffer.getLong();
      }
    }
  }

  private List<Kind> kinds() {
    return List.of(snapshotRows, streamed);
  }

  /**
   * Whether a change is the first of its identity within the window, which it is remembered for.
   * True for one that is older than the window: nothing is known of it.
   *
   * @param micros the source's time of the change, in microseconds since 1970
   * @param identity 16 bytes, the same for the same change only
   */
  boolean isFirst(boolean isSnapshotRow, long micros, byte[] identity) {
    Kind kind = isSnapshotRow ? snapshotRows : streamed;
    long before = kind.newest;
    kind.newest = Math.max(kind.newest, micros);
    // A snapshot ends, and its rows are forgotten all the same.
    snapshotRows.newest = Math.max(snapshotRows.newest, micros);
    if (micros < begin(kind)) {
      return true;
    }
    byte[] key =
        ByteBuffer.allocate(1 + Long.BYTES + identity.length)
            .put(kind.prefix)
            .putLong(ordered(micros))
            .put(identity)
            .array();
    // Nothing that was remembered is newer than the newest.
    if (micros <= before && store.get(key) != null) {
      return false;
    }
    store.put(key, EMPTY);
    return true;
  }

  /** Forgets what is older than the window and commits the next version. The last call. */
  void commit() {
    ByteBuffer clocks = ByteBuffer.allocate(4 * Long.BYTES);
    for (Kind kind : kinds()) {
      if (kind.newest > Long.MIN_VALUE
          && kind.cleaned < kind.newest - windowMicros / CLEANUPS_PER_WINDOW) {
        kind.cleaned = kind.newest;
        forget(kind);
      }
      clocks.putLong(kind.newest).putLong(kind.cleaned);
    }
    store.put(CLOCKS, clocks.array());
    store.commit();
  }

  private void forget(Kind kind) {
    long begin = begin(kind);
    for (Iterator<Map.Entry<byte[], byte[]>> entries = store.scan(new byte[] {kind.prefix});
        entries.hasNext(); ) {
      byte[] key = entries.next().getKey();
      if (ordered(ByteBuffer.wrap(key).getLong(1)) >= begin) {
        return;
      }
      store.remove(key);
    }
  }

  /** Where the window begins. */
  private long begin(Kind kind) {
    return kind.newest < Long.MIN_VALUE + windowMicros
        ? Long.MIN_VALUE
        : kind.newest - windowMicros;
  }

  /** Orders as unsigned bytes like the number itself; and back. */
  private static long ordered(long micros) {
    return micros ^ Long.MIN_VALUE;
  }
}
