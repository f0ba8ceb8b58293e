package dev.millrace.decode;

import dev.millrace.error.JsonFault;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** What stands between the quotes of a JSON string. */
final class JsonStrings {

  private static final VarHandle EIGHT_BYTES =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long EACH = 0x0101010101010101L;
  private static final long HIGH_BITS = 0x8080808080808080L;
  private static final long SPACES = 0x20L * EACH;
  private static final long QUOTES = '"' * EACH;
  private static final long BACKSLASHES = '\\' * EACH;

  private JsonStrings() {}

  /** The next byte that is a quote, a backslash, a control character or not ASCII. */
  static int plainEnd(byte[] bytes, int start, int end) {
    int at = start;
    while (at + 8 <= end) {
      long word = (long) EIGHT_BYTES.get(bytes, at);
      long quote = word ^ QUOTES;
      long backslash = word ^ BACKSLASHES;
      // Each term sets the high bit of the bytes in question. A borrow may set more of them, but
      // only above the first one, which is all that counts.
      long found =
          (((quote - EACH) & ~quote)
                  | ((backslash - EACH) & ~backslash)
                  | ((word - SPACES) & ~word)
                  | word)
              & HIGH_BITS;
      if (found != 0) {
        return at + (Long.numberOfTrailingZeros(found) >>> 3);
      }
      at += 8;
    }
    while (at < end) {
      byte found = bytes[at];
      if (found < ' ' || found == '"' || found == '\\') {
        return at;
      }
      at++;
    }
    return at;
  }

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
