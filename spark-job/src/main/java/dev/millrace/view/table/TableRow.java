package dev.millrace.view.table;

import java.util.OptionalLong;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;

/**
 * What the state knows of a key, besides the columns: which change was the last.
 *
 * @param isLive whether the table has the row; if not, the key was deleted
 * @param partition of the topic, of the last change
 * @param offset in that partition
 * @param streamedLsn the highest LSN of a streamed change; snapshot rows do not raise it
 * @param lsn of the last change
 * @param sourceMicros the source's time of the last change
 * @param occupiedTx the transaction that created the row while an older image occupied the key
 * @param occupiedCount how many deletes of that transaction mean an older image
 */
public record TableRow(
    boolean isLive,
    int partition,
    long offset,
    OptionalLong streamedLsn,
    OptionalLong lsn,
    OptionalLong sourceMicros,
    OptionalLong occupiedTx,
    int occupiedCount) {

  /** Reads the fields before the columns of a row of the state. */
  public static TableRow of(UnsafeRow row) {
    return new TableRow(
        row.getBoolean(0),
        row.getInt(1),
        row.getLong(2),
        optional(row, 3),
        optional(row, 4),
        optional(row, 5),
        optional(row, 6),
        row.getInt(7));
  }

  /**
   * The same change as one after which the table does not have the row.
   *
   * @param otherwiseMicros its time where it has none of its own
   */
  TableRow deleted(OptionalLong otherwiseMicros) {
    return new TableRow(
        false,
        partition,
        offset,
        streamedLsn,
        lsn,
        sourceMicros.isPresent() ? sourceMicros : otherwiseMicros,
        OptionalLong.empty(),
        0);
  }

  /** The fields, as {@link TableLayout#rowType} has them. */
  Object[] fields() {
    return new Object[] {
      isLive,
      partition,
      offset,
      boxed(streamedLsn),
      boxed(lsn),
      boxed(sourceMicros),
      boxed(occupiedTx),
      occupiedCount
    };
  }

  static OptionalLong optional(UnsafeRow row, int ordinal) {
    return row.isNullAt(ordinal) ? OptionalLong.empty() : OptionalLong.of(row.getLong(ordinal));
  }

  private static Object boxed(OptionalLong value) {
    return value.isPresent() ? value.getAsLong() : null;
  }
}
