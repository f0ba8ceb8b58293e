package dev.millrace.decode;

import static dev.millrace.config.ColumnDefinition.TimeUnit.ISO;

import dev.millrace.config.ColumnDefinition;
import dev.millrace.config.TableDefinition.TextEncoding;
import dev.millrace.error.ValueFault;
import java.util.Set;

/**
 * Dates: whole numbers of the column's unit since 1970-01-01 UTC, of which the day counts, or ISO
 * 8601 text.
 */
final class DateReader extends ColumnReader {

  private static final long serialVersionUID = 1L;

  DateReader(ColumnDefinition column, TextEncoding encoding, Set<String> tokens) {
    super(column, encoding, tokens);
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
    long days = Math.floorDiv(count, TimeUnits.perDay(unit()));
    if ((int) days != days) {
      throw new InvalidValue(ValueFault.OUT_OF_RANGE);
    }
    return (int) days;
  }
}
