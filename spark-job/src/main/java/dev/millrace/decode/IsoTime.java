package dev.millrace.decode;

import dev.millrace.error.ValueFault;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.YearMonth;

/**
 * Dates and times as ISO 8601 and Postgres write them, read from ASCII.
 *
 * <pre>
 *   2025-11-07                          a date; a Z may follow
 *   2025-11-07T11:29:32.953131Z         a time
 *   2025-11-07 16:59:32.953131+05:30    the same; also +0530 and +05
 *   2025-11-07 11:29:32.953131          the same: without a zone it is UTC
 *   2025-11-07 11:29                    seconds may be absent, of the fraction up to nine digits
 *   +12345-01-01T00:00Z                 a year of more than four digits has a sign
 *   -0043-03-15T10:00Z                  44 BC, as the year 0 is 1 BC
 *   11:29:32.953131+05:30               a time of day
 *   infinity, -infinity                 refused, like all that Postgres can't hold
 * </pre>
 *
 * <p>What is finer than a microsecond is refused.
 */
final class IsoTime {

  private static final long MICROS_PER_SECOND = 1_000_000;
  private static final long SECONDS_PER_DAY = 86_400;
  private static final long MICROS_PER_DAY = SECONDS_PER_DAY * MICROS_PER_SECOND;
  private static final int MAX_YEAR_DIGITS = 9;
  private static final byte[] INFINITY = "infinity".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] MINUS_INFINITY = "-infinity".getBytes(StandardCharsets.US_ASCII);

  private final byte[] bytes;
  private final int end;
  private int at;

  IsoTime(byte[] bytes, int start, int end) {
    this.bytes = bytes;
    this.end = end;
    this.at = start;
  }

  private IsoTime(JsonText text) {
    this(text.bytes(), text.start(), text.end());
  }

  int position() {
    return at;
  }

  /** Days since 1970-01-01. */
  static int date(JsonText text) throws InvalidValue {
    refuseInfinity(text);
    IsoTime time = new IsoTime(text);
    long days = time.days();
    if (time.at < time.end) {
      time.pass('Z');
    }
    time.requireEnd();
    return TimeUnits.requireDay(days);
  }

  /** Microseconds since 1970-01-01T00:00:00Z. */
  static long timestamp(JsonText text) throws InvalidValue {
    refuseInfinity(text);
    IsoTime time = new IsoTime(text);
    long days = time.days();
    if (!time.isAt(' ')) {
      time.pass('T');
    } else {
      time.at++;
    }
    long micros = time.timeOfDay(23);
    long offset = time.offsetSeconds();
    time.requireEnd();
    long seconds = days * SECONDS_PER_DAY - offset;
    try {
      return TimeUnits.requireFinite(
          Math.addExact(Math.multiplyExact(seconds, MICROS_PER_SECOND), micros));
    } catch (ArithmeticException e) {
      throw new InvalidValue(ValueFault.INFINITE);
    }
  }

  /**
   * Microseconds since midnight, 24 hours included.
   *
   * @param isZoned whether an offset from UTC may follow; the time is then that in UTC, below 24
   *     hours. Otherwise only a Z may, which the connector writes after every time
   */
  static long timeOfDay(JsonText text, boolean isZoned) throws InvalidValue {
    IsoTime time = new IsoTime(text);
    long micros = time.timeOfDay(24);
    if (micros > MICROS_PER_DAY) {
      throw new InvalidValue(ValueFault.OUT_OF_RANGE);
    }
    if (!isZoned) {
      if (time.at < time.end) {
        time.pass('Z');
      }
      time.requireEnd();
      return micros;
    }
    long offset = time.offsetSeconds();
    time.requireEnd();
    return offset == 0
        ? micros
        : Math.floorMod(micros - offset * MICROS_PER_SECOND, MICROS_PER_DAY);
  }

  private static void refuseInfinity(JsonText text) throws InvalidValue {
    if (text.isEqualTo(INFINITY) || text.isEqualTo(MINUS_INFINITY)) {
      throw new InvalidValue(ValueFault.INFINITE);
    }
  }

  private long timeOfDay(int lastHour) throws InvalidValue {
    long seconds = number(2, lastHour) * 3600L;
    pass(':');
    seconds += number(2, 59) * 60L;
    long micros = 0;
    if (isAt(':')) {
      at++;
      seconds += number(2, 59);
      if (isAt('.')) {
        at++;
        micros = fraction();
      }
    }
    return seconds * MICROS_PER_SECOND + micros;
  }

  private long days() throws InvalidValue {
    int year = year();
    pass('-');
    int month = number(2, 12);
    pass('-');
    int day = number(2, 31);
    if (month == 0 || day == 0 || (day > 28 && day > YearMonth.of(year, month).lengthOfMonth())) {
      throw new InvalidValue(ValueFault.NOT_OF_TYPE);
    }
    return LocalDate.of(year, month, day).toEpochDay();
  }

  private int year() throws InvalidValue {
    boolean isNegative = isAt('-');
    if (!isNegative && !isAt('+')) {
      return number(4, 9999);
    }
    at++;
    int digits = 0;
    while (at + digits < end && isDigit(bytes[at + digits])) {
      digits++;
    }
    if (digits < 4 || digits > MAX_YEAR_DIGITS) {
      throw new InvalidValue(ValueFault.NOT_OF_TYPE);
    }
    int year = number(digits, LocalDate.MAX.getYear());
    return isNegative ? -year : year;
  }

  /** The digits after a point, as microseconds. */
  long fraction() throws InvalidValue {
    int first = at;
    long micros = 0;
    boolean isTooFine = false;
    for (; at < end && isDigit(bytes[at]); at++) {
      if (at - first < 6) {
        micros = micros * 10 + bytes[at] - '0';
      } else {
        isTooFine |= bytes[at] != '0';
      }
    }
    int digits = at - first;
    if (digits == 0 || digits > 9) {
      throw new InvalidValue(ValueFault.NOT_OF_TYPE);
    }
    if (isTooFine) {
      throw new InvalidValue(ValueFault.TOO_FINE);
    }
    for (; digits < 6; digits++) {
      micros *= 10;
    }
    return micros;
  }

  private long offsetSeconds() throws InvalidValue {
    if (at == end) {
      return 0;
    }
    if (isAt('Z')) {
      at++;
      return 0;
    }
    boolean isWest = isAt('-');
    if (!isWest && !isAt('+')) {
      throw new InvalidValue(ValueFault.NOT_OF_TYPE);
    }
    at++;
    long seconds = number(2, 18) * 3600L;
    if (isAt(':')) {
      at++;
      seconds += number(2, 59) * 60L;
    } else if (at < end) {
      seconds += number(2, 59) * 60L;
    }
    return isWest ? -seconds : seconds;
  }

  private int number(int digits, int max) throws InvalidValue {
    int value = 0;
    for (int i = 0; i < digits; i++) {
      if (at == end || !isDigit(bytes[at])) {
        throw new InvalidValue(ValueFault.NOT_OF_TYPE);
      }
      value = value * 10 + bytes[at++] - '0';
    }
    if (value > max) {
      throw new InvalidValue(ValueFault.NOT_OF_TYPE);
    }
    return value;
  }

  private boolean isAt(char character) {
    return at < end && bytes[at] == character;
  }

  private void pass(char character) throws InvalidValue {
    if (!isAt(character)) {
      throw new InvalidValue(ValueFault.NOT_OF_TYPE);
    }
    at++;
  }

  private void requireEnd() throws InvalidValue {
    if (at < end) {
      throw new InvalidValue(ValueFault.NOT_OF_TYPE);
    }
  }

  private static boolean isDigit(byte character) {
    return character >= '0' && character <= '9';
  }
}
