package dev.millrace.event;

/**
 * The messages that one task of a micro-batch reads: offsets {@code from} (inclusive) to {@code
 * until} (exclusive) of one partition of a topic. A replay of the batch has the same ranges.
 *
 * @param topicIndex the topic's place among those of the source, which never changes: 0 is the
 *     topic that a pipeline is made for
 * @param mostRows how many rows it has at most; {@link Long#MAX_VALUE} where that is not known
 */
public record SourceRange(
    String topic, int topicIndex, int partition, long from, long until, long mostRows) {

  /** A range of messages. */
  public SourceRange(String topic, int topicIndex, int partition, long from, long until) {
    this(topic, topicIndex, partition, from, until, Math.max(0, until - from));
  }

  /** Whether the task has nothing to read. */
  public boolean isEmpty() {
    return from >= until;
  }
}
