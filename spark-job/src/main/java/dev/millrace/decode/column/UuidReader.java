package dev.millrace.decode.column;

import dev.millrace.config.ColumnDefinition;
import dev.millrace.decode.json.JsonText;
import dev.millrace.error.data.ValueFault;
import org.apache.spark.unsafe.types.UTF8String;

/** Uuids as text: 32 hexadecimal digits in groups of 8, 4, 4, 4 and 12, in lower case. */
final class UuidReader extends ColumnReader {

  private static final long serialVersionUID = 1L;

  private static final int LENGTH = 36;

  UuidReader(ColumnDefinition column, TextRules rules) {
    super(column, rules);
  }

  @Override
  Object ofText(Scratch scratch) throws InvalidValue {
    JsonText text = scratch.text;
    if (text.length() != LENGTH) {
      throw new InvalidValue(ValueFault.NOT_OF_TYPE);
    }
    byte[] canonical = new byte[LENGTH];
    for (int i = 0; i < LENGTH; i++) {
      byte found = text.bytes()[text.start() + i];
      boolean isDash = i == 8 || i == 13 || i == 18 || i == 23;
      if (isDash ? found != '-' : Character.digit(found, 16) < 0) {
        throw new InvalidValue(ValueFault.NOT_OF_TYPE);
      }
      canonical[i] = found >= 'A' && found <= 'F' ? (byte) (found | 0x20) : found;
    }
    return UTF8String.fromBytes(canonical);
  }

  @Override
  Object ofNumber(Scratch scratch) throws InvalidValue {
    throw new InvalidValue(ValueFault.NOT_OF_TYPE);
  }
}
