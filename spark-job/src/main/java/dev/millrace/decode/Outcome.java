package dev.millrace.decode;

import dev.millrace.error.data.DataError;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;

/** What became of a message, as a row of four: outcome, error, row, unknown. */
public final class Outcome {

  /** {@link #CHANGE}, {@link #SKIPPED} or {@link #REJECTED}; never null. */
  public static final String OUTCOME = "outcome";

  /** Why a message was rejected; null for every other outcome. */
  public static final String ERROR = "error";

  /** The change; null for every other outcome. */
  public static final String ROW = "row";

  /**
   * Names of the row's fields that the table does not declare, as far as this task meets them for
   * the first time in a change; null where there are none, so nearly always.
   */
  public static final String UNKNOWN = "unknown";

  /** The message is a change. */
  public static final String CHANGE = "change";

  /** The message is a tombstone, which states nothing that the delete before it did not say. */
  public static final String SKIPPED = "skipped";

  /** The message can't be read. */
  public static final String REJECTED = "rejected";

  static final StructType ERROR_TYPE =
      new StructType()
          .add("code", DataTypes.StringType, false)
          .add("column", DataTypes.StringType, true)
          .add("message", DataTypes.StringType, false);

  static final UTF8String UTF8_CHANGE = UTF8String.fromString(CHANGE);
  private static final UTF8String UTF8_SKIPPED = UTF8String.fromString(SKIPPED);
  static final UTF8String UTF8_REJECTED = UTF8String.fromString(REJECTED);

  private Outcome() {}

  static StructType type(StructType rowType) {
    return new StructType()
        .add(OUTCOME, DataTypes.StringType, false)
        .add(ERROR, ERROR_TYPE, true)
        .add(ROW, rowType, true)
        .add(UNKNOWN, DataTypes.createArrayType(DataTypes.StringType, false), true);
  }

  /**
   * @param unknown names of fields that were met for the first time, or null
   */
  static InternalRow change(InternalRow row, ArrayData unknown) {
    return new GenericInternalRow(new Object[] {UTF8_CHANGE, null, row, unknown});
  }

  static InternalRow skipped() {
    return new GenericInternalRow(new Object[] {UTF8_SKIPPED, null, null, null});
  }

  static InternalRow rejected(DataError error) {
    InternalRow cause =
        new GenericInternalRow(
            new Object[] {
              UTF8String.fromString(error.code().name()),
              UTF8String.fromString(error.column()),
              UTF8String.fromString(error.message())
            });
    return new GenericInternalRow(new Object[] {UTF8_REJECTED, cause, null, null});
  }
}
