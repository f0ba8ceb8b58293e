package dev.millrace.decode.column;

import dev.millrace.decode.json.AsciiWords;
import dev.millrace.decode.json.JsonText;
import dev.millrace.error.data.ValueFault;

/**
 * Python's bytes literals, as {@code repr(bytes)} writes them, undone.
 *
 * <pre>
 *   b'1138.0'            1138.0
 *   b"Driver's fault"    Driver's fault
 *   b'Caf\xc3\xa9'       Café          (the bytes C3 A9, read as UTF-8 by whoever wants text)
 *   b'a\tb \101 \d'      a, tab, "b A \d" (an unknown escape keeps its backslash, as in Python)
 *   b'"CNR5884300"'      CNR5884300    (CSV's quotes; see below)
 *   Completed            Completed     (no literal: taken as it is)
 *   b'1138.0             cut off: a fault
 * </pre>
 *
 * <p>A text is a literal if it begins with {@code b} or {@code B} and a quote. Raw, triple-quoted
 * and concatenated literals, which {@code repr} never writes, are faults.
 *
 * <p>Quotes that enclose the whole content as CSV encloses a field, inner ones doubled, are CSV's
 * and are taken off, as often as they are there: a file that went through CSV twice, {@code
 * b'"""CNR5884300"""'}, gives the same id as one that went through it once. Content that merely
 * begins and ends with a quote, {@code "a" or "b"}, is not a CSV field and stays.
 */
final class PythonBytes {

  private PythonBytes() {}

  static boolean isLiteral(byte[] bytes, int start, int end) {
    return end - start >= 2
        && (bytes[start] == 'b' || bytes[start] == 'B')
        && (bytes[start + 1] == '\'' || bytes[start + 1] == '"');
  }

  /**
   * Replaces a literal by the bytes that it stands for; leaves a text that is not a literal.
   *
   * @return whether the bytes may be other than UTF-8
   */
  static boolean decode(JsonText text) throws InvalidValue {
    byte[] bytes = text.bytes();
    int start = text.start();
    int end = text.end();
    if (!isLiteral(bytes, start, end)) {
      return false;
    }
    byte quote = bytes[start + 1];
    int at = AsciiWords.plainEnd(bytes, start + 2, end, quote);
    while (at < end && bytes[at] != quote && bytes[at] != '\\') {
      requireLiteralCharacter(bytes[at]);
      at = AsciiWords.plainEnd(bytes, at + 1, end, quote);
    }
    boolean hasEscapes = at < end && bytes[at] == '\\';
    if (hasEscapes) {
      unescape(text, start + 2, quote);
    } else {
      requireEnd(at, end);
      text.narrow(start + 2, at);
    }
    while (isCsvField(text.bytes(), text.start(), text.end())) {
      takeOffCsvQuotes(text);
    }
    return hasEscapes;
  }

  private static void unescape(JsonText text, int from, byte quote) throws InvalidValue {
    int end = text.end();
    byte[] bytes = text.bytes();
    byte[] target = text.writable(text.length());
    int at = from;
    int length = 0;
    while (at < end && bytes[at] != quote) {
      byte found = bytes[at++];
      if (found != '\\') {
        requireLiteralCharacter(found);
        target[length++] = found;
        continue;
      }
      if (at == end) {
        throw new InvalidValue(ValueFault.LITERAL_CUT_OFF);
      }
      byte escape = bytes[at++];
      switch (escape) {
        case '\\', '\'', '"' -> target[length++] = escape;
        case 'n' -> target[length++] = '\n';
        case 'r' -> target[length++] = '\r';
        case 't' -> target[length++] = '\t';
        case 'a' -> target[length++] = 7;
        case 'b' -> target[length++] = '\b';
        case 'f' -> target[length++] = '\f';
        case 'v' -> target[length++] = 11;
        case '\n' -> {
          // A line that is continued: both characters vanish.
        }
        case 'x' -> {
          int high = at < end ? Character.digit(bytes[at], 16) : -1;
          int low = at + 1 < end ? Character.digit(bytes[at + 1], 16) : -1;
          if (high < 0 || low < 0) {
            throw new InvalidValue(ValueFault.LITERAL_INVALID_ESCAPE);
          }
          target[length++] = (byte) ((high << 4) | low);
          at += 2;
        }
        case '0', '1', '2', '3', '4', '5', '6', '7' -> {
          int octal = escape - '0';
          for (int digits = 1; digits < 3 && at < end && isOctal(bytes[at]); digits++) {
            octal = (octal << 3) | (bytes[at++] - '0');
          }
          // Python keeps the low eight bits of \400 to \777.
          target[length++] = (byte) octal;
        }
        default -> {
          requireLiteralCharacter(escape);
          target[length++] = '\\';
          target[length++] = escape;
        }
      }
    }
    requireEnd(at, end);
    text.set(target, 0, length);
  }

  private static void requireEnd(int closingQuote, int end) throws InvalidValue {
    if (closingQuote >= end) {
      throw new InvalidValue(ValueFault.LITERAL_CUT_OFF);
    }
    if (closingQuote + 1 < end) {
      throw new InvalidValue(ValueFault.LITERAL_TRAILING_TEXT);
    }
  }

  private static void requireLiteralCharacter(byte found) throws InvalidValue {
    if (found < ' ' && (found < 0 || found == '\n' || found == '\r' || found == 0)) {
      throw new InvalidValue(ValueFault.LITERAL_INVALID_CHARACTER);
    }
  }

  private static boolean isOctal(byte character) {
    return character >= '0' && character <= '7';
  }

  private static boolean isCsvField(byte[] bytes, int start, int end) {
    if (end - start < 2 || bytes[start] != '"' || bytes[end - 1] != '"') {
      return false;
    }
    int at = start + 1;
    while (at < end - 1) {
      if (bytes[at] == '"') {
        at++;
        if (at == end - 1 || bytes[at] != '"') {
          return false;
        }
      }
      at++;
    }
    return true;
  }

  private static void takeOffCsvQuotes(JsonText text) {
    byte[] bytes = text.bytes();
    int start = text.start() + 1;
    int end = text.end() - 1;
    int at = start;
    while (at < end && bytes[at] != '"') {
      at++;
    }
    text.narrow(start, end);
    if (at == end) {
      return;
    }
    byte[] target = text.writable(text.length());
    int length = 0;
    for (at = start; at < end; at++) {
      target[length++] = bytes[at];
      if (bytes[at] == '"') {
        at++;
      }
    }
    text.set(target, 0, length);
  }
}
