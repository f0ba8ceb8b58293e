package dev.millrace.decode;

import dev.millrace.config.ColumnDefinition;
import dev.millrace.config.TableDefinition.TextEncoding;
import java.util.Set;

/**
 * Text. A number, a boolean, an object or an array gives its JSON text, byte for byte as it was
 * sent.
 */
final class StringColumnReader extends ColumnReader {

  private static final long serialVersionUID = 1L;

  StringColumnReader(ColumnDefinition column, TextEncoding encoding, Set<String> tokens) {
    super(column, encoding, tokens);
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
  Object ofNested(Scratch scratch) throws InvalidValue {
    refusePlaceholder(scratch.text);
    return scratch.text.toUtf8String();
  }
}
