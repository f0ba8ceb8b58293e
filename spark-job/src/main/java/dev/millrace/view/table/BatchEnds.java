package dev.millrace.view.table;

import java.io.Serializable;
import java.util.Map;

/**
 * What the tasks of a batch know of {@link TopicEnds}. Immutable.
 *
 * @param ofBatch empty where it is not known
 * @param highWatermarks empty where nobody has asked for them yet
 */
public record BatchEnds(Map<Integer, Long> ofBatch, Map<Integer, Long> highWatermarks)
    implements Serializable {

  public static final BatchEnds UNKNOWN = new BatchEnds(Map.of(), Map.of());

  public BatchEnds {
    ofBatch = Map.copyOf(ofBatch);
    highWatermarks = Map.copyOf(highWatermarks);
  }

  boolean areKnown() {
    return !ofBatch.isEmpty();
  }
}
