package dev.millrace.event;

import java.util.function.Function;

/**
 * What became of the messages of a micro-batch.
 *
 * @param skipped tombstones, which are not changes
 */
public record DecodeCounts(long changes, long rejected, long skipped) {

  /** Names of the observed metrics that hold the counts. */
  public static final String CHANGES = "changes";

  public static final String REJECTED = "rejected";

  public static final String SKIPPED = "skipped";

  /** Reads the counts from metrics by name. */
  public static DecodeCounts of(Function<String, Object> metrics) {
    return new DecodeCounts(
        (Long) metrics.apply(CHANGES),
        (Long) metrics.apply(REJECTED),
        (Long) metrics.apply(SKIPPED));
  }

  /** The counts of both. */
  public DecodeCounts plus(DecodeCounts other) {
    return new DecodeCounts(
        changes + other.changes, rejected + other.rejected, skipped + other.skipped);
  }

  /** All messages: each is a change, rejected or skipped. */
  public long read() {
    return changes + rejected + skipped;
  }
}
