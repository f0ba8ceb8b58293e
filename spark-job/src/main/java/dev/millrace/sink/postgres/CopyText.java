package dev.millrace.sink.postgres;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.DayTimeIntervalType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;
import org.apache.spark.sql.types.YearMonthIntervalType;

/**
 * Values in the text format of {@code COPY}: a line for each row, tabs between its fields, {@code
 * \N} for null. What they mean does not depend on settings of the session. Not thread-safe.
 */
final class CopyText {

  private static final byte[] NULL = {'\\', 'N'};
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  private interface Field {
    void append(InternalRow row, int ordinal);
  }

  private final Field[] fields;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /**
   * @param types of the columns of the rows, none of them nested
   */
  CopyText(List<DataType> types) {
    fields = types.stream().map(this::field).toArray(Field[]::new);
  }

  /** Bytes of the lines so far. */
  int size() {
    return out.size();
  }

  /** The lines so far, which are forgotten. */
  byte[] take() {
    byte[] taken = out.toByteArray();
    out.reset();
    return taken;
  }

  /**
   * Adds a line.
   *
   * @param operation a letter, the first field
   * @param ordinals of the row's columns that are the fields behind it; -1 for null
   */
  void add(char operation, InternalRow row, int[] ordinals) {
    out.write(operation);
    for (int ordinal : ordinals) {
      out.write('\t');
      if (ordinal < 0 || row.isNullAt(ordinal)) {
        out.writeBytes(NULL);
      } else {
        fields[ordinal].append(row, ordinal);
      }
    }
    out.write('\n');
  }

  private Field field(DataType type) {
    if (type instanceof StringType) {
      return (row, ordinal) -> text(row.getUTF8String(ordinal).getBytes());
    }
    if (type instanceof BooleanType) {
      return (row, ordinal) -> out.write(row.getBoolean(ordinal) ? 't' : 'f');
    }
    if (type instanceof ByteType) {
      return (row, ordinal) -> ascii(Byte.toString(row.getByte(ordinal)));
    }
    if (type instanceof ShortType) {
      return (row, ordinal) -> ascii(Short.toString(row.getShort(ordinal)));
    }
    if (type instanceof IntegerType) {
      return (row, ordinal) -> ascii(Integer.toString(row.getInt(ordinal)));
    }
    if (type instanceof LongType) {
      return (row, ordinal) -> ascii(Long.toString(row.getLong(ordinal)));
    }
    if (type instanceof FloatType) {
      return (row, ordinal) -> ascii(Float.toString(row.getFloat(ordinal)));
    }
    if (type instanceof DoubleType) {
      return (row, ordinal) -> ascii(Double.toString(row.getDouble(ordinal)));
    }
    if (type instanceof DecimalType decimal) {
      return (row, ordinal) ->
          ascii(
              row.getDecimal(ordinal, decimal.precision(), decimal.scale())
                  .toJavaBigDecimal()
                  .toPlainString());
    }
    if (type instanceof BinaryType) {
      return (row, ordinal) -> hex(row.getBinary(ordinal));
    }
    if (type instanceof DateType) {
      return (row, ordinal) -> ascii(date(row.getInt(ordinal)));
    }
    if (type instanceof TimestampType) {
      return (row, ordinal) -> ascii(timestamp(row.getLong(ordinal), "+00"));
    }
    if (type instanceof TimestampNTZType) {
      return (row, ordinal) -> ascii(timestamp(row.getLong(ordinal), ""));
    }
    if (type instanceof DayTimeIntervalType) {
      return (row, ordinal) -> ascii(interval(row.getLong(ordinal)));
    }
    if (type instanceof YearMonthIntervalType) {
      return (row, ordinal) -> ascii(row.getInt(ordinal) + " months");
    }
    throw new IllegalArgumentException(type.sql());
  }

  /** Text, in which COPY takes a few characters for something else. */
  private void text(byte[] bytes) {
    int written = 0;
    for (int i = 0; i < bytes.length; i++) {
      int escaped =
          switch (bytes[i]) {
            case '\\' -> '\\';
            case '\n' -> 'n';
            case '\r' -> 'r';
            case '\t' -> 't';
            default -> 0;
          };
      if (escaped != 0) {
        out.write(bytes, written, i - written);
        out.write('\\');
        out.write(escaped);
        written = i + 1;
      }
    }
    out.write(bytes, written, bytes.length - written);
  }

  private void ascii(String text) {
    out.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
  }

  private void hex(byte[] bytes) {
    byte[] digits = new byte[3 + 2 * bytes.length];
    digits[0] = '\\';
    digits[1] = '\\';
    digits[2] = 'x';
    for (int i = 0; i < bytes.length; i++) {
      digits[3 + 2 * i] = HEX[(bytes[i] >> 4) & 0xf];
      digits[4 + 2 * i] = HEX[bytes[i] & 0xf];
    }
    out.writeBytes(digits);
  }

  /** A day as Postgres has it, before Christ with {@code BC}. */
  static String date(long epochDay) {
    return withEra(LocalDate.ofEpochDay(epochDay), "");
  }

  /**
   * A time to the microsecond.
   *
   * @param zone behind the time of day
   */
  static String timestamp(long epochMicros, String zone) {
    long dayMicros = TimeUnit.DAYS.toMicros(1);
    long micros = Math.floorMod(epochMicros, dayMicros);
    return withEra(
        LocalDate.ofEpochDay(Math.floorDiv(epochMicros, dayMicros)),
        " " + timeOfDay(micros) + zone);
  }

  private static String withEra(LocalDate day, String time) {
    boolean isBeforeChrist = day.getYear() < 1;
    StringBuilder text = new StringBuilder(32);
    padded(text, isBeforeChrist ? 1 - day.getYear() : day.getYear(), 4).append('-');
    padded(text, day.getMonthValue(), 2).append('-');
    padded(text, day.getDayOfMonth(), 2).append(time);
    return text.append(isBeforeChrist ? " BC" : "").toString();
  }

  /** Days of 24 hours, and the rest with a sign of its own. */
  static String interval(long micros) {
    long dayMicros = TimeUnit.DAYS.toMicros(1);
    long rest = micros % dayMicros;
    return "%d days %s%s"
        .formatted(micros / dayMicros, rest < 0 ? "-" : "", timeOfDay(Math.abs(rest)));
  }

  private static String timeOfDay(long micros) {
    long seconds = micros / 1_000_000;
    StringBuilder text = new StringBuilder(16);
    padded(text, seconds / 3_600, 2).append(':');
    padded(text, seconds / 60 % 60, 2).append(':');
    padded(text, seconds % 60, 2);
    return micros % 1_000_000 == 0
        ? text.toString()
        : padded(text.append('.'), micros % 1_000_000, 6).toString();
  }

  private static StringBuilder padded(StringBuilder text, long number, int digits) {
    String plain = Long.toString(number);
    return text.append("0".repeat(Math.max(0, digits - plain.length()))).append(plain);
  }
}
