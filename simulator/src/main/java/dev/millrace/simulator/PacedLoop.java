package dev.millrace.simulator;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * Hands items on when they are due.
 *
 * <p>Items are handed over one by one as long as the taker keeps up. Those that fell due meanwhile
 * share the next batch; so does everything at an unlimited pace.
 */
public final class PacedLoop {

  private final Pace pace;
  private final int largestBatch;
  private final AtomicReference<Thread> runner = new AtomicReference<>();
  private volatile boolean stopped;

  public PacedLoop(Pace pace, int largestBatch) {
    this.pace = pace;
    this.largestBatch = largestBatch;
  }

  /** What is done with the items of a batch, of which there is at least one. */
  @FunctionalInterface
  public interface Taker<T, E extends Exception> {
    void take(List<T> batch) throws E;
  }

  /**
   * Returns after the last item or, after {@link #stop()} or an interrupt of this thread, when the
   * batch in flight is taken. Can be called once.
   */
  public <T, E extends Exception> void run(Iterator<T> items, Taker<T, E> taker) throws E {
    if (!runner.compareAndSet(null, Thread.currentThread())) {
      throw new IllegalStateException("A simulation runs once: make another one");
    }
    long startNanos = System.nanoTime();
    long taken = 0;
    while (!stopped && !Thread.currentThread().isInterrupted() && items.hasNext()) {
      Duration elapsed = Duration.ofNanos(System.nanoTime() - startNanos);
      Duration wait = pace.dueAfter(taken).minus(elapsed);
      if (wait.compareTo(Duration.ZERO) > 0) {
        LockSupport.parkNanos(this, wait.toNanos());
        continue;
      }
      long due = Math.max(1, pace.dueWithin(elapsed) - taken);
      List<T> batch = take(items, Math.min(largestBatch, due));
      taker.take(batch);
      taken += batch.size();
    }
  }

  /** Ends the run after the batch in flight. Any thread may call it, at any time. */
  public void stop() {
    stopped = true;
    LockSupport.unpark(runner.get());
  }

  private static <T> List<T> take(Iterator<T> items, long count) {
    List<T> batch = new ArrayList<>();
    while (batch.size() < count && items.hasNext()) {
      batch.add(items.next());
    }
    return batch;
  }
}
