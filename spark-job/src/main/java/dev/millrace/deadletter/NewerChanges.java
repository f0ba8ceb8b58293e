package dev.millrace.deadletter;

import dev.millrace.config.KafkaSourceDefinition;
import dev.millrace.config.TableDefinition;
import dev.millrace.deadletter.DeadLetter.Header;
import dev.millrace.deadletter.DeadLetter.Position;
import dev.millrace.kafka.CommittedRecords;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * What has come after the changes that are to be replayed: newer changes of their keys, in the
 * source's topic from each dead letter on and in the topic of replays, and replays of the same dead
 * letters. Driver only.
 *
 * <p>A newer message that is itself a reject counts for nothing, since no sink has seen it.
 */
final class NewerChanges {

  private final KafkaSourceDefinition source;
  private final String replayTopic;
  private final MessageValidator check;
  private final Map<ByteBuffer, List<ReplayCandidate>> byKey = new HashMap<>();
  private final Map<TopicPartition, Long> from = new HashMap<>();
  private final Map<Position, String> reasons = new HashMap<>();
  private final Map<Position, Position> replayed = new HashMap<>();

  NewerChanges(
      TableDefinition table,
      KafkaSourceDefinition source,
      String replayTopic,
      List<ReplayCandidate> corrected) {
    this.source = source;
    this.replayTopic = replayTopic;
    this.check = new MessageValidator(table);
    for (ReplayCandidate each : corrected) {
      if (each.letter().key() != null) {
        byKey.computeIfAbsent(each.letter().key(), key -> new ArrayList<>()).add(each);
        if (each.origin().topic().equals(source.topic())) {
          from.merge(
              new TopicPartition(source.topic(), each.origin().partition()),
              each.origin().offset(),
              Math::min);
        }
      }
    }
  }

  void lookThrough(CommittedRecords messages) {
    from.keySet().retainAll(messages.partitions(source.topic()));
    messages.forEach(from, this::compare);
    messages.forEach(replayTopic, this::compare);
  }

  /** Why a change is not to be sent, for a user; null if it is to be sent. */
  String reasonNotToSend(ReplayCandidate corrected) {
    Position position = corrected.letter().position();
    Position sent = replayed.get(position);
    return sent == null ? reasons.get(position) : "it was sent before, as " + sent;
  }

  private void compare(ConsumerRecord<byte[], byte[]> message) {
    Position position = new Position(message.topic(), message.partition(), message.offset());
    Position origin = position;
    if (message.topic().equals(replayTopic)) {
      List<Header> headers = new ArrayList<>();
      message
          .headers()
          .forEach(each -> headers.add(new Header(each.key(), DeadLetter.buffer(each.value()))));
      origin = ReplayOrigin.origin(headers).orElse(position);
      replayed.putIfAbsent(origin, position);
    }
    List<ReplayCandidate> sameKey =
        message.key() == null ? null : byKey.get(ByteBuffer.wrap(message.key()));
    if (sameKey == null) {
      return;
    }
    MessageValidator.Result result = check.of(message.key(), message.value());
    if (!result.isChange()) {
      return;
    }
    for (ReplayCandidate each : sameKey) {
      if (each.isSupersededBy(origin, result.lsn())) {
        reasons.put(
            each.letter().position(),
            "superseded by the newer change of its key at "
                + position
                + (result.lsn() == null ? "" : " (lsn " + result.lsn() + ")"));
      }
    }
  }
}
