package dev.millrace.view;

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
          .add("offset", DataTypes.LongType);

  /** A row of a result changed: before and after, one of them null. */
  static final int CHANGE = 0;

  /** A row of a result that is delivered as a whole. */
  static final int WHOLE = 1;

  /** A change of a group, in {@code after}. */
  static final int PARTIAL = 2;

  /** A row, change or group that a view has to leave out. */
  static final int PROBLEM = 3;

  /** The view of a problem that concerns the table. */
  static final int NO_VIEW = -1;

  static final int KIND = 0;
  static final int VIEW = 1;
  static final int KEY = 2;
  static final int BEFORE = 3;
  static final int AFTER = 4;
  static final int REASON = 5;
  static final int PARTITION = 6;
  static final int OFFSET = 7;

  private final UnsafeProjection projection = UnsafeProjection.create(TYPE);

  UnsafeRow change(int kind, int view, byte[] key, byte[] before, byte[] after) {
    return row(kind, view, key, before, after, null, null, null);
  }

  UnsafeRow problem(int view, byte[] key, String reason, Integer partition, Long offset) {
    return row(PROBLEM, view, key, null, null, UTF8String.fromString(reason), partition, offset);
  }

  private UnsafeRow row(Object... fields) {
    InternalRow row = new GenericInternalRow(fields);
    return projection.apply(row).copy();
  }
}
