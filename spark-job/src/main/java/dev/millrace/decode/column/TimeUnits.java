package dev.millrace.decode.column;

import static dev.millrace.config.ColumnDefinition.TimeUnit.NONE;

import dev.millrace.config.ColumnDefinition;
import dev.millrace.config.ColumnDefinition.TimeUnit;
import dev.millrace.error.data.ValueFault;

/** What the units of dates and times are worth, and which of them Postgres can hold. */
final class TimeUnits {

  /** 4714-11-24 BC, the first day that Postgres knows. */
  private static final long FIRST_DAY = -2_440_588;

  /** The last day of the year 5874897. */
  private static final long LAST_DAY = 2_145_042_905;

  private static final long FIRST_MICROS = FIRST_DAY * 86_400_000_000L;

  /** What Debezium sends for Postgres' infinity, later than all that fits next to it. */
  private static final long INFINITE_MICROS = 9_223_372_036_825_200_000L;

  private TimeUnits() {}

  static long perDay(TimeUnit unit) {
    return switch (unit) {
      case DAYS -> 1;
      case SECONDS -> 86_400L;
      case MILLIS -> 86_400_000L;
      case MICROS -> 86_400_000_000L;
      case NANOS -> 86_400_000_000_000L;
      case NONE, ISO -> throw new IllegalArgumentException(unit + " counts nothing");
    };
  }

  private static long microsPer(TimeUnit unit) {
    return switch (unit) {
      case DAYS -> 86_400_000_000L;
      case SECONDS -> 1_000_000;
      case MILLIS -> 1_000;
      case MICROS -> 1;
      case NANOS, NONE, ISO ->
          throw new IllegalArgumentException(unit + " is not a whole number of microseconds");
    };
  }

  /** Microseconds; nanoseconds that are none are refused. */
  static long toMicros(long count, TimeUnit unit) throws InvalidValue {
    if (unit == TimeUnit.NANOS) {
      if (count == Long.MAX_VALUE || count == Long.MIN_VALUE) {
        throw new InvalidValue(ValueFault.INFINITE);
      }
      if (count % 1000 != 0) {
        throw new InvalidValue(ValueFault.TOO_FINE);
      }
      return count / 1000;
    }
    try {
      return Math.multiplyExact(count, microsPer(unit));
    } catch (ArithmeticException e) {
      throw new InvalidValue(ValueFault.INFINITE);
    }
  }

  /** A day since 1970-01-01 that Postgres can hold; infinity comes as one that it can't. */
  static int requireDay(long days) throws InvalidValue {
    if (days < FIRST_DAY || days > LAST_DAY) {
      throw new InvalidValue(ValueFault.INFINITE);
    }
    return (int) days;
  }

  /** Microseconds since 1970-01-01 UTC that are not infinity. */
  static long requireFinite(long micros) throws InvalidValue {
    if (micros < FIRST_MICROS || micros >= INFINITE_MICROS) {
      throw new InvalidValue(ValueFault.INFINITE);
    }
    return micros;
  }

  static void requireUnit(ColumnDefinition column) {
    if (column.unit() == NONE) {
      throw new IllegalArgumentException("column " + column.name() + " has no time unit");
    }
  }
}
