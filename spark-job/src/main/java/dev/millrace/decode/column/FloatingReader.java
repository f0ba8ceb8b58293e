package dev.millrace.decode.column;

import dev.millrace.config.ColumnDefinition;
import dev.millrace.decode.json.JsonText;
import dev.millrace.error.data.ValueFault;
import java.nio.charset.StandardCharsets;

/**
 * Floating-point numbers, correctly rounded, from JSON numbers and from text. Text may also be
 * {@code NaN}, {@code nan}, {@code NAN}, {@code Infinity} or {@code inf}, the last two with a sign;
 * but a number so large that it would become infinite, or so small that it would become zero, is
 * refused.
 */
abstract class FloatingReader extends ColumnReader {

  private static final long serialVersionUID = 1L;

  /** These powers and all whole numbers up to 2^53 are exact, so one operation rounds once. */
  private static final double[] EXACT_POWERS_OF_TEN = {
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22
  };

  private static final long MAX_EXACT_DIGITS = 1L << 53;

  private FloatingReader(ColumnDefinition column, TextRules rules) {
    super(column, rules);
  }

  static final class OfDouble extends FloatingReader {
    private static final long serialVersionUID = 1L;

    OfDouble(ColumnDefinition column, TextRules rules) {
      super(column, rules);
    }

    @Override
    Object ofNumber(Scratch scratch) throws InvalidValue {
      NumberText number = parse(scratch);
      int exponent = (int) number.exponent();
      if (number.isShort()
          && number.digits() <= MAX_EXACT_DIGITS
          && exponent == number.exponent()
          && Math.abs(exponent) < EXACT_POWERS_OF_TEN.length) {
        double digits = number.isNegative() ? -(double) number.digits() : number.digits();
        return exponent < 0
            ? digits / EXACT_POWERS_OF_TEN[-exponent]
            : digits * EXACT_POWERS_OF_TEN[exponent];
      }
      double value = Double.parseDouble(text(scratch.text));
      requireInRange(Double.isInfinite(value) || (value == 0 && !number.isZero()));
      return value;
    }

    @Override
    Object special(double value) {
      return value;
    }
  }

  static final class OfFloat extends FloatingReader {
    private static final long serialVersionUID = 1L;

    OfFloat(ColumnDefinition column, TextRules rules) {
      super(column, rules);
    }

    @Override
    Object ofNumber(Scratch scratch) throws InvalidValue {
      NumberText number = parse(scratch);
      // Not by way of double: that would round twice.
      float value = Float.parseFloat(text(scratch.text));
      requireInRange(Float.isInfinite(value) || (value == 0 && !number.isZero()));
      return value;
    }

    @Override
    Object special(double value) {
      return (float) value;
    }
  }

  /** Not a number, or an infinity. */
  abstract Object special(double value);

  @Override
  final Object ofText(Scratch scratch) throws InvalidValue {
    JsonText text = scratch.text;
    // A number's last character is a digit or a point, never a letter.
    if (text.length() > 0 && text.bytes()[text.end() - 1] > '9') {
      return switch (text(text)) {
        case "NaN", "nan", "NAN" -> special(Double.NaN);
        case "Infinity", "+Infinity", "inf", "+inf" -> special(Double.POSITIVE_INFINITY);
        case "-Infinity", "-inf" -> special(Double.NEGATIVE_INFINITY);
        default -> throw new InvalidValue(ValueFault.NOT_OF_TYPE);
      };
    }
    return ofNumber(scratch);
  }

  private static NumberText parse(Scratch scratch) throws InvalidValue {
    JsonText text = scratch.text;
    if (!scratch.number.parse(text.bytes(), text.start(), text.end())) {
      throw new InvalidValue(ValueFault.NOT_OF_TYPE);
    }
    return scratch.number;
  }

  private static void requireInRange(boolean isOutOfRange) throws InvalidValue {
    if (isOutOfRange) {
      throw new InvalidValue(ValueFault.OUT_OF_RANGE);
    }
  }

  private static String text(JsonText text) {
    return new String(text.bytes(), text.start(), text.length(), StandardCharsets.ISO_8859_1);
  }
}
