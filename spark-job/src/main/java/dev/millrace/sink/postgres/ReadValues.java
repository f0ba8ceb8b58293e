package dev.millrace.sink.postgres;

import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.DayTimeIntervalType;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;
import org.apache.spark.sql.types.YearMonthIntervalType;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * Values of a table in Postgres as Spark has them within. Days, times and intervals are read as
 * numbers, which no setting of the session, calendar or era changes.
 */
final class ReadValues {

  /** How nested values are parsed. */
  static final Map<String, String> JSON = json();

  private ReadValues() {}

  private static Map<String, String> json() {
    Map<String, String> options = new HashMap<>(PostgresTypes.JSON);
    options.put("mode", "FAILFAST");
    return Map.copyOf(options);
  }

  /**
   * What is selected for a column.
   *
   * @param column quoted
   * @param type that the result has
   */
  static String expression(String column, DataType type) {
    if (type instanceof DateType) {
      return "%s - DATE '1970-01-01'".formatted(column);
    }
    if (type instanceof TimestampType
        || type instanceof TimestampNTZType
        || type instanceof DayTimeIntervalType) {
      return "round(extract(epoch FROM %s) * 1000000)::bigint".formatted(column);
    }
    if (type instanceof YearMonthIntervalType) {
      return "(extract(year FROM %1$s) * 12 + extract(month FROM %1$s))::int".formatted(column);
    }
    return PostgresTypes.isNested(type) ? column + "::text" : column;
  }

  /** A value of a row, or null. */
  static Object internal(ResultSet row, int column, DataType type) throws SQLException {
    Object value = value(row, column, type);
    return row.wasNull() ? null : value;
  }

  private static Object value(ResultSet row, int column, DataType type) throws SQLException {
    if (type instanceof BooleanType) {
      return row.getBoolean(column);
    }
    if (type instanceof ByteType) {
      return row.getByte(column);
    }
    if (type instanceof ShortType) {
      return row.getShort(column);
    }
    if (type instanceof IntegerType
        || type instanceof DateType
        || type instanceof YearMonthIntervalType) {
      return row.getInt(column);
    }
    if (type instanceof LongType
        || type instanceof TimestampType
        || type instanceof TimestampNTZType
        || type instanceof DayTimeIntervalType) {
      return row.getLong(column);
    }
    if (type instanceof FloatType) {
      return row.getFloat(column);
    }
    if (type instanceof DoubleType) {
      return row.getDouble(column);
    }
    if (type instanceof DecimalType decimal) {
      BigDecimal number = row.getBigDecimal(column);
      return number == null ? null : Decimal.apply(number, decimal.precision(), decimal.scale());
    }
    if (type instanceof BinaryType) {
      return row.getBytes(column);
    }
    return UTF8String.fromString(row.getString(column));
  }
}
