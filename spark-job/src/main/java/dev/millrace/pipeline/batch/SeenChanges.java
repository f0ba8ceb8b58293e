package dev.millrace.pipeline.batch;

import dev.millrace.state.StateStore;
import java.nio.ByteBuffer;
import java.util.Iterator;
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
 *   kind (1 byte), time (8), identity (16)   ->  empty
 *   C                                        ->  newest time, newest time of the stream, time of
 *                                                the last cleanup
 * </pre>
 */
final class SeenChanges {

  /** How much of a state's window passes between two cleanups, which scan what was removed. */
  private static final int CLEANUPS_PER_WINDOW = 8;

  private static final byte SNAPSHOT = 'R';
  private static final byte STREAMED = 'S';
  private static final byte[] CLOCKS = {'C'};
  private static final byte[] EMPTY = {0};

  private final StateStore store;
  private final long windowMicros;
  private long newest = Long.MIN_VALUE;
  private long newestStreamed = Long.MIN_VALUE;
  private long cleaned = Long.MIN_VALUE;

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
      newest = buffer.getLong();
      newestStreamed = buffer.getLong();
      cleaned = buffer.getLong();
    }
  }

  /**
   * Whether a change is the first of its identity within the window, which it is remembered for.
   * True for one that is older than the window: nothing is known of it.
   *
   * @param micros the source's time of the change, in microseconds since 1970
   * @param identity 16 bytes, the same for the same change only
   */
  boolean isFirst(boolean isSnapshotRow, long micros, byte[] identity) {
    long before = isSnapshotRow ? newest : newestStreamed;
    newest = Math.max(newest, micros);
    if (!isSnapshotRow) {
      newestStreamed = Math.max(newestStreamed, micros);
    }
    if (micros < begin(isSnapshotRow ? newest : newestStreamed)) {
      return true;
    }
    byte[] key =
        ByteBuffer.allocate(1 + Long.BYTES + identity.length)
            .put(isSnapshotRow ? SNAPSHOT : STREAMED)
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
    if (newest >= 0 && cleaned < newest - windowMicros / CLEANUPS_PER_WINDOW) {
      cleaned = newest;
      forget(SNAPSHOT, begin(newest));
      forget(STREAMED, begin(newestStreamed));
    }
    store.put(
        CLOCKS,
        ByteBuffer.allocate(3 * Long.BYTES)
            .putLong(newest)
            .putLong(newestStreamed)
            .putLong(cleaned)
            .array());
    store.commit();
  }

  private void forget(byte kind, long before) {
    for (Iterator<Map.Entry<byte[], byte[]>> entries = store.scan(new byte[] {kind});
        entries.hasNext(); ) {
      byte[] key = entries.next().getKey();
      if (ordered(ByteBuffer.wrap(key).getLong(1)) >= before) {
        return;
      }
      store.remove(key);
    }
  }

  /** Where the window begins. */
  private long begin(long end) {
    return end < Long.MIN_VALUE + windowMicros ? Long.MIN_VALUE : end - windowMicros;
  }

  /** Orders as unsigned bytes like the number itself; and back. */
  private static long ordered(long micros) {
    return micros ^ Long.MIN_VALUE;
  }
}
