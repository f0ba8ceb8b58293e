package dev.millrace.decode.column;

import java.math.BigInteger;

/**
 * A decimal number read from text without loss: sign, significant digits and a power of ten.
 *
 * <p>Takes what JSON, Python and Postgres write: {@code -12}, {@code 0.10}, {@code 1e-05}, and also
 * {@code +1}, {@code .5}, {@code 5.} and leading zeros. Not thread-safe: one for each task.
 */
final class NumberText {

  private static final int MAX_LONG_DIGITS = 18;
  private static final int MAX_EXPONENT = 1_000_000_000;

  private byte[] bytes;
  private int firstDigit;
  private boolean isNegative;
  private long digits;
  private int digitCount;
  private long exponent;

  /** Whether the text is a number; only then the other methods mean anything. */
  boolean parse(byte[] bytes, int start, int end) {
    this.bytes = bytes;
    int at = start;
    isNegative = at < end && bytes[at] == '-';
    if (at < end && (bytes[at] == '-' || bytes[at] == '+')) {
      at++;
    }
    digits = 0;
    digitCount = 0;
    exponent = 0;
    int zeros = 0;
    int point = -1;
    int firstOfNumber = at;
    for (; at < end; at++) {
      int digit = bytes[at] - '0';
      if (digit == 0) {
        zeros += digitCount == 0 ? 0 : 1;
      } else if (digit > 0 && digit <= 9) {
        if (digitCount == 0) {
          firstDigit = at;
        }
        digitCount += zeros + 1;
        // Of a longer number the digits are read again by whoever wants them.
        if (digitCount <= MAX_LONG_DIGITS) {
          for (; zeros > 0; zeros--) {
            digits *= 10;
          }
          digits = digits * 10 + digit;
        }
        zeros = 0;
      } else if (bytes[at] == '.' && point < 0) {
        point = at;
      } else {
        break;
      }
      if (point >= 0 && at > point) {
        exponent--;
      }
    }
    int characters = at - firstOfNumber - (point >= 0 ? 1 : 0);
    if (characters == 0) {
      return false;
    }
    exponent += zeros;
    return at == end || parseExponent(at, end);
  }

  boolean isNegative() {
    return isNegative;
  }

  boolean isZero() {
    return digitCount == 0;
  }

  /** How many significant digits there are, zeros at either end not counted. */
  int digitCount() {
    return digitCount;
  }

  /** The power of ten that the significant digits, read as a whole number, are multiplied by. */
  long exponent() {
    return isZero() ? 0 : exponent;
  }

  /** Whether {@link #digits()} holds the significant digits: there are no more than 18. */
  boolean isShort() {
    return digitCount <= MAX_LONG_DIGITS;
  }

  /** The significant digits as a whole number without sign; only of a short number. */
  long digits() {
    return digits;
  }

  /** The significant digits as a whole number with its sign; of any number. */
  BigInteger signedDigits() {
    StringBuilder text = new StringBuilder(digitCount + 1);
    if (isNegative) {
      text.append('-');
    }
    int found = 0;
    for (int at = firstDigit; found < digitCount; at++) {
      if (bytes[at] != '.') {
        text.append((char) bytes[at]);
        found++;
      }
    }
    return new BigInteger(text.toString());
  }

  private boolean parseExponent(int start, int end) {
    int at = start;
    if ((bytes[at] | 0x20) != 'e') {
      return false;
    }
    at++;
    boolean isNegativeExponent = at < end && bytes[at] == '-';
    if (at < end && (bytes[at] == '-' || bytes[at] == '+')) {
      at++;
    }
    if (at == end) {
      return false;
    }
    long written = 0;
    for (; at < end; at++) {
      int digit = bytes[at] - '0';
      if (digit < 0 || digit > 9) {
        return false;
      }
      written = Math.min(MAX_EXPONENT, written * 10 + digit);
    }
    exponent += isNegativeExponent ? -written : written;
    return true;
  }
}
