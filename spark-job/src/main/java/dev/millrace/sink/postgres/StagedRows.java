package dev.millrace.sink.postgres;

import dev.millrace.sink.postgres.ChangeFold.Lines;
import dev.millrace.sink.postgres.ChangeFold.Operation;
import java.io.Serializable;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

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
  private final Set<Operation> operations;
  private final boolean hasSnapshotRows;

  /** The lines are not copied. */
  private StagedRows(
      String table,
      byte[] lines,
      long rows,
      long removals,
      boolean hasNullKeys,
      Set<Operation> operations,
      boolean hasSnapshotRows) {
    this.table = table;
    this.lines = lines;
    this.rows = rows;
    this.removals = removals;
    this.hasNullKeys = hasNullKeys;
    this.operations = operations;
    this.hasSnapshotRows = hasSnapshotRows;
  }

  /**
   * Rows that are to be written or removed.
   *
   * @param lines not copied
   * @param rows how many there are
   * @param removals how many of them are to be removed
   * @param hasNullKeys whether one to be removed has a null in its key
   */
  static StagedRows atHand(byte[] lines, long rows, long removals, boolean hasNullKeys) {
    return new StagedRows(
        null, lines, rows, removals, hasNullKeys, EnumSet.noneOf(Operation.class), false);
  }

  /**
   * Lines of a {@link ChangeFold}.
   *
   * @param lines not copied
   */
  static StagedRows folded(byte[] lines, Lines folded) {
    return new StagedRows(
        null, lines, folded.count(), 0, false, folded.operations(), folded.hasSnapshotRows());
  }

  /**
   * The same rows in a table, which alone has them.
   *
   * @param ofTable its name, quoted
   */
  StagedRows in(String ofTable) {
    return in(ofTable, List.of(this));
  }

  /** All of these rows in one table. */
  static StagedRows in(String table, List<StagedRows> rows) {
    Set<Operation> all = EnumSet.noneOf(Operation.class);
    rows.forEach(each -> all.addAll(each.operations));
    return new StagedRows(
        table,
        null,
        rows.stream().mapToLong(StagedRows::rows).sum(),
        rows.stream().mapToLong(StagedRows::removals).sum(),
        rows.stream().anyMatch(StagedRows::hasNullKeys),
        all,
        rows.stream().anyMatch(StagedRows::hasSnapshotRows));
  }

  boolean isAtHand() {
    return lines != null;
  }

  /** The staging table, quoted; null where the rows are at hand. */
  String table() {
    return table;
  }

  /** Null where a staging table has the rows. */
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

  /** Whether a line of a {@link ChangeFold} does this. */
  boolean has(Operation operation) {
    return operations.contains(operation);
  }

  /** Whether the newest change of a key is a row of a snapshot. */
  boolean hasSnapshotRows() {
    return hasSnapshotRows;
  }
}
