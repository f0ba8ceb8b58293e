package dev.millrace.view.table;

import java.util.Map;

/**
 * Where a batch ends in the table's topic, and where the topic itself does. What it tells of a
 * batch has to be the same when the batch runs again. Driver only.
 */
public interface TopicEnds {

  /** Of changes that are from no topic: snapshots remove nothing. */
  TopicEnds UNKNOWN =
      new TopicEnds() {
        @Override
        public Map<Integer, Long> ofBatch() {
          return Map.of();
        }

        @Override
        public Map<Integer, Long> highWatermarks() {
          return Map.of();
        }
      };

  /** The offset that comes after the batch, of every partition; none where that is not known. */
  Map<Integer, Long> ofBatch();

  /**
   * The offset after the last message of every partition, those of open transactions included.
   * Asked for once the batch was read, if it has the last row of a snapshot.
   */
  Map<Integer, Long> highWatermarks();
}
