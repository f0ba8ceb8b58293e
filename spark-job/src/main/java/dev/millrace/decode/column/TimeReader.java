package dev.millrace.decode.column;

import static dev.millrace.config.ColumnDefinition.TimeUnit.ISO;

import dev.millrace.config.ColumnDefinition;
import dev.millrace.config.ColumnType;
import dev.millrace.error.data.ValueFault;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * Times of day as text of one width, so that they sort: {@code 11:29:32.953131}, up to {@code
 * 24:00:00.000000}, which Postgres has. From whole numbers of the column's unit since midnight, or
 * ISO 8601 text. One with a time zone is brought to UTC and ends with a Z.
 */
final class TimeReader extends ColumnReader {

  private static final long serialVersionUID = 1L;

  private static final long MICROS_PER_DAY = 86_400_000_000L;
  private static final int LENGTH = "HH:mm:ss.SSSSSS".length();

  private final boolean isZoned;

  TimeReader(ColumnDefinition column, TextRules rules) {
    super(column, rules);
    TimeUnits.requireUnit(column);
    this.isZoned = column.type().kind() == ColumnType.Kind.TIMETZ;
  }

  @Override
  Object ofText(Scratch scratch) throws InvalidValue {
    return unit() == ISO ? text(IsoTime.timeOfDay(scratch.text, isZoned)) : ofNumber(scratch);
  }

  @Override
  Object ofNumber(Scratch scratch) throws InvalidValue {
    if (unit() == ISO) {
      throw new InvalidValue(ValueFault.NOT_OF_TYPE);
    }
    long limit = TimeUnits.perDay(unit());
    return text(TimeUnits.toMicros(WholeNumberReader.wholeNumber(scratch, 0, limit), unit()));
  }

  private UTF8String text(long micros) throws InvalidValue {
    if (micros < 0 || micros > MICROS_PER_DAY) {
      throw new InvalidValue(ValueFault.OUT_OF_RANGE);
    }
    byte[] text = new byte[isZoned ? LENGTH + 1 : LENGTH];
    long seconds = micros / 1_000_000;
    write(text, 0, 2, seconds / 3600);
    text[2] = ':';
    write(text, 3, 2, seconds / 60 % 60);
    text[5] = ':';
    write(text, 6, 2, seconds % 60);
    text[8] = '.';
    write(text, 9, 6, micros % 1_000_000);
    if (isZoned) {
      text[LENGTH] = 'Z';
    }
    return UTF8String.fromBytes(text);
  }

  private static void write(byte[] text, int start, int digits, long number) {
    long rest = number;
    for (int at = start + digits - 1; at >= start; at--) {
      text[at] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
  }
}
