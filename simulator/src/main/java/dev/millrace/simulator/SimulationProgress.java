package dev.millrace.simulator;

import java.time.Duration;

/**
 * What a simulation has committed so far.
 *
 * @param inserted rows, as are {@code updated} and {@code deleted}
 * @param ridesEnded rides to which nothing will happen any more
 * @param elapsed since the simulation began
 */
public record SimulationProgress(
    long inserted, long updated, long deleted, long ridesEnded, Duration elapsed) {

  static final SimulationProgress NONE = new SimulationProgress(0, 0, 0, 0, Duration.ZERO);

  /** Inserts, updates and deletes. */
  public long changes() {
    return inserted + updated + deleted;
  }

  /** On average since the beginning; 0 before any time has passed. */
  public double changesPerSecond() {
    return elapsed.isZero() ? 0 : changes() / (elapsed.toNanos() / 1e9);
  }
}
