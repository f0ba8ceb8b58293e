package dev.millrace.sink.postgres;

import java.io.Serializable;

/**
 * Rows of one task as {@code COPY} takes them: in a staging table, or, where they are few, at hand.
 * Immutable.
 */
final class StagedRows implements Serializable {

  private static final long serialVersionUID = 1L;

  private final String table;
  private final byte[] lines;
  private final long rows;
  private final long removals;
  private final boolean hasNullKeys;

  /**
   * @param table the staging table, quoted; null where {@code lines} has the rows
   * @param lines null where a staging table has them; not copied
   * @param rows how many there are
   * @param removals how many of them are to be removed
   * @param hasNullKeys whether one to be removed has a null in its key
   */
  StagedRows(String table, byte[] lines, long rows, long removals, boolean hasNullKeys) {
    this.table = table;
    this.lines = lines;
    this.rows = rows;
    this.removals = removals;
    this.hasNullKeys = hasNullKeys;
  }

  boolean isAtHand() {
    return lines != null;
  }

  String table() {
    return table;
  }

  byte[] lines() {
    return lines;
  }

  long rows() {
    return rows;
  }

  long removals() {
    return removals;
  }

  boolean hasNullKeys() {
    return hasNullKeys;
  }
}
