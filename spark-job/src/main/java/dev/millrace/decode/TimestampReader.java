package dev.millrace.decode;

import static dev.millrace.config.ColumnDefinition.TimeUnit.ISO;

import dev.millrace.config.ColumnDefinition;
import dev.millrace.config.TableDefinition.TextEncoding;
import dev.millrace.error.ValueFault;
import java.util.Set;

/**
 * Points in time to the microsecond: whole numbers of the column's unit since 1970-01-01 UTC, or
 * ISO 8601 text. Nanoseconds are cut off towards the past.
 */
final class TimestampReader extends ColumnReader {

  private static final long serialVersionUID = 1L;

  TimestampReader(ColumnDefinition column, TextEncoding encoding, Set<String> tokens) {
    super(column, encoding, tokens);
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
    try {
      return TimeUnits.toMicros(count, unit());
    } catch (ArithmeticException e) {
      throw new InvalidValue(ValueFault.OUT_OF_RANGE);
    }
  }
}
