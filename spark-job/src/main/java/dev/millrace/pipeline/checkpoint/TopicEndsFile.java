package dev.millrace.pipeline.checkpoint;

import dev.millrace.error.PositionErrors;
import dev.millrace.source.KafkaPosition;
import dev.millrace.source.Source;
import dev.millrace.view.table.TopicEnds;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;

/**
 * Where a batch of a table's views ends in the topic, as Spark has it in the checkpoint, and where
 * the topic ended once the batch was read: asked for once, and kept in a file next to it, so that a
 * batch that runs again finds the same. Driver only.
 */
public final class TopicEndsFile {

  private static final String FILE = "high-watermarks";

  private final CheckpointLog log;
  private final Source source;
  private final String topic;

  /**
   * @param topic that the pipeline is made for
   */
  public TopicEndsFile(CheckpointLog log, Source source, String topic) {
    this.log = log;
    this.source = source;
    this.topic = topic;
  }

  /** Where a batch ends; read from the log only when asked. */
  public TopicEnds of(long batchId) {
    return new TopicEnds() {
      @Override
      public Map<Integer, Long> ofBatch() {
        return ofTopic(log.endOf(batchId).offsets().get(0));
      }

      @Override
      public Map<Integer, Long> highWatermarks() {
        return kept(batchId);
      }
    };
  }

  /** The newest batch with the end of a snapshot is the only one that can run again. */
  private Map<Integer, Long> kept(long batchId) {
    String[] kept = log.text(FILE).orElse("").split("\n", -1);
    if (kept.length == 2 && kept[0].equals(Long.toString(batchId))) {
      return ofTopic(kept[1]);
    }
    Map<Integer, Long> asked;
    try {
      asked = source.highWatermarks();
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
    Map<TopicPartition, Long> offsets = new HashMap<>();
    asked.forEach((partition, end) -> offsets.put(new TopicPartition(topic, partition), end));
    log.write(FILE, batchId + "\n" + KafkaPosition.of(offsets).toJson());
    return asked;
  }

  private Map<Integer, Long> ofTopic(String json) {
    try {
      return KafkaPosition.parse(json).ofTopic(topic);
    } catch (IllegalArgumentException e) {
      throw PositionErrors.damaged(
          log.output(), log.place(), "an offset of the topic can't be read: " + json, e);
    }
  }
}
