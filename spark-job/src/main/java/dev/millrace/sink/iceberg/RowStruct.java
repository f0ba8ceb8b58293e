package dev.millrace.sink.iceberg;

import java.nio.ByteBuffer;
import org.apache.iceberg.StructLike;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;

/** A row of Spark as Iceberg's transforms of partitions read it. Holds no copy; not thread-safe. */
final class RowStruct implements StructLike {

  private final StructType type;
  private InternalRow row;

  RowStruct(StructType type) {
    this.type = type;
  }

  /** This, over another row. */
  RowStruct over(InternalRow otherRow) {
    row = otherRow;
    return this;
  }

  @Override
  public int size() {
    return type.length();
  }

  @Override
  public <T> T get(int position, Class<T> javaClass) {
    DataType column = type.fields()[position].dataType();
    return row.isNullAt(position) ? null : javaClass.cast(value(row.get(position, column), column));
  }

  private static Object value(Object value, DataType column) {
    if (value instanceof UTF8String text) {
      return text.toString();
    }
    if (value instanceof Decimal decimal) {
      return decimal.toJavaBigDecimal();
    }
    if (value instanceof byte[] bytes) {
      return ByteBuffer.wrap(bytes);
    }
    return value instanceof InternalRow struct
        ? new RowStruct((StructType) column).over(struct)
        : value;
  }

  @Override
  public <T> void set(int position, T value) {
    throw new UnsupportedOperationException("rows are only read");
  }
}
