package dev.millrace.decode.column;

import dev.millrace.config.ColumnDefinition;

/**
 * Text. A number, a boolean, an object or an array gives its JSON text, byte for byte as it was
 * sent.
 */
final class StringColumnReader extends ColumnReader {

  private static final long serialVersionUID = 1L;

  StringColumnReader(ColumnDefinition column, TextRules rules) {
    super(column, rules);
  }

  @Override
  Object ofText(Scratch scratch) {
    return scratch.text.toUtf8String();
  }

  @Override
  Object ofNumber(Scratch scratch) {
    return scratch.text.toUtf8String();
  }

  @Override
  Object ofBoolean(boolean value, Scratch scratch) {
    return scratch.text.toUtf8String();
  }

  @Override
  Object ofNested(Scratch scratch) {
    return scratch.text.toUtf8String();
  }
}
