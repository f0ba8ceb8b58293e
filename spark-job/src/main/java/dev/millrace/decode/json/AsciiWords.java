package dev.millrace.decode.json;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Eight bytes at once, the first of them lowest: one test where a loop would make eight. */
public final class AsciiWords {

  private static final VarHandle WORD =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long EACH = 0x0101010101010101L;
  private static final long HIGH_BITS = 0x8080808080808080L;
  private static final long HIGH_HALVES = 0xF0F0F0F0F0F0F0F0L;
  private static final long ZEROS = '0' * EACH;
  private static final long SPACES = ' ' * EACH;
  private static final long BACKSLASHES = '\\' * EACH;

  private AsciiWords() {}

  public static long at(byte[] bytes, int start) {
    return (long) WORD.get(bytes, start);
  }

  /** Whether these bytes stand here. */
  static boolean startsWith(byte[] bytes, int start, int end, byte[] expected) {
    int length = expected.length;
    if (length > end - start) {
      return false;
    }
    int at = 0;
    for (; at + Long.BYTES <= length; at += Long.BYTES) {
      if (at(bytes, start + at) != at(expected, at)) {
        return false;
      }
    }
    for (; at < length; at++) {
      if (bytes[start + at] != expected[at]) {
        return false;
      }
    }
    return true;
  }

  /** The next byte that is this quote, a backslash, a control character or not ASCII. */
  public static int plainEnd(byte[] bytes, int start, int end, byte quote) {
    long quotes = quote * EACH;
    int at = start;
    // Reading on after the end is harmless, and most texts are shorter than a word.
    while (at < end && at + Long.BYTES <= bytes.length) {
      long word = at(bytes, at);
      long quoted = word ^ quotes;
      long backslash = word ^ BACKSLASHES;
      // Each term sets the high bit of the bytes in question. A borrow may set more of them, but
      // only above the first one, which is all that counts.
      long found =
          (((quoted - EACH) & ~quoted)
                  | ((backslash - EACH) & ~backslash)
                  | ((word - SPACES) & ~word)
                  | word)
              & HIGH_BITS;
      if (found != 0) {
        return Math.min(end, at + (Long.numberOfTrailingZeros(found) >>> 3));
      }
      at += Long.BYTES;
    }
    while (at < end) {
      byte found = bytes[at];
      if (found < ' ' || found == quote || found == '\\') {
        return at;
      }
      at++;
    }
    return end;
  }

  public static boolean isDigits(long word) {
    // Six more carries everything above nine into the half that is compared.
    return (word & HIGH_HALVES) == ZEROS && ((word + 6 * EACH) & HIGH_HALVES) == ZEROS;
  }

  /** The number that a word of digits stands for. */
  public static long number(long digits) {
    // Neighbours are added in pairs: 8 digits, 4 numbers of two, 2 of four, 1 of eight.
    long pairs = (digits - ZEROS) * 10 + ((digits - ZEROS) >>> 8);
    long low = (pairs & 0x000000FF000000FFL) * (100 + (1_000_000L << 32));
    long high = ((pairs >>> 16) & 0x000000FF000000FFL) * (1 + (10_000L << 32));
    return (low + high) >>> 32;
  }
}
