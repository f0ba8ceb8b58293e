package dev.millrace.stack.process;

import dev.millrace.stack.error.StackErrors;
import java.time.Duration;

/** The time between two looks at something that another process does and does not announce. */
public final class Polling {

  private static final Duration INTERVAL = Duration.ofMillis(50);

  private Polling() {}

  /**
   * Returns after a moment.
   *
   * @param waitingFor what the caller is doing, for the message of an interrupt
   */
  public static void pause(String waitingFor) {
    try {
      // The one place that sleeps: every caller then asks for its condition again.
      Thread.sleep(INTERVAL.toMillis());
    } catch (InterruptedException e) {
      throw StackErrors.interrupted(waitingFor, e);
    }
  }
}
