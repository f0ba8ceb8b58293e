package dev.millrace.decode.column;

import dev.millrace.config.ColumnDefinition;
import dev.millrace.decode.json.JsonText;
import dev.millrace.error.data.ValueFault;

/**
 * JSON's booleans, the numbers 1 and 0, and the texts {@code true}, {@code t}, {@code 1}, {@code
 * false}, {@code f}, {@code 0} in any case (Python writes {@code True}).
 */
final class BooleanReader extends ColumnReader {

  private static final long serialVersionUID = 1L;

  BooleanReader(ColumnDefinition column, TextRules rules) {
    super(column, rules);
  }

  @Override
  Object ofBoolean(boolean value, Scratch scratch) {
    return value;
  }

  @Override
  Object ofText(Scratch scratch) throws InvalidValue {
    JsonText text = scratch.text;
    if (text.length() == 1) {
      return switch (text.bytes()[text.start()]) {
        case 't', 'T', '1' -> true;
        case 'f', 'F', '0' -> false;
        default -> throw new InvalidValue(ValueFault.NOT_OF_TYPE);
      };
    }
    if (isWord("true", text)) {
      return true;
    }
    if (isWord("false", text)) {
      return false;
    }
    throw new InvalidValue(ValueFault.NOT_OF_TYPE);
  }

  @Override
  Object ofNumber(Scratch scratch) throws InvalidValue {
    return ofText(scratch);
  }

  private static boolean isWord(String word, JsonText text) {
    if (text.length() != word.length()) {
      return false;
    }
    for (int i = 0; i < word.length(); i++) {
      if ((text.bytes()[text.start() + i] | 0x20) != word.charAt(i)) {
        return false;
      }
    }
    return true;
  }
}
