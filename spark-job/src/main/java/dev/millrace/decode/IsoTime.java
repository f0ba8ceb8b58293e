package dev.millrace.decode;

import dev.millrace.error.ValueFault;
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
 * </pre>
 *
 * <p>What is finer than a microsecond is cut off towards the past.
 */
final class IsoTime {

  private static final long MICROS_PER_SECOND = 1_000_000;
  private static final long SECONDS_PER_DAY = 86_400;

  private final byte[] bytes;
  private final int end;
  private int at;

  private IsoTime(JsonText text) {
    this.bytes = text.bytes();
    this.end = text.end();
    this.at = text.start();
  }

  /** Days since 1970-01-01. */
  static int date(JsonText text) throws InvalidValue {
    IsoTime time = new IsoTime(text);
    long days = time.days();
    if (time.at < time.end) {
      time.pass('Z');
    }
    time.requireEnd();
    return (int) days;
  }

  /** Microseconds since 1970-01-01T00:00:00Z. */
  static long timestamp(JsonText text) throws InvalidValue {
    IsoTime time = new IsoTime(text);
    long days = time.days();
    if (!time.isAt(' ')) {
      time.pass('T');
    } else {
      time.at++;
    }
    long seconds = time.number(2, 23) * 3600L;
    time.pass(':');
    seconds += time.number(2, 59) * 60L;
    long micros = 0;
    if (time.isAt(':')) {
      time.at++;
      seconds += time.number(2, 59);
      if (time.isAt('.')) {
        time.at++;
        micros = time.fraction();
      }
    }
    seconds -= time.offsetSeconds();
    time.requireEnd();
    return (days * SECONDS_PER_DAY + seconds) * MICROS_PER_SECOND + micros;
  }

  private long days() throws InvalidValue {
    int year = number(4, 9999);
    pass('-');
    int month = number(2, 12);
    pass('-');
    int day = number(2, 31);
    if (month == 0 || day == 0 || (day > 28 && day > YearMonth.of(year, month).lengthOfMonth())) {
      throw new InvalidValue(ValueFault.NOT_OF_TYPE);
    }
    return LocalDate.of(year, month, day).toEpochDay();
  }

  private long fraction() throws InvalidValue {
    int first = at;
    long micros = 0;
    for (; at < end && isDigit(bytes[at]); at++) {
      if (at - first < 6) {
        micros = micros * 10 + bytes[at] - '0';
      }
    }
    int digits = at - first;
    if (digits == 0 || digits > 9) {
      throw new InvalidValue(ValueFault.NOT_OF_TYPE);
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
