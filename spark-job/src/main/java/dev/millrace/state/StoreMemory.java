package dev.millrace.state;

import java.util.function.LongFunction;

/** What one store takes of the memory of its process. Not thread-safe. */
final class StoreMemory implements RecordPages.Memory {

  private final MemoryBudget budget;
  private final long limitBytes;
  private final LongFunction<RuntimeException> full;
  private long bytes;
  private boolean isLimited = true;
  private boolean isClosed;

  /**
   * Memory of a process.
   *
   * @param full the error where the limit is reached, by the bytes that there would be
   */
  StoreMemory(MemoryBudget budget, long limitBytes, LongFunction<RuntimeException> full) {
    this.budget = budget;
    this.limitBytes = limitBytes;
    this.full = full;
  }

  /** Memory of a copy, which counts for nobody. */
  static StoreMemory ofCopy() {
    return new StoreMemory(
        new MemoryBudget(), Long.MAX_VALUE, bytes -> new IllegalStateException("no limit"));
  }

  @Override
  public void take(long wanted) {
    if (isClosed) {
      return;
    }
    if (wanted > 0 && isLimited) {
      if (!budget.reserve(wanted, limitBytes)) {
        throw full.apply(budget.bytes() + wanted);
      }
    } else {
      budget.add(wanted);
    }
    bytes += wanted;
  }

  /** Does what can't be refused. */
  void unlimited(Runnable work) {
    isLimited = false;
    try {
      work.run();
    } finally {
      isLimited = true;
    }
  }

  /** Gives all back; what is taken later counts for nobody. */
  void close() {
    take(-bytes);
    isClosed = true;
  }

  long bytes() {
    return bytes;
  }
}
