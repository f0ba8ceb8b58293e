package dev.millrace.view;

import java.io.Serializable;
import org.apache.spark.sql.catalyst.InternalRow;

/**
 * How large the state is, and what a batch took of time for it.
 *
 * @param rows of the table
 * @param groups of all views
 * @param bytes of keys and values, before the store compresses them
 * @param tableStep when the tasks of the table's rows ran
 * @param groupStep when those of the groups ran
 */
public record StateSize(long rows, long groups, long bytes, Span tableStep, Span groupStep)
    implements Serializable {

  static final StateSize NONE = new StateSize(0, 0, 0, Span.NONE, Span.NONE);

  /** From the first task's beginning to the last one's end, in milliseconds since 1970. */
  record Span(long began, long ended) implements Serializable {

    private static final Span NONE = new Span(Long.MAX_VALUE, Long.MIN_VALUE);

    Span plus(Span other) {
      return new Span(Math.min(began, other.began), Math.max(ended, other.ended));
    }

    long millis() {
      return ended < began ? 0 : ended - began;
    }
  }

  /** What one task told. */
  static StateSize of(InternalRow row) {
    long entries = row.getLong(ViewRow.ROWS);
    long bytes = row.getLong(ViewRow.BYTES);
    Span span = new Span(row.getLong(ViewRow.BEGAN), row.getLong(ViewRow.ENDED));
    return row.getInt(ViewRow.VIEW) == ViewRow.GROUPS
        ? new StateSize(0, entries, bytes, Span.NONE, span)
        : new StateSize(entries, 0, bytes, span, Span.NONE);
  }

  StateSize plus(StateSize other) {
    return new StateSize(
        rows + other.rows,
        groups + other.groups,
        bytes + other.bytes,
        tableStep.plus(other.tableStep),
        groupStep.plus(other.groupStep));
  }

  /** How long the batch was busy with the state, reading it from remote storage included. */
  public long millis() {
    return tableStep.millis() + groupStep.millis();
  }
}
