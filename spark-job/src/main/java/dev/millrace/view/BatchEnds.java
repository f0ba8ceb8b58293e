package dev.millrace.view;

import java.io.Serializable;
import java.util.Map;

/**
 * What the tasks of a batch know of {@link TopicEnds}. Immutable.
 *
 * @param ofBatch empty where it is not known
 * @param highWatermarks empty where nobody has asked for them yet
 */
record BatchEnds(Map<Integer, Long> ofBatch, Map<Integer, Long> highWatermarks)
    implements Serializable {

  static final BatchEnds UNKNOWN = new BatchEnds(Map.of(), Map.of());

  BatchEnds {
    ofBatch = Map.copyOf(ofBatch);
    highWatermarks = Map.copyOf(highWatermarks);
  }

  boolean areKnown() {
    return !ofBatch.isEmpty();
  }
}
