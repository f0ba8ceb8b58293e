package dev.millrace.view.aggregate;

import java.io.ByteArrayOutputStream;
import java.io.Serializable;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.DayTimeIntervalType;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;
import org.apache.spark.sql.types.YearMonthIntervalType;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * Rows of SQL values as bytes, and back: read as unsigned numbers, the bytes have the order that
 * Spark gives the rows. A null is the smallest value, NaN the greatest number; texts are ordered by
 * their bytes in UTF-8. -0.0 comes before 0.0. No row's bytes begin with those of another one.
 *
 * @param types of the columns, the first of which decides first
 * @param areDescending of each column, whether its greatest value comes first
 */
public record ValueOrder(List<DataType> types, List<Boolean> areDescending)
    implements Serializable {

  private static final int END = 0;
  private static final int NULL = 1;
  private static final int VALUE = 2;

  /** Follows a zero byte of a text, so that it is not its end. */
  private static final int ESCAPED = 0xFF;

  private static final int DECIMAL_BYTES = 16;

  public ValueOrder {
    types = List.copyOf(types);
    areDescending = List.copyOf(areDescending);
  }

  /** An order in which the greatest row comes first, or the smallest. */
  public ValueOrder(List<DataType> types, boolean isDescending) {
    this(types, Collections.nCopies(types.size(), isDescending));
  }

  /** Whether values of a type have an order here; those of a map have none. */
  public static boolean has(DataType type) {
    if (type instanceof ArrayType array) {
      return has(array.elementType());
    }
    if (type instanceof StructType struct) {
      return Arrays.stream(struct.fields()).allMatch(field -> has(field.dataType()));
    }
    return type instanceof BooleanType
        || isInt(type)
        || isLong(type)
        || type instanceof FloatType
        || type instanceof DoubleType
        || type instanceof DecimalType
        || type instanceof StringType
        || type instanceof BinaryType;
  }

  private static boolean isInt(DataType type) {
    return type instanceof ByteType
        || type instanceof ShortType
        || type instanceof IntegerType
        || type instanceof DateType
        || type instanceof YearMonthIntervalType;
  }

  private static boolean isLong(DataType type) {
    return type instanceof LongType
        || type instanceof TimestampType
        || type instanceof TimestampNTZType
        || type instanceof DayTimeIntervalType;
  }

  /** The bytes of the columns of a row that begin at {@code first}. */
  byte[] write(InternalRow row, int first) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int i = 0; i < types.size(); i++) {
      DataType type = types.get(i);
      Object value = row.isNullAt(first + i) ? null : row.get(first + i, type);
      if (areDescending.get(i)) {
        ByteArrayOutputStream column = new ByteArrayOutputStream();
        writeNullable(column, value, type);
        out.writeBytes(inverted(column.toByteArray()));
      } else {
        writeNullable(out, value, type);
      }
    }
    return out.toByteArray();
  }

  /** The row, each value as Catalyst has it. */
  InternalRow read(byte[] written) {
    ByteBuffer ascending = ByteBuffer.wrap(written);
    ByteBuffer descending = ByteBuffer.wrap(inverted(written));
    Object[] values = new Object[types.size()];
    int position = 0;
    for (int i = 0; i < values.length; i++) {
      ByteBuffer in = areDescending.get(i) ? descending : ascending;
      in.position(position);
      values[i] = readNullable(in, in.get(), types.get(i));
      position = in.position();
    }
    return new GenericInternalRow(values);
  }

  private static byte[] inverted(byte[] bytes) {
    byte[] inverted = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      inverted[i] = (byte) ~bytes[i];
    }
    return inverted;
  }

  private static void writeNullable(ByteArrayOutputStream out, Object value, DataType type) {
    out.write(value == null ? NULL : VALUE);
    if (value != null) {
      write(out, value, type);
    }
  }

  private static Object readNullable(ByteBuffer in, int mark, DataType type) {
    return mark == NULL ? null : read(in, type);
  }

  private static void write(ByteArrayOutputStream out, Object value, DataType type) {
    if (type instanceof BooleanType) {
      out.write((Boolean) value ? 1 : 0);
    } else if (isInt(type)) {
      writeInt(out, ((Number) value).intValue() ^ Integer.MIN_VALUE);
    } else if (isLong(type)) {
      writeLong(out, (Long) value ^ Long.MIN_VALUE);
    } else if (type instanceof FloatType) {
      int bits = Float.floatToIntBits((Float) value);
      writeInt(out, bits < 0 ? ~bits : bits ^ Integer.MIN_VALUE);
    } else if (type instanceof DoubleType) {
      long bits = Double.doubleToLongBits((Double) value);
      writeLong(out, bits < 0 ? ~bits : bits ^ Long.MIN_VALUE);
    } else if (type instanceof DecimalType decimal) {
      writeDecimal(out, (Decimal) value, decimal);
    } else if (type instanceof StringType) {
      writeBytes(out, ((UTF8String) value).getBytes());
    } else if (type instanceof BinaryType) {
      writeBytes(out, (byte[]) value);
    } else if (type instanceof ArrayType array) {
      ArrayData elements = (ArrayData) value;
      for (int i = 0; i < elements.numElements(); i++) {
        writeNullable(
            out,
            elements.isNullAt(i) ? null : elements.get(i, array.elementType()),
            array.elementType());
      }
      out.write(END);
    } else if (type instanceof StructType struct) {
      InternalRow row = (InternalRow) value;
      StructField[] fields = struct.fields();
      for (int i = 0; i < fields.length; i++) {
        DataType field = fields[i].dataType();
        writeNullable(out, row.isNullAt(i) ? null : row.get(i, field), field);
      }
    } else {
      throw new IllegalArgumentException(type.sql());
    }
  }

  private static Object read(ByteBuffer in, DataType type) {
    if (type instanceof BooleanType) {
      return in.get() != 0;
    } else if (isInt(type)) {
      int value = in.getInt() ^ Integer.MIN_VALUE;
      return type instanceof ByteType
          ? (Object) (byte) value
          : type instanceof ShortType ? (Object) (short) value : (Object) value;
    } else if (isLong(type)) {
      return in.getLong() ^ Long.MIN_VALUE;
    } else if (type instanceof FloatType) {
      int bits = in.getInt();
      return Float.intBitsToFloat(bits < 0 ? bits ^ Integer.MIN_VALUE : ~bits);
    } else if (type instanceof DoubleType) {
      long bits = in.getLong();
      return Double.longBitsToDouble(bits < 0 ? bits ^ Long.MIN_VALUE : ~bits);
    } else if (type instanceof DecimalType decimal) {
      return readDecimal(in, decimal);
    } else if (type instanceof StringType) {
      return UTF8String.fromBytes(readBytes(in));
    } else if (type instanceof BinaryType) {
      return readBytes(in);
    } else if (type instanceof ArrayType array) {
      List<Object> elements = new ArrayList<>();
      for (int mark = in.get(); mark != END; mark = in.get()) {
        elements.add(readNullable(in, mark, array.elementType()));
      }
      return new GenericArrayData(elements.toArray());
    } else if (type instanceof StructType struct) {
      return new GenericInternalRow(
          Arrays.stream(struct.fields())
              .map(field -> readNullable(in, in.get(), field.dataType()))
              .toArray());
    }
    throw new IllegalArgumentException(type.sql());
  }

  private static void writeDecimal(ByteArrayOutputStream out, Decimal value, DecimalType type) {
    if (type.precision() <= Decimal.MAX_LONG_DIGITS()) {
      writeLong(out, value.toUnscaledLong() ^ Long.MIN_VALUE);
      return;
    }
    BigInteger unscaled = value.toJavaBigDecimal().unscaledValue();
    byte[] bytes = unscaled.toByteArray();
    byte[] extended = new byte[DECIMAL_BYTES];
    Arrays.fill(extended, (byte) (unscaled.signum() < 0 ? -1 : 0));
    System.arraycopy(bytes, 0, extended, DECIMAL_BYTES - bytes.length, bytes.length);
    extended[0] ^= Byte.MIN_VALUE;
    out.writeBytes(extended);
  }

  private static Decimal readDecimal(ByteBuffer in, DecimalType type) {
    if (type.precision() <= Decimal.MAX_LONG_DIGITS()) {
      return Decimal.createUnsafe(in.getLong() ^ Long.MIN_VALUE, type.precision(), type.scale());
    }
    byte[] bytes = new byte[DECIMAL_BYTES];
    in.get(bytes);
    bytes[0] ^= Byte.MIN_VALUE;
    return Decimal.apply(
        new scala.math.BigDecimal(new java.math.BigDecimal(new BigInteger(bytes), type.scale())),
        type.precision(),
        type.scale());
  }

  private static void writeInt(ByteArrayOutputStream out, int value) {
    out.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(value).array());
  }

  private static void writeLong(ByteArrayOutputStream out, long value) {
    out.writeBytes(ByteBuffer.allocate(Long.BYTES).putLong(value).array());
  }

  /** A text ends with two zero bytes, so that a shorter one comes first. */
  private static void writeBytes(ByteArrayOutputStream out, byte[] bytes) {
    for (byte each : bytes) {
      out.write(each);
      if (each == 0) {
        out.write(ESCAPED);
      }
    }
    out.write(0);
    out.write(0);
  }

  private static byte[] readBytes(ByteBuffer in) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    while (true) {
      byte each = in.get();
      if (each == 0 && in.get() == 0) {
        return bytes.toByteArray();
      }
      bytes.write(each);
    }
  }
}
