package dev.millrace.kafka;

/**
 * The offsets of a partition.
 *
 * @param first of the oldest message that is still there
 * @param end the offset after the last message
 */
public record OffsetRange(long first, long end) {

  /** How many offsets there are; some of them may be markers of transactions. */
  public long size() {
    return end - first;
  }
}
