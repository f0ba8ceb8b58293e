package dev.millrace.state;

import java.util.concurrent.atomic.AtomicLong;

/** The memory that the stores of a process take together. Thread-safe. */
final class MemoryBudget {

  private final AtomicLong bytes = new AtomicLong();

  /** Takes memory, unless more than the limit would be taken. */
  boolean reserve(long wanted, long limit) {
    if (bytes.addAndGet(wanted) <= limit) {
      return true;
    }
    bytes.addAndGet(-wanted);
    return false;
  }

  /** Takes memory, or gives it back where the number is below 0, regardless of a limit. */
  void add(long taken) {
    bytes.addAndGet(taken);
  }

  long bytes() {
    return bytes.get();
  }
}
