package dev.millrace.benchmark.latency;

import dev.millrace.benchmark.statistics.Percentiles;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * When each row of a series passed one place, by {@link System#nanoTime()}. The first time counts.
 * Threads may write and read at once.
 */
final class Times {

  private static final long ABSENT = Long.MIN_VALUE;

  private final long firstId;
  private final AtomicLongArray nanos;

  /** For the rows {@code firstId} to {@code firstId + count - 1}. */
  Times(long firstId, int count) {
    this.firstId = firstId;
    this.nanos = new AtomicLongArray(count);
    for (int i = 0; i < count; i++) {
      nanos.setPlain(i, ABSENT);
    }
  }

  long firstId() {
    return firstId;
  }

  int count() {
    return nanos.length();
  }

  /** Notes a row; one that is not of this series is left out. */
  void note(long id, long atNanos) {
    long index = id - firstId;
    if (index >= 0 && index < nanos.length()) {
      nanos.compareAndSet((int) index, ABSENT, atNanos);
    }
  }

  boolean has(int index) {
    return nanos.get(index) != ABSENT;
  }

  /** How many rows have not passed, among every {@code step}th. */
  int missing(int step) {
    int missing = 0;
    for (int i = 0; i < nanos.length(); i += step) {
      if (!has(i)) {
        missing++;
      }
    }
    return missing;
  }

  /** What lies between {@code earlier} and this place, over every {@code step}th row. */
  Percentiles since(Times earlier, int step) {
    long[] between = new long[nanos.length()];
    int count = 0;
    for (int i = 0; i < nanos.length(); i += step) {
      if (has(i) && earlier.has(i)) {
        between[count++] = nanos.get(i) - earlier.nanos.get(i);
      }
    }
    return Percentiles.of(between, count);
  }
}
