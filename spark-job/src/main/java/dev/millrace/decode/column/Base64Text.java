package dev.millrace.decode.column;

import dev.millrace.decode.json.JsonText;
import java.util.Arrays;

/**
 * Base64 (RFC 4648, both alphabets), undone in place. Padding may be absent, and the line breaks
 * that Postgres' {@code encode} and Python's {@code encodebytes} write are passed over.
 */
final class Base64Text {

  private static final byte[] VALUES = new byte[128];

  static {
    Arrays.fill(VALUES, (byte) -1);
    String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (int value = 0; value < alphabet.length(); value++) {
      VALUES[alphabet.charAt(value)] = (byte) value;
    }
    VALUES['-'] = 62;
    VALUES['_'] = 63;
  }

  private Base64Text() {}

  /**
   * Replaces the text by the bytes that it stands for; false, and nothing is known, if it is none.
   */
  static boolean decode(JsonText text) {
    byte[] bytes = text.bytes();
    int end = text.end();
    byte[] target = text.writable(text.length());
    int length = 0;
    int digits = 0;
    int bits = 0;
    int at = text.start();
    for (; at < end && bytes[at] != '='; at++) {
      byte character = bytes[at];
      if (character == '\n' || character == '\r') {
        continue;
      }
      int value = character < 0 ? -1 : VALUES[character];
      if (value < 0) {
        return false;
      }
      bits = (bits << 6) | value;
      if ((++digits & 3) == 0) {
        target[length++] = (byte) (bits >> 16);
        target[length++] = (byte) (bits >> 8);
        target[length++] = (byte) bits;
      }
    }
    int rest = digits & 3;
    if (rest == 1 || !isPadding(bytes, at, end, rest)) {
      return false;
    }
    if (rest == 2) {
      target[length++] = (byte) (bits >> 4);
    } else if (rest == 3) {
      target[length++] = (byte) (bits >> 10);
      target[length++] = (byte) (bits >> 2);
    }
    text.set(target, 0, length);
    return true;
  }

  private static boolean isPadding(byte[] bytes, int start, int end, int rest) {
    int padding = 0;
    for (int at = start; at < end; at++) {
      if (bytes[at] == '=') {
        padding++;
      } else if (bytes[at] != '\n' && bytes[at] != '\r') {
        return false;
      }
    }
    return padding == 0 || (rest > 0 && padding == 4 - rest);
  }
}
