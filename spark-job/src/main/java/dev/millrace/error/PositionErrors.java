package dev.millrace.error;

import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * The part of the catalogue for positions that no longer mean what they meant: topics that were
 * replaced, messages that expired, checkpoints that are damaged or of something else. Each names
 * the command that resolves it.
 */
public final class PositionErrors {

  private PositionErrors() {}

  private static String reset(String output) {
    return "./millrace reset PIPELINE --output " + output;
  }

  private static String startAgain(String output) {
    return "To read everything from the start, remove the position and what was delivered: %s --delete-output."
        .formatted(reset(output));
  }

  private static UserException at(String output, String checkpoint, String problem) {
    return RunErrors.runTime(
        null, "output %s: the position in %s %s".formatted(output, checkpoint, problem));
  }

  /**
   * Topics that were deleted and created again.
   *
   * @param topics each with the two identities, such as {@code orders (was a, is b)}
   */
  public static UserException replacedTopics(
      String output, String checkpoint, Collection<String> topics) {
    return at(
        output,
        checkpoint,
        "is of topics that were deleted and created again, or are on another cluster: %s. The same offset is another message there. Name the topics and brokers of before; or start again. %s"
            .formatted(String.join(", ", topics), startAgain(output)));
  }

  /** A topic that has ended before the position. */
  public static UserException beyondTheEnd(
      String output, String checkpoint, Collection<String> problems) {
    return at(
        output,
        checkpoint,
        "lies behind the end of its topic: %s. The topic lost its newest messages. %s"
            .formatted(String.join("; ", problems), startAgain(output)));
  }

  /** A position in topics that the pipeline does not read. */
  public static UserException otherTopics(
      String output, String checkpoint, Collection<String> found, Collection<String> read) {
    return at(
        output,
        checkpoint,
        "is of the topic %s, and the pipeline reads %s. Name the topic that was read before (source.kafka.topic, source.kafka.replay-topic). %s"
            .formatted(
                String.join(" and ", found), String.join(" and ", read), startAgain(output)));
  }

  /**
   * Messages that expired before they were read.
   *
   * @param ranges which, such as {@code orders partition 0 offsets 5 to 99}
   */
  public static UserException expired(
      String output, String checkpoint, long count, Collection<String> ranges) {
    return at(
        output,
        checkpoint,
        "is of messages that were deleted before they were read (retention or delete-records). Up to %,d messages are lost: %s. Accept the loss and continue with the earliest message that is left: ./millrace run PIPELINE --accept data-loss. Or take a new snapshot of the table, and start again. %s"
            .formatted(count, String.join("; ", ranges), startAgain(output)));
  }

  /** A line of progress: a loss that was accepted. */
  public static String accepted(String output, long count, Collection<String> ranges) {
    return "output %s: accepts that up to %,d messages are lost, deleted before they were read: %s; continues after them"
        .formatted(output, count, String.join("; ", ranges));
  }

  /** A checkpoint that was copied or moved. */
  public static UserException foreignCheckpoint(
      String output, String checkpoint, String found, String expected) {
    return at(
        output,
        checkpoint,
        "belongs to %s, and this is %s. A checkpoint can't be copied or renamed. Put it back where it was; or remove it: %s."
            .formatted(found, expected, reset(output)));
  }

  /** A checkpoint of a newer version of the program. */
  public static UserException newerFormat(
      String output, String checkpoint, int found, int expected) {
    return at(
        output,
        checkpoint,
        "has the format version %d, and this version of Millrace knows %d. Run the newer version; or remove the position: %s."
            .formatted(found, expected, reset(output)));
  }

  /** A checkpoint that lacks a file, or has one that can't be read. */
  public static UserException damaged(
      String output, String checkpoint, String problem, Throwable cause) {
    return RunErrors.runTime(
        cause,
        "output %s: the position in %s is damaged: %s. Restore the folder from a backup; or start again. %s"
            .formatted(output, checkpoint, problem, startAgain(output)));
  }

  /**
   * A batch that was begun with another definition.
   *
   * @param differences what has changed, such as {@code sql}
   */
  public static UserException otherDefinition(
      String output, String checkpoint, long batch, List<String> differences) {
    return at(
        output,
        checkpoint,
        "has the unfinished batch %d, and the pipeline has changed since it was begun: %s. Some of the batch may be delivered. Put the old definition back and run once; or finish the batch as the pipeline is now, leaving what is delivered: ./millrace run PIPELINE --accept new-definition. %s"
            .formatted(batch, String.join(", ", differences), startAgain(output)));
  }

  /** State that was aggregated by another query. */
  public static UserException otherState(
      String output, String checkpoint, List<String> differences) {
    return at(
        output,
        checkpoint,
        "has the state of another query; what has changed: %s. Put the old definition back; or give the output another name. %s"
            .formatted(String.join(", ", differences), startAgain(output)));
  }

  /** A unit of the Kafka sink whose source ends before what was delivered of it. */
  public static UserException sourceReplaced(
      String output, String unit, long batch, long end, long earlierBatch, long earlierEnd) {
    return RunErrors.runTime(
        null,
        "output %s: batch %d ends at %,d in %s, and the earlier batch %d was delivered up to %,d. The source was replaced, and its rows would be taken for those of before. %s"
            .formatted(output, batch, end, unit, earlierBatch, earlierEnd, startAgain(output)));
  }

  /** Marks of deliveries that Kafka may delete. */
  public static UserException marksExpire(String topic, String policy) {
    return RunErrors.runTime(
        null,
        "sinks.kafka: the topic of marks %s has cleanup.policy=%s, which deletes the marks that tell what is delivered. Set it back: ./millrace kafka configs --alter --entity-type topics --entity-name %s --add-config cleanup.policy=compact"
            .formatted(topic, policy, topic));
  }

  /** A topic of marks whose name Kafka does not take. */
  public static UserException marksNameTooLong(String topic, int most) {
    return RunErrors.runTime(
        null,
        "sinks.kafka: the topic of marks %s has a name of %d characters, and Kafka takes %d. Shorten the name of the pipeline, the output or the topic."
            .formatted(topic, topic.length(), most));
  }

  /** A clause for {@link #replacedTopics}. */
  public static String replacedTopic(Map.Entry<String, String> before, String now) {
    return "%s (was %s, is %s)".formatted(before.getKey(), before.getValue(), now);
  }
}
