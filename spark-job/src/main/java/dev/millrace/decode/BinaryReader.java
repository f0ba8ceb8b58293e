package dev.millrace.decode;

import dev.millrace.config.ColumnDefinition;
import dev.millrace.config.TableDefinition.TextEncoding;
import dev.millrace.error.ValueFault;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Set;

/**
 * Bytes: those of a Python bytes literal where the table's text is encoded so, else those that
 * base64 stands for, which is how the connector sends {@code bytea}.
 *
 * <p>Null tokens count for bytes literals alone: {@code null} and {@code None} are base64, too.
 */
final class BinaryReader extends ColumnReader {

  private static final long serialVersionUID = 1L;

  private static final byte[] PLACEHOLDER =
      "__debezium_unavailable_value".getBytes(StandardCharsets.US_ASCII);

  BinaryReader(ColumnDefinition column, TextEncoding encoding, Set<String> tokens) {
    super(column, encoding, tokens);
  }

  @Override
  Object readText(Scratch scratch) throws InvalidValue {
    JsonText text = scratch.text;
    refusePlaceholder(text);
    if (hasPythonBytes() && PythonBytes.isLiteral(text.bytes(), text.start(), text.end())) {
      PythonBytes.decode(text);
      return isNullToken(text) ? null : text.toBytes();
    }
    return ofText(scratch);
  }

  @Override
  Object ofText(Scratch scratch) throws InvalidValue {
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(scratch.text.toBytes());
    } catch (IllegalArgumentException e) {
      throw new InvalidValue(ValueFault.NOT_BASE64);
    }
    if (java.util.Arrays.equals(bytes, PLACEHOLDER)) {
      throw new InvalidValue(ValueFault.UNAVAILABLE);
    }
    return bytes;
  }

  @Override
  Object ofNumber(Scratch scratch) throws InvalidValue {
    throw new InvalidValue(ValueFault.NOT_OF_TYPE);
  }
}
