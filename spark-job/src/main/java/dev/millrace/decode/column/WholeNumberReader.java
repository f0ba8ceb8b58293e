package dev.millrace.decode.column;

import dev.millrace.config.ColumnDefinition;
import dev.millrace.decode.json.AsciiWords;
import dev.millrace.error.data.ValueFault;

/**
 * Whole numbers, from JSON numbers and from text. A fraction of zero is none, since Python's
 * libraries write whole numbers as {@code 1.0}; any other fraction is refused, and so is what the
 * type can't hold.
 */
abstract class WholeNumberReader extends ColumnReader {

  private static final long serialVersionUID = 1L;

  private static final int MAX_LONG_DIGITS = 18;

  private WholeNumberReader(ColumnDefinition column, TextRules rules) {
    super(column, rules);
  }

  static final class OfLong extends WholeNumberReader {
    private static final long serialVersionUID = 1L;

    OfLong(ColumnDefinition column, TextRules rules) {
      super(column, rules);
    }

    @Override
    Object ofNumber(Scratch scratch) throws InvalidValue {
      return wholeNumber(scratch, Long.MIN_VALUE, Long.MAX_VALUE);
    }
  }

  static final class OfInteger extends WholeNumberReader {
    private static final long serialVersionUID = 1L;

    OfInteger(ColumnDefinition column, TextRules rules) {
      super(column, rules);
    }

    @Override
    Object ofNumber(Scratch scratch) throws InvalidValue {
      return (int) wholeNumber(scratch, Integer.MIN_VALUE, Integer.MAX_VALUE);
    }
  }

  static final class OfShort extends WholeNumberReader {
    private static final long serialVersionUID = 1L;

    OfShort(ColumnDefinition column, TextRules rules) {
      super(column, rules);
    }

    @Override
    Object ofNumber(Scratch scratch) throws InvalidValue {
      return (short) wholeNumber(scratch, Short.MIN_VALUE, Short.MAX_VALUE);
    }
  }

  @Override
  final Object ofText(Scratch scratch) throws InvalidValue {
    return ofNumber(scratch);
  }

  /** The whole number that the text is, from {@code min} to {@code max}. */
  static long wholeNumber(Scratch scratch, long min, long max) throws InvalidValue {
    byte[] bytes = scratch.text.bytes();
    int start = scratch.text.start();
    int end = scratch.text.end();
    boolean isNegative = start < end && bytes[start] == '-';
    int at = isNegative ? start + 1 : start;
    if (at == end || end - at > MAX_LONG_DIGITS) {
      return exactWholeNumber(scratch, min, max);
    }
    long magnitude = 0;
    for (; end - at >= Long.BYTES; at += Long.BYTES) {
      long digits = AsciiWords.at(bytes, at);
      if (!AsciiWords.isDigits(digits)) {
        return exactWholeNumber(scratch, min, max);
      }
      magnitude = magnitude * 100_000_000 + AsciiWords.number(digits);
    }
    for (; at < end; at++) {
      int digit = bytes[at] - '0';
      if (digit < 0 || digit > 9) {
        return exactWholeNumber(scratch, min, max);
      }
      magnitude = magnitude * 10 + digit;
    }
    long value = isNegative ? -magnitude : magnitude;
    if (value < min || value > max) {
      throw new InvalidValue(ValueFault.OUT_OF_RANGE);
    }
    return value;
  }

  private static long exactWholeNumber(Scratch scratch, long min, long max) throws InvalidValue {
    NumberText number = scratch.number;
    if (!number.parse(scratch.text.bytes(), scratch.text.start(), scratch.text.end())) {
      throw new InvalidValue(ValueFault.NOT_OF_TYPE);
    }
    if (number.isZero()) {
      return 0;
    }
    if (number.exponent() < 0) {
      throw new InvalidValue(ValueFault.FRACTION);
    }
    // The largest long has 19 digits.
    if (number.digitCount() + number.exponent() > 19) {
      throw new InvalidValue(ValueFault.OUT_OF_RANGE);
    }
    try {
      long value =
          number
              .signedDigits()
              .multiply(java.math.BigInteger.TEN.pow((int) number.exponent()))
              .longValueExact();
      if (value < min || value > max) {
        throw new InvalidValue(ValueFault.OUT_OF_RANGE);
      }
      return value;
    } catch (ArithmeticException e) {
      throw new InvalidValue(ValueFault.OUT_OF_RANGE);
    }
  }
}
