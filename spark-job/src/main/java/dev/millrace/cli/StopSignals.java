package dev.millrace.cli;

import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.hadoop.service.launcher.IrqHandler;

/**
 * Turns the first SIGINT or SIGTERM into a request to stop; a second one ends the process at once.
 *
 * <p>A shutdown hook would be too late: Spark's own runs beside it and interrupts the batch in
 * flight. Hadoop's handler is the one on the class path that wraps the JDK's unsupported signals.
 */
final class StopSignals {

  private static final int INTERRUPTED = 130;

  private final AtomicBoolean isRequested = new AtomicBoolean();
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
    if (!isRequested.compareAndSet(false, true)) {
      Runtime.getRuntime().halt(INTERRUPTED);
    }
    stop.run();
  }
}
