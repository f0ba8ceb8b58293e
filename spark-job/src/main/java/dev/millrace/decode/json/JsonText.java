package dev.millrace.decode.json;

import java.util.Arrays;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * The text of one value while it is decoded: a slice of the message as long as that will do, a
 * slice of a buffer of its own once something had to be rewritten. Not thread-safe: one for each
 * task.
 */
public final class JsonText {

  private byte[] buffer = new byte[256];
  private byte[] bytes = buffer;
  private int start;
  private int end;

  public byte[] bytes() {
    return bytes;
  }

  public int start() {
    return start;
  }

  public int end() {
    return end;
  }

  public int length() {
    return end - start;
  }

  /** Takes bytes as they stand; they are not copied and must not change. */
  public void set(byte[] bytes, int start, int end) {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
  }

  /** Takes the inner part of what is held. */
  public void narrow(int start, int end) {
    this.start = start;
    this.end = end;
  }

  /** Takes the text of a JSON string that {@link JsonScanner} has passed, escapes undone. */
  public void unescape(byte[] json, int from, int to) {
    byte[] target = writable(to - from);
    int length = 0;
    int at = from;
    while (at < to) {
      byte found = json[at++];
      if (found != '\\') {
        target[length++] = found;
        continue;
      }
      byte escape = json[at++];
      switch (escape) {
        case 'b' -> target[length++] = '\b';
        case 'f' -> target[length++] = '\f';
        case 'n' -> target[length++] = '\n';
        case 'r' -> target[length++] = '\r';
        case 't' -> target[length++] = '\t';
        case 'u' -> {
          int character = hexadecimal(json, at);
          at += 4;
          if (Character.isHighSurrogate((char) character)) {
            character = Character.toCodePoint((char) character, (char) hexadecimal(json, at + 2));
            at += 6;
          }
          length = Utf8.write(character, target, length);
        }
        default -> target[length++] = escape;
      }
    }
    set(target, 0, length);
  }

  /**
   * The buffer to rewrite the text into, from its first byte on, with room for so many. A text that
   * is in the buffer already is rewritten in place: never write more than was read.
   */
  public byte[] writable(int length) {
    if (buffer.length < length) {
      buffer = new byte[Math.max(length, (int) Math.min(2L * buffer.length, 1 << 30))];
    }
    return buffer;
  }

  public boolean isEqualTo(byte[] other) {
    return end - start == other.length && AsciiWords.startsWith(bytes, start, end, other);
  }

  /**
   * Stays valid when the next message is decoded; shares the message's bytes where that is
   * possible.
   */
  public UTF8String toUtf8String() {
    return bytes == buffer
        ? UTF8String.fromBytes(toBytes())
        : UTF8String.fromBytes(bytes, start, end - start);
  }

  public byte[] toBytes() {
    return Arrays.copyOfRange(bytes, start, end);
  }

  private static int hexadecimal(byte[] json, int start) {
    int unit = 0;
    for (int at = start; at < start + 4; at++) {
      unit = (unit << 4) | Character.digit(json[at], 16);
    }
    return unit;
  }
}
