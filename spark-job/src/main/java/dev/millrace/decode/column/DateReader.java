package dev.millrace.decode.column;

import static dev.millrace.config.ColumnDefinition.TimeUnit.ISO;

import dev.millrace.config.ColumnDefinition;
import dev.millrace.error.data.ValueFault;

/**
 * Dates: whole numbers of the column's unit since 1970-01-01 UTC, of which the day counts, or ISO
 * 8601 text.
 */
final class DateReader extends ColumnReader {

  private static final long serialVersionUID = 1L;

  DateReader(ColumnDefinition column, TextRules rules) {
    super(column, rules);
    TimeUnits.requireUnit(column);
  }

  @Override
  Object ofText(Scratch scratch) throws InvalidValue {
    return unit() == ISO ? IsoTime.date(scratch.text) : ofNumber(scratch);
  }

  @Override
  Object ofNumber(Scratch scratch) throws InvalidValue {
    if (unit() == ISO) {
      throw new InvalidValue(ValueFault.NOT_OF_TYPE);
    }
    long count = WholeNumberReader.wholeNumber(scratch, Long.MIN_VALUE, Long.MAX_VALUE);
    return TimeUnits.requireDay(Math.floorDiv(count, TimeUnits.perDay(unit())));
  }
}
