package dev.millrace.sink.cassandra;

import dev.millrace.event.SourceRange;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The timestamps of what a sink writes, in microseconds: the newer row has the higher one. They
 * follow from the checkpoint alone, so a batch that is delivered again has the same ones, and the
 * clock of the machine counts only when a checkpoint is new.
 *
 * <pre>
 *   a row made from one message   start of its era + offset
 *   any other row                 start of the first era + 65,536 * batch + 64 * task + window
 * </pre>
 *
 * <p>An era begins with the checkpoint, and again with the first batch that has messages of a
 * partition that is new: a topic that gets more partitions sends keys to them whose older changes
 * have higher offsets in another one. Immutable, serializable.
 *
 * @param eras never empty, the oldest first
 */
record CassandraClock(List<Era> eras) implements Serializable {

  /** Batches follow one another by more than this, so that timestamps do not overtake the time. */
  private static final long BATCH_MICROS = 1 << 16;

  private static final int TASKS = 1 << 10;
  private static final int WINDOWS = 1 << 6;

  /**
   * @param micros timestamp of offset 0
   * @param starts the first offset of it, by partition; a partition that is missing has been in
   *     none of its batches when it began
   */
  record Era(long micros, Map<Integer, Long> starts) implements Serializable {

    Era {
      starts = new HashMap<>(starts);
    }
  }

  CassandraClock {
    eras = new ArrayList<>(eras);
  }

  /** The clock of a checkpoint that begins now. */
  static CassandraClock begun(long nowMicros) {
    return new CassandraClock(List.of(new Era(nowMicros, Map.of())));
  }

  /**
   * The clock for a batch of these messages; the same one unless a partition is new.
   *
   * @param ranges those of the topic whose order counts
   */
  CassandraClock with(List<SourceRange> ranges, long nowMicros) {
    Map<Integer, Long> starts = new HashMap<>();
    for (SourceRange range : ranges) {
      if (!range.isEmpty()) {
        starts.merge(range.partition(), range.from(), Math::min);
      }
    }
    boolean isKnown =
        starts.keySet().stream()
            .allMatch(
                partition -> eras.stream().anyMatch(era -> era.starts().containsKey(partition)));
    if (isKnown) {
      return this;
    }
    Era last = eras.get(eras.size() - 1);
    List<Era> more = new ArrayList<>(eras);
    if (last.starts().isEmpty()) {
      more.set(more.size() - 1, new Era(last.micros(), starts));
    } else {
      long highest = starts.values().stream().max(Comparator.naturalOrder()).orElse(0L);
      more.add(new Era(Math.max(nowMicros, last.micros() + highest + 1), starts));
    }
    return new CassandraClock(more);
  }

  /** The timestamp of a row that was made from one message. */
  long ofMessage(int partition, long offset) {
    Era found = eras.get(0);
    for (Era era : eras) {
      if (era.starts().getOrDefault(partition, 0L) <= offset) {
        found = era;
      }
    }
    return found.micros() + offset;
  }

  /**
   * The timestamp of any other row; within a task a later window's is higher.
   *
   * @param window counts the parts in which a task writes its rows
   */
  long ofBatch(long batch, int task, int window) {
    return eras.get(0).micros()
        + batch * BATCH_MICROS
        + (long) Math.min(task, TASKS - 1) * WINDOWS
        + Math.min(window, WINDOWS - 1);
  }
}
