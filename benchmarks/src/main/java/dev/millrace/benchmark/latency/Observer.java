package dev.millrace.benchmark.latency;

/** Watches one place and notes each row that a reader can see there. */
abstract class Observer implements AutoCloseable {

  private final Thread thread;
  private volatile Times times = new Times(0, 0);
  private volatile boolean isClosed;
  private volatile Exception failure;

  Observer(String name) {
    thread = new Thread(this::run, name);
    thread.setDaemon(true);
  }

  final void start() {
    thread.start();
  }

  /** What is seen from now on is noted here. */
  final void noteIn(Times other) {
    times = other;
  }

  /** Waits at most some milliseconds for rows, and hands each to {@link #seen}. */
  abstract void look(Times wanted) throws Exception;

  /** Releases what {@link #look} uses; runs in its thread. */
  abstract void release() throws Exception;

  final void seen(long id, long atNanos) {
    times.note(id, atNanos);
  }

  /** Throws what the thread has failed with, if it has. */
  final void check() {
    if (failure != null) {
      throw new IllegalStateException(thread.getName() + " has failed", failure);
    }
  }

  private void run() {
    try {
      while (!isClosed) {
        look(times);
      }
    } catch (Exception e) {
      failure = e;
    }
    try {
      release();
    } catch (Exception e) {
      if (failure == null) {
        failure = e;
      } else {
        failure.addSuppressed(e);
      }
    }
  }

  @Override
  public final void close() {
    isClosed = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    check();
  }
}
