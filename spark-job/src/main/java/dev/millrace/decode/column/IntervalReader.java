package dev.millrace.decode.column;

import dev.millrace.config.ColumnDefinition;
import dev.millrace.decode.json.JsonText;
import dev.millrace.error.data.ValueFault;

/**
 * Lengths of time in microseconds: whole numbers of them, or the ISO 8601 text that the connector
 * sends with {@code interval.handling.mode=string}.
 *
 * <pre>
 *   P0Y0M3DT4H5M6.789S          3 days of 24 hours, 4 hours, 5 minutes, 6.789 seconds
 *   P0Y0M-1DT0H0M-0.000001S     each part has a sign of its own
 *   P1Y2M0DT0H0M0S              refused: a month is not a fixed number of days
 * </pre>
 *
 * <p>With {@code numeric} the connector has made months to days itself, of 30.4375 each, and
 * nothing tells that there were any.
 */
final class IntervalReader extends ColumnReader {

  /** What the digits behind the point count. */
  private static final long[] NANO_PLACES = {
    100_000_000, 10_000_000, 1_000_000, 100_000, 10_000, 1_000, 100, 10, 1
  };

  private static final long serialVersionUID = 1L;

  private static final String DATE_PARTS = "YMWD";
  private static final String TIME_PARTS = "HMS";
  private static final long[] DATE_MICROS = {0, 0, 604_800_000_000L, 86_400_000_000L};
  private static final long[] TIME_MICROS = {3_600_000_000L, 60_000_000L, 1_000_000L};
  private static final int MAX_DIGITS = 18;

  IntervalReader(ColumnDefinition column, TextRules rules) {
    super(column, rules);
  }

  @Override
  Object ofText(Scratch scratch) throws InvalidValue {
    JsonText text = scratch.text;
    boolean isIso = text.length() > 0 && text.bytes()[text.start()] == 'P';
    return isIso ? (Object) new Iso(text).micros() : ofNumber(scratch);
  }

  @Override
  Object ofNumber(Scratch scratch) throws InvalidValue {
    return WholeNumberReader.wholeNumber(scratch, Long.MIN_VALUE, Long.MAX_VALUE);
  }

  /** The parts of one text, from left to right. */
  private static final class Iso {
    private final byte[] bytes;
    private final int end;
    private int at;

    Iso(JsonText text) {
      this.bytes = text.bytes();
      this.at = text.start() + 1;
      this.end = text.end();
    }

    long micros() throws InvalidValue {
      long micros = 0;
      boolean isTime = false;
      int part = 0;
      boolean hasPart = false;
      try {
        while (at < end) {
          if (bytes[at] == 'T' && !isTime) {
            isTime = true;
            part = 0;
            hasPart = false;
            at++;
          }
          boolean isNegative = passSign();
          long count = digits();
          long fraction = isTime && isAt('.') ? fraction() : 0;
          String parts = isTime ? TIME_PARTS : DATE_PARTS;
          int found = at < end ? parts.indexOf(bytes[at], part) : -1;
          boolean isSeconds = isTime && found == 2;
          if (found < 0 || (fraction > 0 && !isSeconds)) {
            throw new InvalidValue(ValueFault.NOT_OF_TYPE);
          }
          at++;
          part = found + 1;
          hasPart = true;
          if (!isTime && found < 2 && count != 0) {
            throw new InvalidValue(ValueFault.HAS_MONTHS);
          }
          long size = isTime ? TIME_MICROS[found] : DATE_MICROS[found];
          long magnitude = Math.addExact(Math.multiplyExact(count, size), fraction);
          micros = Math.addExact(micros, isNegative ? -magnitude : magnitude);
        }
      } catch (ArithmeticException e) {
        throw new InvalidValue(ValueFault.OUT_OF_RANGE);
      }
      if (!hasPart) {
        throw new InvalidValue(ValueFault.NOT_OF_TYPE);
      }
      return micros;
    }

    private boolean passSign() {
      if (isAt('-') || isAt('+')) {
        return bytes[at++] == '-';
      }
      return false;
    }

    private long digits() throws InvalidValue {
      int first = at;
      long value = 0;
      for (; at < end && bytes[at] >= '0' && bytes[at] <= '9'; at++) {
        if (at - first == MAX_DIGITS) {
          throw new InvalidValue(ValueFault.OUT_OF_RANGE);
        }
        value = value * 10 + bytes[at] - '0';
      }
      if (at == first) {
        throw new InvalidValue(ValueFault.NOT_OF_TYPE);
      }
      return value;
    }

    /**
     * The connector writes the digits of a binary fraction, 18.530442999 for Postgres' 18.530443:
     * rounding to microseconds, all that Postgres has, gives its value back.
     */
    private long fraction() throws InvalidValue {
      at++;
      long nanos = 0;
      int count = 0;
      for (; at < end && bytes[at] >= '0' && bytes[at] <= '9'; at++, count++) {
        nanos += count < NANO_PLACES.length ? NANO_PLACES[count] * (bytes[at] - '0') : 0;
      }
      if (count == 0) {
        throw new InvalidValue(ValueFault.NOT_OF_TYPE);
      }
      return (nanos + 500) / 1000;
    }

    private boolean isAt(char character) {
      return at < end && bytes[at] == character;
    }
  }
}
