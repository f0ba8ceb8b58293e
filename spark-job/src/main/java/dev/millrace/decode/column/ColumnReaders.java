package dev.millrace.decode.column;

import dev.millrace.config.ColumnDefinition;

/** The reader of each type of column. */
public final class ColumnReaders {

  private ColumnReaders() {}

  /** The reader of a column, which has the rules of its table for texts. */
  public static ColumnReader of(ColumnDefinition column, TextRules rules) {
    return switch (column.type().kind()) {
      case BOOLEAN -> new BooleanReader(column, rules);
      case SMALLINT -> new WholeNumberReader.OfShort(column, rules);
      case INT -> new WholeNumberReader.OfInteger(column, rules);
      case BIGINT -> new WholeNumberReader.OfLong(column, rules);
      case FLOAT -> new FloatingReader.OfFloat(column, rules);
      case DOUBLE -> new FloatingReader.OfDouble(column, rules);
      case DECIMAL -> new DecimalReader(column, rules);
      case STRING, JSON -> new StringColumnReader(column, rules);
      case BINARY -> new BinaryReader(column, rules);
      case DATE -> new DateReader(column, rules);
      case TIME, TIMETZ -> new TimeReader(column, rules);
      case TIMESTAMP -> new TimestampReader(column, rules);
      case INTERVAL -> new IntervalReader(column, rules);
      case UUID -> new UuidReader(column, rules);
      case MAP -> new MapReader(column, rules);
      case GEOMETRY -> new GeometryReader(column, rules);
      case ARRAY -> new ArrayReader(column, rules, of(element(column), rules));
    };
  }

  private static ColumnDefinition element(ColumnDefinition array) {
    return new ColumnDefinition(
        array.name(),
        array.from(),
        array.type().element(),
        array.unit(),
        array.decimalEncoding(),
        array.textEncoding(),
        array.nullTokens());
  }
}
