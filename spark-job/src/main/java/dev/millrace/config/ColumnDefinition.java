package dev.millrace.config;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.types.DataType;

/**
 * One column of the relation {@code changes}.
 *
 * @param name its name in SQL
 * @param from the name of the message's field
 * @param unit for a date, a time or a timestamp, or an array of them: what a number in the message
 *     counts, since 1970-01-01 UTC or since midnight, or {@link TimeUnit#ISO} for text; {@link
 *     TimeUnit#NONE} for every other type
 * @param decimalEncoding for a decimal, or an array of them: what a text in the message is
 * @param textEncoding instead of the table's
 * @param nullTokens instead of the table's
 */
public record ColumnDefinition(
    String name,
    String from,
    ColumnType type,
    TimeUnit unit,
    DecimalEncoding decimalEncoding,
    Optional<TextEncoding> textEncoding,
    Optional<Set<String>> nullTokens) {

  public ColumnDefinition {
    nullTokens = nullTokens.map(Set::copyOf);
  }

  /** A column that is read as the table states, of the first kind that has the type in SQL. */
  public ColumnDefinition(String name, String from, DataType sqlType, TimeUnit unit) {
    this(name, from, ColumnType.of(sqlType), unit);
  }

  /** A column that is read as the table states. */
  public ColumnDefinition(String name, String from, ColumnType type, TimeUnit unit) {
    this(name, from, type, unit, DecimalEncoding.TEXT, Optional.empty(), Optional.empty());
  }

  public DataType sqlType() {
    return type.sqlType();
  }

  /** How its values are read, for a person: {@code timestamp in micros}. */
  public String spokenType() {
    boolean hasUnit = unit != TimeUnit.NONE && type.scalarKind() != ColumnType.Kind.TIMETZ;
    return type.name()
        + (hasUnit ? " in " + unit.name().toLowerCase(Locale.ROOT) : "")
        + (decimalEncoding == DecimalEncoding.BASE64 ? " in base64" : "");
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

  /** What a text that stands for a decimal is; numbers are what they are. */
  public enum DecimalEncoding {
    /** Decimal digits, as the connector sends with {@code decimal.handling.mode=string}. */
    TEXT,
    /**
     * Base64 of the unscaled value in big-endian two's complement, as the connector sends with
     * {@code decimal.handling.mode=precise}; the scale is the column's.
     */
    BASE64
  }
}
