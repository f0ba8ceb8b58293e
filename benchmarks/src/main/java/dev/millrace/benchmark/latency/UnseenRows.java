package dev.millrace.benchmark.latency;

import java.util.ArrayList;
import java.util.List;

/**
 * Which rows of a series to ask for: the oldest that were not seen. Only every {@value #STEP}th row
 * of a series is looked for, so that the questions are few next to the writes.
 */
final class UnseenRows {

  /** Of that many rows one is looked for. */
  static final int STEP = 25;

  private static final int MAX_AT_ONCE = 32;

  private Times series;
  private int next;

  /**
   * Their indexes, in order.
   *
   * @param wanted the series; another one than before begins at its start
   */
  List<Integer> of(Times wanted) {
    if (series != wanted) {
      series = wanted;
      next = 0;
    }
    // Rows are committed in the order of their ids, and most arrive in it.
    while (next < series.count() && series.has(next)) {
      next += STEP;
    }
    List<Integer> unseen = new ArrayList<>();
    for (int i = next; i < series.count() && unseen.size() < MAX_AT_ONCE; i += STEP) {
      if (!series.has(i)) {
        unseen.add(i);
      }
    }
    return unseen;
  }
}
