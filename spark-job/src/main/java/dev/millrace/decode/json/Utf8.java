package dev.millrace.decode.json;

/** Strict UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF. */
public final class Utf8 {

  private Utf8() {}

  /**
   * The length of the character that begins at {@code position} with a byte above 0x7F; 0 where the
   * bytes are not UTF-8 or are cut off by {@code end}.
   */
  static int sequenceLength(byte[] bytes, int position, int end) {
    int first = bytes[position] & 0xFF;
    if (first < 0xC2) {
      return 0;
    }
    if (first < 0xE0) {
      return continues(bytes, position + 1, end) ? 2 : 0;
    }
    if (first < 0xF0) {
      if (!continues(bytes, position + 2, end) || !continues(bytes, position + 1, end)) {
        return 0;
      }
      int second = bytes[position + 1] & 0xFF;
      boolean isOverlong = first == 0xE0 && second < 0xA0;
      boolean isSurrogate = first == 0xED && second >= 0xA0;
      return isOverlong || isSurrogate ? 0 : 3;
    }
    if (first < 0xF5) {
      if (!continues(bytes, position + 3, end)
          || !continues(bytes, position + 2, end)
          || !continues(bytes, position + 1, end)) {
        return 0;
      }
      int second = bytes[position + 1] & 0xFF;
      boolean isOverlong = first == 0xF0 && second < 0x90;
      boolean isTooLarge = first == 0xF4 && second >= 0x90;
      return isOverlong || isTooLarge ? 0 : 4;
    }
    return 0;
  }

  public static boolean isValid(byte[] bytes, int start, int end) {
    int position = start;
    while (position < end) {
      if (bytes[position] >= 0) {
        position++;
      } else {
        int length = sequenceLength(bytes, position, end);
        if (length == 0) {
          return false;
        }
        position += length;
      }
    }
    return true;
  }

  /** Writes a character that is not a surrogate and gives the position after it. */
  static int write(int character, byte[] target, int position) {
    int at = position;
    if (character < 0x80) {
      target[at++] = (byte) character;
    } else if (character < 0x800) {
      target[at++] = (byte) (0xC0 | (character >> 6));
      target[at++] = (byte) (0x80 | (character & 0x3F));
    } else if (character < 0x10000) {
      target[at++] = (byte) (0xE0 | (character >> 12));
      target[at++] = (byte) (0x80 | ((character >> 6) & 0x3F));
      target[at++] = (byte) (0x80 | (character & 0x3F));
    } else {
      target[at++] = (byte) (0xF0 | (character >> 18));
      target[at++] = (byte) (0x80 | ((character >> 12) & 0x3F));
      target[at++] = (byte) (0x80 | ((character >> 6) & 0x3F));
      target[at++] = (byte) (0x80 | (character & 0x3F));
    }
    return at;
  }

  private static boolean continues(byte[] bytes, int position, int end) {
    return position < end && (bytes[position] & 0xC0) == 0x80;
  }
}
