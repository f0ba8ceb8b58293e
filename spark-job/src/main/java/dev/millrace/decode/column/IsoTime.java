package dev.millrace.decode.column;

import dev.millrace.decode.json.JsonText;
import dev.millrace.error.data.ValueFault;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.Arrays;

/**
 * Dates and times as ISO 8601, Postgres and people write them, read from ASCII.
 *
 * <pre>
 *   2025-11-07                          a date; a Z may follow. As a time, its midnight in UTC
 *   2025-3-7                            months, days and hours may have one digit
 *   2025-11-07T11:29:32.953131Z         a time; of a date column, its day as written
 *   2025-11-07 16:59:32.953131+05:30    the same; also +0530, +05, and a space before the offset
 *   2025-11-07 11:29:32,953131 UTC      the same; also GMT
 *   2025-11-07t11:29:32.953131z         the same
 *   2025-11-07 11:29:32.953131          the same: without a zone it is UTC
 *   2025-11-07 11:29                    seconds may be absent; a fraction has up to nine digits
 *   2025-11-07T24:00                    the midnight at the end of the day
 *   1850-01-01 00:00:00+05:53:28        an offset with seconds, as Postgres writes local mean time
 *   +12345-01-01T00:00Z                 a year of more than four digits has a sign
 *   0044-03-15 10:00:00 BC              44 BC, as Postgres writes it
 *   -0043-03-15T10:00Z                  the same: the year 0 is 1 BC
 *   11:29:32.953131+05:30               a time of day
 *   infinity, -infinity                 rejected, like all that Postgres cannot store
 * </pre>
 *
 * <p>A time that is finer than a microsecond is rejected, unless only its day is kept.
 */
final class IsoTime {

  private static final long MICROS_PER_SECOND = 1_000_000;
  private static final long SECONDS_PER_DAY = 86_400;
  private static final long MICROS_PER_DAY = SECONDS_PER_DAY * MICROS_PER_SECOND;
  private static final long NANOS_PER_SECOND = 1_000_000_000;
  private static final long NANOS_PER_MICRO = 1_000;
  private static final int MAX_YEAR_DIGITS = 9;
  private static final byte[] UTC = "UTC".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] GMT = "GMT".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] INFINITY = "infinity".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] MINUS_INFINITY = "-infinity".getBytes(StandardCharsets.US_ASCII);

  private final byte[] bytes;
  private int end;
  private int at;

  private IsoTime(JsonText text) {
    this.bytes = text.bytes();
    this.end = text.end();
    this.at = text.start();
  }

  /**
   * Days since 1970-01-01; of a point in time, the day as written, in the zone it is written in.
   */
  static int date(JsonText text) throws InvalidValue {
    refuseInfinity(text);
    IsoTime time = new IsoTime(text);
    long days = time.days(time.cutEra());
    if (time.isAtTimeOfDay()) {
      time.at++;
      time.nanosOfDay();
      time.offsetSeconds();
    } else if (time.at < time.end) {
      time.passZ();
    }
    time.requireEnd();
    return TimeUnits.requireDay(days);
  }

  /** Microseconds since 1970-01-01T00:00:00Z; of a date, its midnight in UTC. */
  static long timestamp(JsonText text) throws InvalidValue {
    refuseInfinity(text);
    IsoTime time = new IsoTime(text);
    long days = time.days(time.cutEra());
    long micros = 0;
    long offset = 0;
    if (time.isAtTimeOfDay()) {
      time.at++;
      micros = toMicros(time.nanosOfDay());
      offset = time.offsetSeconds();
    } else if (time.at < time.end) {
      time.passZ();
    }
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
    long micros = toMicros(time.nanosOfDay());
    if (!isZoned) {
      if (time.at < time.end) {
        time.passZ();
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

  /** Whether a time of day follows: T or a space, and a digit. */
  private boolean isAtTimeOfDay() {
    return (isAt('T') || isAt('t') || isAt(' ')) && at + 1 < end && isDigit(bytes[at + 1]);
  }

  /** Up to 24 hours, which is the end of the day. */
  private long nanosOfDay() throws InvalidValue {
    long seconds = number(1, 2, 24) * 3600L;
    pass(':');
    seconds += number(2, 2, 59) * 60L;
    long nanos = 0;
    if (isAt(':')) {
      at++;
      seconds += number(2, 2, 59);
      if (isAt('.') || isAt(',')) {
        at++;
        nanos = nanosOfSecond();
      }
    }
    nanos += seconds * NANOS_PER_SECOND;
    if (nanos > SECONDS_PER_DAY * NANOS_PER_SECOND) {
      throw new InvalidValue(ValueFault.OUT_OF_RANGE);
    }
    return nanos;
  }

  private static long toMicros(long nanos) throws InvalidValue {
    if (nanos % NANOS_PER_MICRO != 0) {
      throw new InvalidValue(ValueFault.TOO_FINE);
    }
    return nanos / NANOS_PER_MICRO;
  }

  /** Whether the text ended with Postgres' {@code BC}, which no longer belongs to it. */
  private boolean cutEra() {
    boolean isBeforeChrist =
        end - at > 3 && bytes[end - 3] == ' ' && bytes[end - 2] == 'B' && bytes[end - 1] == 'C';
    if (isBeforeChrist) {
      end -= 3;
    }
    return isBeforeChrist;
  }

  private long days(boolean isBeforeChrist) throws InvalidValue {
    int year = isBeforeChrist ? yearBeforeChrist() : year();
    pass('-');
    int month = number(1, 2, 12);
    pass('-');
    int day = number(1, 2, 31);
    if (month == 0 || day == 0 || (day > 28 && day > YearMonth.of(year, month).lengthOfMonth())) {
      throw new InvalidValue(ValueFault.NOT_OF_TYPE);
    }
    return LocalDate.of(year, month, day).toEpochDay();
  }

  /** 1 BC is the year 0. */
  private int yearBeforeChrist() throws InvalidValue {
    int year = number(4, 4, 9999);
    if (year == 0) {
      throw new InvalidValue(ValueFault.NOT_OF_TYPE);
    }
    return 1 - year;
  }

  private int year() throws InvalidValue {
    boolean isNegative = isAt('-');
    if (!isNegative && !isAt('+')) {
      return number(4, 4, 9999);
    }
    at++;
    int digits = 0;
    while (at + digits < end && isDigit(bytes[at + digits])) {
      digits++;
    }
    if (digits < 4 || digits > MAX_YEAR_DIGITS) {
      throw new InvalidValue(ValueFault.NOT_OF_TYPE);
    }
    int year = number(digits, digits, LocalDate.MAX.getYear());
    return isNegative ? -year : year;
  }

  private long nanosOfSecond() throws InvalidValue {
    int first = at;
    long nanos = number(1, 9, 999_999_999);
    if (at < end && isDigit(bytes[at])) {
      throw new InvalidValue(ValueFault.NOT_OF_TYPE);
    }
    for (int digits = at - first; digits < 9; digits++) {
      nanos *= 10;
    }
    return nanos;
  }

  /** East of UTC; 0 where nothing follows. */
  private long offsetSeconds() throws InvalidValue {
    if (at == end) {
      return 0;
    }
    if (isAt(' ')) {
      at++;
    }
    if (isAtName(UTC) || isAtName(GMT)) {
      at = end;
      return 0;
    }
    boolean isWest = isAt('-');
    if (!isWest && !isAt('+')) {
      passZ();
      return 0;
    }
    at++;
    long seconds = number(2, 2, 18) * 3600L;
    if (isAt(':')) {
      at++;
      seconds += number(2, 2, 59) * 60L;
      if (isAt(':')) {
        at++;
        seconds += number(2, 2, 59);
      }
    } else if (at < end) {
      seconds += number(2, 2, 59) * 60L;
    }
    return isWest ? -seconds : seconds;
  }

  private boolean isAtName(byte[] name) {
    return Arrays.equals(bytes, at, end, name, 0, name.length);
  }

  /** A number of at least one and at most another number of digits. */
  private int number(int minDigits, int maxDigits, int max) throws InvalidValue {
    int value = 0;
    int digits = 0;
    for (; digits < maxDigits && at < end && isDigit(bytes[at]); digits++) {
      value = value * 10 + bytes[at++] - '0';
    }
    if (digits < minDigits || value > max) {
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

  private void passZ() throws InvalidValue {
    if (!isAt('z')) {
      pass('Z');
    } else {
      at++;
    }
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
