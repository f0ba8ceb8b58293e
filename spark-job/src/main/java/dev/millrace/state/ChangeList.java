package dev.millrace.state;

import java.util.Arrays;

/** The changes that lead from one version to the next, in order. Not thread-safe. */
final class ChangeList {

  private static final int MIN_LENGTH = 1 << 6;

  /** So many are kept after a large batch. */
  private static final int MAX_KEPT_LENGTH = 1 << 13;

  private final RecordPages.Memory memory;
  private long[] addresses = new long[0];
  private int size;

  ChangeList(RecordPages.Memory memory) {
    this.memory = memory;
  }

  /** Makes sure that {@link #add} needs no memory. */
  void requireRoom() {
    if (2 * size == addresses.length) {
      int length = Math.max(MIN_LENGTH, Math.multiplyExact(addresses.length, 2));
      memory.take((long) (length - addresses.length) * Long.BYTES);
      addresses = Arrays.copyOf(addresses, length);
    }
  }

  /**
   * Adds a change.
   *
   * @param now the record that was put; {@link RecordPages#NONE} for a removal
   * @param before the record that there was, or {@link RecordPages#NONE}
   */
  void add(long now, long before) {
    addresses[2 * size] = now;
    addresses[2 * size + 1] = before;
    size++;
  }

  int size() {
    return size;
  }

  long now(int number) {
    return addresses[2 * number];
  }

  long before(int number) {
    return addresses[2 * number + 1];
  }

  void clear() {
    size = 0;
    if (addresses.length > MAX_KEPT_LENGTH) {
      memory.take(-(long) addresses.length * Long.BYTES);
      addresses = new long[0];
    }
  }
}
