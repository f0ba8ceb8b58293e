package dev.millrace.benchmark.sinks;

import dev.millrace.benchmark.topic.RideMessages;
import dev.millrace.benchmark.topic.RideMessages.Message;
import dev.millrace.benchmark.topic.RideTable;
import dev.millrace.benchmark.topic.RideTopic;
import dev.millrace.benchmark.topic.RideTopics;
import dev.millrace.benchmark.topic.RideTopics.Deletes;
import dev.millrace.benchmark.topic.TableFigures;
import dev.millrace.simulator.RideChange.Operation;
import java.util.Arrays;
import java.util.List;

/**
 * The same changes in two topics, and what a table should hold once it has all of them.
 *
 * @param rides a delete is a message with {@code __deleted}
 * @param tombstones a delete is a message without a value
 * @param rows of the table
 * @param changes of a table with a row for each message
 * @param newest the last change of each partition, which is not a delete
 */
record SinkTopics(
    RideTopic rides,
    RideTopic tombstones,
    TableFigures rows,
    TableFigures changes,
    List<RowVersion> newest) {

  /**
   * A row as one change has left it.
   *
   * @param updatedMicros see {@link Message}
   */
  record RowVersion(long id, long updatedMicros) {}

  SinkTopics {
    newest = List.copyOf(newest);
  }

  /**
   * Fills both.
   *
   * @param atLeast how many messages; a few more, so that no partition ends with a delete
   */
  static SinkTopics fill(RideTopics topics, long atLeast, int partitions, String compression) {
    RideTable table = new RideTable();
    Message[] last = new Message[partitions];
    long messages = 0;
    for (RideMessages rides = new RideMessages(1);
        messages < atLeast || !endsWithRows(last);
        messages++) {
      Message message = rides.next();
      table.apply(message);
      last[RideTopics.partition(message.id(), partitions)] = message;
    }
    return new SinkTopics(
        fill(topics, "rides", messages, partitions, compression, Deletes.REWRITTEN),
        fill(topics, "rides-tombstones", messages, partitions, compression, Deletes.TOMBSTONE),
        table.rows(),
        table.changes(),
        Arrays.stream(last).map(each -> new RowVersion(each.id(), each.updatedMicros())).toList());
  }

  private static boolean endsWithRows(Message[] last) {
    return Arrays.stream(last)
        .allMatch(message -> message != null && message.operation() != Operation.DELETE);
  }

  private static RideTopic fill(
      RideTopics topics,
      String name,
      long messages,
      int partitions,
      String compression,
      Deletes deletes) {
    topics.create(name, partitions);
    long bytes = topics.send(name, partitions, compression, deletes, new RideMessages(1), messages);
    return new RideTopic(name, messages, partitions, 1, bytes);
  }
}
