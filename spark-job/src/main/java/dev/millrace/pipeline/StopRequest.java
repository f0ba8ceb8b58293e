package dev.millrace.pipeline;

import java.util.Optional;

/** Whether a run is to end. Any thread may ask for that; what waits for servers is broken off. */
final class StopRequest {

  private volatile boolean isMade;
  private Thread waiting;

  /** Something that may take as long as servers are away. */
  @FunctionalInterface
  interface Wait<T> {
    T await() throws InterruptedException;
  }

  boolean isMade() {
    return isMade;
  }

  synchronized void make() {
    isMade = true;
    if (waiting != null) {
      waiting.interrupt();
    }
  }

  /** What was waited for; empty where the run is to end. One thread at a time. */
  <T> Optional<T> unlessMade(Wait<T> wait) throws InterruptedException {
    synchronized (this) {
      waiting = Thread.currentThread();
    }
    try {
      Optional<T> result = isMade ? Optional.empty() : Optional.of(wait.await());
      return isMade ? Optional.empty() : result;
    } catch (RuntimeException | InterruptedException e) {
      // Also what Spark and drivers make of the interrupt.
      if (isMade) {
        return Optional.empty();
      }
      throw e;
    } finally {
      forget();
    }
  }

  private synchronized void forget() {
    waiting = null;
    if (isMade) {
      // What make() has set is used up.
      Thread.interrupted();
    }
  }
}
