package dev.millrace.decode.column;

import dev.millrace.config.ColumnDefinition;
import dev.millrace.config.ColumnDefinition.DecimalEncoding;
import dev.millrace.decode.json.FieldNames;
import dev.millrace.decode.json.JsonScanner;
import dev.millrace.decode.json.ObjectSpans;
import dev.millrace.error.data.ValueFault;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.types.DecimalType;

/**
 * Decimals, exactly: more digits before the point than the type has, or more significant ones after
 * it, are refused and not rounded.
 *
 * <pre>
 *   12.34, "12.34"                    as the connector sends with decimal.handling.mode double, string
 *   "BNI="                            precise: the unscaled value; the column states encoding: base64
 *   {"scale":2,"value":"BNI="}        precise, of a numeric without scale
 * </pre>
 */
final class DecimalReader extends ColumnReader {

  private static final long serialVersionUID = 1L;

  private static final int MAX_LONG_DIGITS = 18;
  private static final FieldNames FIELDS = new FieldNames(List.of("scale", "value"));
  private static final int SCALE = FIELDS.slot("scale");
  private static final int VALUE = FIELDS.slot("value");

  /** Numeric has up to 16383 digits after the point. */
  private static final int MAX_SCALE = 16_383;

  private final int precision;
  private final int scale;
  private final boolean isBase64;

  DecimalReader(ColumnDefinition column, TextRules rules) {
    super(column, rules);
    DecimalType type = (DecimalType) column.sqlType();
    this.precision = type.precision();
    this.scale = type.scale();
    this.isBase64 = column.decimalEncoding() == DecimalEncoding.BASE64;
  }

  @Override
  Object ofText(Scratch scratch) throws InvalidValue {
    return isBase64 ? decimal(unscaled(scratch), scale) : ofNumber(scratch);
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

  @Override
  Object ofNested(Scratch scratch) throws InvalidValue {
    ObjectSpans fields = scratch.fieldsOf(FIELDS);
    if (fields.kind(SCALE) != JsonScanner.INTEGER || !fields.isText(VALUE)) {
      throw new InvalidValue(ValueFault.NOT_OF_TYPE);
    }
    byte[] bytes = scratch.json.bytes();
    scratch.text.set(bytes, fields.start(SCALE), fields.end(SCALE));
    int sentScale = (int) WholeNumberReader.wholeNumber(scratch, -MAX_SCALE, MAX_SCALE);
    scratch.text.set(bytes, fields.start(VALUE), fields.end(VALUE));
    return decimal(unscaled(scratch), sentScale);
  }

  private Decimal decimal(BigInteger unscaled, int sentScale) throws InvalidValue {
    // A numeric has up to 131072 digits before the point; the type has 38 at most.
    if (unscaled.bitLength() > 8 * (precision + MAX_SCALE)) {
      throw new InvalidValue(ValueFault.OUT_OF_RANGE);
    }
    BigDecimal value = new BigDecimal(unscaled, sentScale).stripTrailingZeros();
    if (value.scale() > scale) {
      throw new InvalidValue(ValueFault.FRACTION);
    }
    if (value.precision() - value.scale() > precision - scale) {
      throw new InvalidValue(ValueFault.OUT_OF_RANGE);
    }
    return Decimal.apply(value.setScale(scale), precision, scale);
  }

  private static BigInteger unscaled(Scratch scratch) throws InvalidValue {
    if (!Base64Text.decode(scratch.text) || scratch.text.length() == 0) {
      throw new InvalidValue(ValueFault.DECIMAL_NOT_BASE64);
    }
    return new BigInteger(scratch.text.bytes(), scratch.text.start(), scratch.text.length());
  }
}
