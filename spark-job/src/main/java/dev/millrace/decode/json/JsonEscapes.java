package dev.millrace.decode.json;

import dev.millrace.error.data.JsonFault;

/** The escape sequences of JSON strings. */
final class JsonEscapes {

  private JsonEscapes() {}

  /** The end of the escape sequence that begins here; of a surrogate pair, of both halves. */
  static int escapeEnd(byte[] bytes, int backslash, int end) throws MalformedJson {
    if (backslash + 1 >= end) {
      throw new MalformedJson(JsonFault.CUT_OFF, end);
    }
    return switch (bytes[backslash + 1]) {
      case '"', '\\', '/', 'b', 'f', 'n', 'r', 't' -> backslash + 2;
      case 'u' -> unicodeEscapeEnd(bytes, backslash, end);
      default -> throw new MalformedJson(JsonFault.INVALID_ESCAPE, backslash);
    };
  }

  private static int unicodeEscapeEnd(byte[] bytes, int backslash, int end) throws MalformedJson {
    int unit = hexadecimal(bytes, backslash + 2, end);
    if (!Character.isSurrogate((char) unit)) {
      return backslash + 6;
    }
    boolean isPaired =
        Character.isHighSurrogate((char) unit)
            && backslash + 7 < end
            && bytes[backslash + 6] == '\\'
            && bytes[backslash + 7] == 'u'
            && Character.isLowSurrogate((char) hexadecimal(bytes, backslash + 8, end));
    if (!isPaired) {
      throw new MalformedJson(JsonFault.UNPAIRED_SURROGATE, backslash);
    }
    return backslash + 12;
  }

  private static int hexadecimal(byte[] bytes, int start, int end) throws MalformedJson {
    int unit = 0;
    for (int at = start; at < start + 4; at++) {
      if (at >= end) {
        throw new MalformedJson(JsonFault.CUT_OFF, end);
      }
      int digit = Character.digit(bytes[at], 16);
      if (digit < 0) {
        throw new MalformedJson(JsonFault.INVALID_ESCAPE, at);
      }
      unit = (unit << 4) | digit;
    }
    return unit;
  }
}
