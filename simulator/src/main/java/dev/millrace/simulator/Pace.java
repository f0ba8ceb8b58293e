package dev.millrace.simulator;

import java.time.Duration;

/**
 * When each change is due, on a schedule fixed at the start: one that was late does not delay those
 * after it.
 *
 * @param changesPerSecond a change is one insert, update or delete, one message or one file; 0
 *     makes all of them due at once
 */
public record Pace(double changesPerSecond) {

  private static final double NANOS_PER_SECOND = 1e9;

  /** As fast as they are taken. */
  public static final Pace UNLIMITED = new Pace(0);

  public Pace {
    if (!(changesPerSecond >= 0) || Double.isInfinite(changesPerSecond)) {
      throw new IllegalArgumentException(
          "changesPerSecond must be 0 or more, is " + changesPerSecond);
    }
  }

  /** How many changes are due once so much time has passed; the first is due at the start. */
  long dueWithin(Duration elapsed) {
    return changesPerSecond == 0
        ? Long.MAX_VALUE
        : 1 + (long) Math.floor(elapsed.toNanos() * changesPerSecond / NANOS_PER_SECOND);
  }

  /** How long after the start the change is due that has so many before it. */
  Duration dueAfter(long changes) {
    return changesPerSecond == 0
        ? Duration.ZERO
        : Duration.ofNanos((long) Math.ceil(changes * NANOS_PER_SECOND / changesPerSecond));
  }
}
