package dev.millrace.config;

import java.util.Locale;
import org.apache.spark.sql.types.DataType;

/**
 * One column of the relation {@code changes}.
 *
 * @param name its name in SQL
 * @param from the name of the message's field
 * @param type one of boolean, smallint, int, bigint, float, double, decimal(p,s), string, binary,
 *     date, timestamp
 * @param unit for a date or timestamp: what a number in the message counts since 1970-01-01 UTC, or
 *     {@link TimeUnit#ISO} for text; {@link TimeUnit#NONE} for every other type
 */
public record ColumnDefinition(String name, String from, DataType type, TimeUnit unit) {

  /** How its values are read, for a person: {@code timestamp in micros}. */
  public String spokenType() {
    return type.simpleString()
        + (unit == TimeUnit.NONE ? "" : " in " + unit.name().toLowerCase(Locale.ROOT));
  }

  /** What a number that stands for a date or a time counts. */
  public enum TimeUnit {
    NONE,
    DAYS,
    SECONDS,
    MILLIS,
    MICROS,
    NANOS,
    ISO
  }
}
