package dev.millrace.simulator.event;

import java.time.Duration;

/**
 * What a simulation has sent so far.
 *
 * @param elapsed since the simulation began
 */
public record EventProgress(long sent, Duration elapsed) {

  static final EventProgress NONE = new EventProgress(0, Duration.ZERO);

  /** On average since the beginning; 0 before any time has passed. */
  public double perSecond() {
    return elapsed.isZero() ? 0 : sent / (elapsed.toNanos() / 1e9);
  }
}
