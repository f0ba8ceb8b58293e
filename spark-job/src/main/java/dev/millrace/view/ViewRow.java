package dev.millrace.view;

import dev.millrace.view.table.Moves;
import dev.millrace.view.table.StoreSize;
import dev.millrace.view.table.TableRow;
import java.util.Arrays;
import java.util.OptionalLong;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;

/** The rows by which the steps of the engine hand on what they found. */
final class ViewRow {

  static final StructType TYPE =
      new StructType()
          .add("kind", DataTypes.IntegerType)
          .add("view", DataTypes.IntegerType)
          .add("key", DataTypes.BinaryType)
          .add("before", DataTypes.BinaryType)
          .add("after", DataTypes.BinaryType)
          .add("reason", DataTypes.StringType)
          .add("partition", DataTypes.IntegerType)
          .add("offset", DataTypes.LongType)
          .add("rows", DataTypes.LongType)
          .add("bytes", DataTypes.LongType)
          .add("began", DataTypes.LongType)
          .add("ended", DataTypes.LongType);

  /** A row of a result changed: before and after, one of them null. */
  static final int CHANGE = 0;

  /** A row of a result that is delivered as a whole. */
  static final int WHOLE = 1;

  /** A change of a group, in {@code after}. */
  static final int PARTIAL = 2;

  /** A row, change or group, of the level in {@code rows}, that a view has to leave out. */
  static final int PROBLEM = 3;

  /** What a run warns of, of a view or the table; nothing is left out. */
  static final int WARNING = 4;

  /**
   * The size of a partition of the table's rows, or of the groups, after the batch, and when its
   * task began and ended, in milliseconds since 1970.
   */
  static final int SIZE = 5;

  /**
   * A row of the table, in {@code after}, that an update of its key removed: {@code rows} is the
   * transaction, {@code bytes} the LSN.
   */
  static final int REMOVED = 6;

  /** A create of the batch lacks a value that another round may know. */
  static final int INCOMPLETE = 7;

  /** The batch has the last row of a snapshot: how far the topic goes has to be asked for. */
  static final int AWAITS_ENDS = 8;

  /** A snapshot is applied: {@code rows} of the table are gone, as it does not contain them. */
  static final int MISSED_DELETES = 9;

  /** A view some of whose aggregates have a row even where there is none to aggregate. */
  static final int BEGIN = 10;

  /**
   * The time of the batch, in {@code began}, and when time changes a view next, in {@code ended},
   * or null: microseconds since 1970.
   */
  static final int TIME = 11;

  /** The view of a size of groups. */
  static final int GROUPS = -2;

  /** The view of a problem that concerns the table, and of the size of its rows. */
  static final int NO_VIEW = -1;

  static final int KIND = 0;
  static final int VIEW = 1;
  static final int KEY = 2;
  static final int BEFORE = 3;
  static final int AFTER = 4;
  static final int REASON = 5;
  static final int PARTITION = 6;
  static final int OFFSET = 7;
  static final int ROWS = 8;
  static final int BYTES = 9;
  static final int BEGAN = 10;
  static final int ENDED = 11;

  private final UnsafeProjection projection = UnsafeProjection.create(TYPE);

  UnsafeRow change(int kind, int view, byte[] key, byte[] before, byte[] after) {
    return row(kind, view, key, before, after);
  }

  /** The batch's part of a group of a level. */
  UnsafeRow partial(int view, int level, byte[] key, byte[] part) {
    return row(PARTIAL, view, key, null, part, null, null, null, (long) level);
  }

  /** A change of a row of a result that stems from one row of the table, last changed there. */
  UnsafeRow change(int kind, int view, byte[] key, byte[] before, byte[] after, TableRow changed) {
    return row(kind, view, key, before, after, null, changed.partition(), changed.offset());
  }

  /**
   * A row or change that is left out.
   *
   * @param key as the table's state has it
   * @param row the columns of the table's row, in the layout of its state
   */
  UnsafeRow problem(
      int view, byte[] key, byte[] row, String reason, Integer partition, Long offset) {
    return row(PROBLEM, view, key, null, row, UTF8String.fromString(reason), partition, offset);
  }

  /** A group that is left out, at a level of its view. */
  UnsafeRow problem(int view, int level, byte[] key, String reason) {
    return row(
        PROBLEM, view, key, null, null, UTF8String.fromString(reason), null, null, (long) level);
  }

  /** What is to be known of a group that is not left out. */
  UnsafeRow warning(int view, int level, byte[] key, String reason) {
    return row(
        WARNING, view, key, null, null, UTF8String.fromString(reason), null, null, (long) level);
  }

  /** A group has more rows than it should have; the reason is their number. */
  UnsafeRow largeGroup(int view, int level, byte[] key, long count) {
    return warning(view, level, key, ViewBatch.LARGE_GROUP + count);
  }

  UnsafeRow warning(int view, byte[] key, String reason, Integer partition, Long offset) {
    return row(WARNING, view, key, null, null, UTF8String.fromString(reason), partition, offset);
  }

  UnsafeRow incomplete() {
    return row(INCOMPLETE, NO_VIEW, null, null, null, null, null, null);
  }

  UnsafeRow awaitsEnds() {
    return row(AWAITS_ENDS, NO_VIEW, null, null, null, null, null, null);
  }

  UnsafeRow missedDeletes(long count) {
    return row(MISSED_DELETES, NO_VIEW, null, null, null, null, null, null, count);
  }

  UnsafeRow time(long micros, OptionalLong next) {
    return row(
        TIME,
        NO_VIEW,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        micros,
        next.isPresent() ? next.getAsLong() : null);
  }

  UnsafeRow size(int view, StoreSize size, long beganMillis) {
    return row(
        SIZE,
        view,
        null,
        null,
        null,
        null,
        null,
        null,
        size.entries(),
        size.bytes(),
        beganMillis,
        System.currentTimeMillis());
  }

  UnsafeRow removed(Moves.Move move, byte[] row) {
    return row(REMOVED, NO_VIEW, null, null, row, null, null, null, move.transaction(), move.lsn());
  }

  private UnsafeRow row(Object... fields) {
    InternalRow row = new GenericInternalRow(Arrays.copyOf(fields, TYPE.length()));
    return projection.apply(row).copy();
  }
}
