package dev.millrace.sink.file;

import dev.millrace.config.CsvDialect;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.function.IntFunction;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;

/**
 * Rows as lines of CSV, each with its line separator. A value is in quotes if it could be taken for
 * another one without them: an empty text, which is not null, the null text, and one with a
 * separator, a quote or a line break. Pure.
 */
final class CsvLines {

  private static final DateTimeFormatter TIMESTAMP =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSXXX", Locale.ROOT);
  private static final DateTimeFormatter LOCAL_TIMESTAMP =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS", Locale.ROOT);

  /** Ends the data of COPY in Postgres where it is a line. */
  private static final String END_OF_COPY = "\\.";

  private static final char BYTE_ORDER_MARK = '\ufeff';

  private final CsvDialect dialect;
  private final StructType columns;
  private final ZoneId zone;
  private final String quote;
  private final String nullText;

  /**
   * @param zone of timestamps
   */
  CsvLines(CsvDialect dialect, StructType columns, ZoneId zone) {
    this.dialect = dialect;
    this.columns = columns;
    this.zone = zone;
    this.quote = String.valueOf(dialect.quote());
    this.nullText = dialect.nullText().orElse("");
  }

  CsvDialect dialect() {
    return dialect;
  }

  /** The names of the columns. */
  String header() {
    String[] names = columns.fieldNames();
    return line(column -> names[column]);
  }

  String of(InternalRow row) {
    return line(column -> row.isNullAt(column) ? null : text(row, column));
  }

  private String line(IntFunction<String> values) {
    StringBuilder line = new StringBuilder();
    for (int column = 0; column < columns.size(); column++) {
      if (column > 0) {
        line.append(dialect.separator());
      }
      String value = values.apply(column);
      line.append(value == null ? nullText : written(value));
    }
    return line.append(dialect.lineSeparator()).toString();
  }

  private String written(String value) {
    return needsQuotes(value) ? quote + value.replace(quote, quote + quote) + quote : value;
  }

  private boolean needsQuotes(String value) {
    return value.equals(nullText)
        || value.isEmpty()
        || value.equals(END_OF_COPY)
        || isBlank(value.charAt(0))
        || isBlank(value.charAt(value.length() - 1))
        || value.chars().anyMatch(this::isSpecial);
  }

  private static boolean isBlank(char character) {
    return character == ' ' || character == '\t';
  }

  private boolean isSpecial(int character) {
    return character == dialect.quote()
        || character == '\n'
        || character == '\r'
        || character == BYTE_ORDER_MARK
        || dialect.separator().indexOf(character) >= 0;
  }

  private String text(InternalRow row, int column) {
    DataType type = columns.fields()[column].dataType();
    if (type instanceof StringType) {
      return row.getUTF8String(column).toString();
    }
    if (type instanceof DecimalType decimal) {
      return row.getDecimal(column, decimal.precision(), decimal.scale())
          .toJavaBigDecimal()
          .toPlainString();
    }
    if (type.equals(DataTypes.DateType)) {
      return LocalDate.ofEpochDay(row.getInt(column)).toString();
    }
    if (type.equals(DataTypes.TimestampType)) {
      return TIMESTAMP.format(instant(row.getLong(column)).atZone(zone));
    }
    if (type.equals(DataTypes.TimestampNTZType)) {
      return LOCAL_TIMESTAMP.format(
          LocalDateTime.ofInstant(instant(row.getLong(column)), ZoneOffset.UTC));
    }
    return String.valueOf(row.get(column, type));
  }

  private static Instant instant(long microseconds) {
    return Instant.EPOCH.plus(microseconds, ChronoUnit.MICROS);
  }
}
