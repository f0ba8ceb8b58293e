package dev.millrace.cli;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.hadoop.service.launcher.IrqHandler;

/**
 * Turns the first SIGINT or SIGTERM into a request to stop; a later one ends the process at once.
 * Those that follow within a second are the first one again: who signals a process group reaches
 * this process twice, directly and through the launcher.
 *
 * <p>A shutdown hook would be too late: Spark's own runs next to it and interrupts the batch in
 * flight. Hadoop's handler is the one on the class path that wraps the JDK's unsupported signals.
 */
final class StopSignals {

  private static final int INTERRUPTED = 130;

  private static final Duration SAME_REQUEST = Duration.ofSeconds(1);

  private static final long NOT_REQUESTED = Long.MIN_VALUE;

  private final AtomicLong requestedAt = new AtomicLong(NOT_REQUESTED);
  private final Runnable stop;

  private StopSignals(Runnable stop) {
    this.stop = stop;
  }

  /** Calls {@code stop}, on a thread of its own, when a signal arrives. */
  static void to(Runnable stop) {
    StopSignals signals = new StopSignals(stop);
    new IrqHandler(IrqHandler.CONTROL_C, signals::on).bind();
    new IrqHandler(IrqHandler.SIGTERM, signals::on).bind();
  }

  private void on(IrqHandler.InterruptData received) {
    long now = System.nanoTime();
    if (requestedAt.compareAndSet(NOT_REQUESTED, now)) {
      stop.run();
    } else if (now - requestedAt.get() > SAME_REQUEST.toNanos()) {
      Runtime.getRuntime().halt(INTERRUPTED);
    }
  }
}
