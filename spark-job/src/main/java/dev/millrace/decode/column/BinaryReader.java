package dev.millrace.decode.column;

import static dev.millrace.config.TextEncoding.PYTHON_BYTES;

import dev.millrace.config.ColumnDefinition;
import dev.millrace.decode.json.JsonText;
import dev.millrace.error.data.ValueFault;

/**
 * Bytes: those of a Python bytes literal where the column's text is encoded so, else those that
 * base64 stands for, which is how the connector sends {@code bytea}.
 *
 * <p>Null tokens count for bytes literals alone: {@code null} and {@code None} are base64, too.
 */
final class BinaryReader extends ColumnReader {

  private static final long serialVersionUID = 1L;

  BinaryReader(ColumnDefinition column, TextRules rules) {
    super(column, rules);
  }

  @Override
  Object readText(Scratch scratch) throws InvalidValue {
    JsonText text = scratch.text;
    if (placeholder().isText(text) || placeholder().isBase64(text)) {
      return UNCHANGED;
    }
    if (encoding() == PYTHON_BYTES
        && PythonBytes.isLiteral(text.bytes(), text.start(), text.end())) {
      PythonBytes.decode(text);
      return isNullToken(text) ? null : text.toBytes();
    }
    return ofText(scratch);
  }

  @Override
  Object ofText(Scratch scratch) throws InvalidValue {
    if (!Base64Text.decode(scratch.text)) {
      throw new InvalidValue(ValueFault.NOT_BASE64);
    }
    return scratch.text.toBytes();
  }

  @Override
  Object ofNumber(Scratch scratch) throws InvalidValue {
    throw new InvalidValue(ValueFault.NOT_OF_TYPE);
  }
}
