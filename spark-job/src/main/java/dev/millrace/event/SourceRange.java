package dev.millrace.event;

/**
 * The messages that one task of a micro-batch reads: offsets {@code from} (inclusive) to {@code
 * until} (exclusive) of one partition of a topic. A replay of the batch has the same ranges.
 */
public record SourceRange(String topic, int partition, long from, long until) {

  /** Whether the task has nothing to read. */
  public boolean isEmpty() {
    return from >= until;
  }
}
