package dev.millrace.decode;

import static dev.millrace.config.ColumnDefinition.TimeUnit.NONE;

import dev.millrace.config.ColumnDefinition;
import dev.millrace.config.ColumnDefinition.TimeUnit;

/** What the units of dates and times are worth. */
final class TimeUnits {

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

  /**
   * Microseconds, nanoseconds rounded towards the past.
   *
   * @throws ArithmeticException where a long can't hold them
   */
  static long toMicros(long count, TimeUnit unit) {
    return unit == TimeUnit.NANOS
        ? Math.floorDiv(count, 1000L)
        : Math.multiplyExact(count, perDay(TimeUnit.MICROS) / perDay(unit));
  }

  static void requireUnit(ColumnDefinition column) {
    if (column.unit() == NONE) {
      throw new IllegalArgumentException("column " + column.name() + " has no time unit");
    }
  }
}
