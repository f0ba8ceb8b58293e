package dev.millrace.decode.column;

import static dev.millrace.config.ColumnDefinition.TimeUnit.ISO;

import dev.millrace.config.ColumnDefinition;
import dev.millrace.error.data.ValueFault;

/**
 * Points in time to the microsecond: whole numbers of the column's unit since 1970-01-01 UTC, or
 * ISO 8601 text. What is finer, or is Postgres' infinity, is refused.
 */
final class TimestampReader extends ColumnReader {

  private static final long serialVersionUID = 1L;

  TimestampReader(ColumnDefinition column, TextRules rules) {
    super(column, rules);
    TimeUnits.requireUnit(column);
  }

  @Override
  Object ofText(Scratch scratch) throws InvalidValue {
    return unit() == ISO ? (Object) IsoTime.timestamp(scratch.text) : ofNumber(scratch);
  }

  @Override
  Object ofNumber(Scratch scratch) throws InvalidValue {
    if (unit() == ISO) {
      throw new InvalidValue(ValueFault.NOT_OF_TYPE);
    }
    long count = WholeNumberReader.wholeNumber(scratch, Long.MIN_VALUE, Long.MAX_VALUE);
    return TimeUnits.requireFinite(TimeUnits.toMicros(count, unit()));
  }
}
