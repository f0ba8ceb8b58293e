package dev.millrace.decode;

import dev.millrace.error.data.DataError;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;

/** What became of a message, as a row of four: outcome, error, row, unknown. */
final class Outcome {

  static final StructType ERROR_TYPE =
      new StructType()
          .add("code", DataTypes.StringType, false)
          .add("column", DataTypes.StringType, true)
          .add("message", DataTypes.StringType, false);

  static final UTF8String CHANGE = UTF8String.fromString(Decode.CHANGE);
  private static final UTF8String SKIPPED = UTF8String.fromString(Decode.SKIPPED);
  static final UTF8String REJECTED = UTF8String.fromString(Decode.REJECTED);

  private Outcome() {}

  static StructType type(StructType rowType) {
    return new StructType()
        .add(Decode.OUTCOME, DataTypes.StringType, false)
        .add(Decode.ERROR, ERROR_TYPE, true)
        .add(Decode.ROW, rowType, true)
        .add(Decode.UNKNOWN, DataTypes.createArrayType(DataTypes.StringType, false), true);
  }

  /**
   * @param unknown names of fields that were met for the first time, or null
   */
  static InternalRow change(InternalRow row, ArrayData unknown) {
    return new GenericInternalRow(new Object[] {CHANGE, null, row, unknown});
  }

  static InternalRow skipped() {
    return new GenericInternalRow(new Object[] {SKIPPED, null, null, null});
  }

  static InternalRow rejected(DataError error) {
    InternalRow cause =
        new GenericInternalRow(
            new Object[] {
              UTF8String.fromString(error.code().name()),
              UTF8String.fromString(error.column()),
              UTF8String.fromString(error.message())
            });
    return new GenericInternalRow(new Object[] {REJECTED, cause, null, null});
  }
}
