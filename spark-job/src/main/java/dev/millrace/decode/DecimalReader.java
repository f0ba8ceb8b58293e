package dev.millrace.decode;

import dev.millrace.config.ColumnDefinition;
import dev.millrace.config.TableDefinition.TextEncoding;
import dev.millrace.error.ValueFault;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Set;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.types.DecimalType;

/**
 * Decimals, exactly: more digits before the point than the type has, or more significant ones after
 * it, are refused and not rounded. From JSON numbers and from text, as the connector sends them
 * with {@code decimal.handling.mode} {@code double} or {@code string}.
 */
final class DecimalReader extends ColumnReader {

  private static final long serialVersionUID = 1L;

  private static final int MAX_LONG_DIGITS = 18;

  private final int precision;
  private final int scale;

  DecimalReader(ColumnDefinition column, TextEncoding encoding, Set<String> tokens) {
    super(column, encoding, tokens);
    DecimalType type = (DecimalType) column.type();
    this.precision = type.precision();
    this.scale = type.scale();
  }

  @Override
  Object ofText(Scratch scratch) throws InvalidValue {
    return ofNumber(scratch);
  }

  @Override
  Object ofNumber(Scratch scratch) throws InvalidValue {
    NumberText number = scratch.number;
    if (!number.parse(scratch.text.bytes(), scratch.text.start(), scratch.text.end())) {
      throw new InvalidValue(ValueFault.NOT_OF_TYPE);
    }
    if (number.isZero()) {
      return Decimal.createUnsafe(0, precision, scale);
    }
    long zerosToAdd = number.exponent() + scale;
    if (zerosToAdd < 0) {
      throw new InvalidValue(ValueFault.FRACTION);
    }
    if (number.digitCount() + zerosToAdd > precision) {
      throw new InvalidValue(ValueFault.OUT_OF_RANGE);
    }
    if (number.digitCount() + zerosToAdd <= MAX_LONG_DIGITS) {
      long unscaled = number.digits();
      for (long zeros = zerosToAdd; zeros > 0; zeros--) {
        unscaled *= 10;
      }
      return Decimal.createUnsafe(number.isNegative() ? -unscaled : unscaled, precision, scale);
    }
    BigInteger unscaled = number.signedDigits().multiply(BigInteger.TEN.pow((int) zerosToAdd));
    return Decimal.apply(new BigDecimal(unscaled, scale), precision, scale);
  }
}
