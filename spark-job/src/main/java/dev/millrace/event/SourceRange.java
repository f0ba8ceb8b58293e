package dev.millrace.event;

/**
 * The messages that one task of a micro-batch reads: offsets {@code from} (inclusive) to {@code
 * until} (exclusive) of one partition of a topic. A replay of the batch has the same ranges.
 *
 * @param topicIndex the topic's place among those of the source, which never changes: 0 is the
 *     topic that a pipeline is made for
 */
public record SourceRange(String topic, int topicIndex, int partition, long from, long until) {

  /** Whether the task has nothing to read. */
  public boolean isEmpty() {
    return from >= until;
  }
}
