package dev.millrace.benchmark.sinks;

import java.util.List;

/**
 * A contender's micro-batches of few changes into a large table.
 *
 * @param millis how long each took, in order
 * @param difference what the table holds, where that is not what it should; else empty
 */
public record SmallBatches(SinkCase of, List<Long> millis, String difference) {

  private static final double PERCENT = 100;

  public SmallBatches {
    millis = List.copyOf(millis);
  }

  /** A percentile by nearest rank. */
  public long percentile(int percent) {
    List<Long> sorted = millis.stream().sorted().toList();
    int rank = (int) Math.ceil(percent / PERCENT * sorted.size());
    return sorted.get(Math.max(rank, 1) - 1);
  }
}
