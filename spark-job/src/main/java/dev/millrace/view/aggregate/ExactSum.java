package dev.millrace.view.aggregate;

import java.math.BigInteger;
import java.nio.ByteBuffer;

/**
 * A sum of doubles, or of their squares, without rounding: numbers are added and taken away again
 * in any order, and the sum is what exact arithmetic gives. Only finite numbers. Not thread-safe.
 *
 * <p>A fixed-point number of {@code 32}-bit digits, each in a long, so that carries wait: one
 * addition touches four digits.
 */
final class ExactSum {

  /** The exponent of the smallest double's bit. */
  static final int MIN_EXPONENT = -1074;

  private static final int DIGIT_BITS = 32;
  private static final long DIGIT_MASK = 0xFFFF_FFFFL;
  private static final int MANTISSA_BITS = 52;
  private static final int MAX_PENDING = 1 << 28;

  private final int lowestExponent;
  private final long[] digits;
  private int pending;

  private ExactSum(int lowestExponent, int digits) {
    this.lowestExponent = lowestExponent;
    this.digits = new long[digits];
  }

  /** A sum of up to 2^64 doubles; 0 at first. */
  static ExactSum ofDoubles() {
    return new ExactSum(MIN_EXPONENT, 70);
  }

  /** A sum of up to 2^64 squares of doubles; 0 at first. */
  static ExactSum ofSquares() {
    return new ExactSum(2 * MIN_EXPONENT, 136);
  }

  /** The exponent of the lowest bit of {@link #unscaled}. */
  int lowestExponent() {
    return lowestExponent;
  }

  /** Adds a finite number, or takes it away where {@code sign} is -1. */
  void add(double value, int sign) {
    long mantissa = mantissa(value);
    addBits(mantissa, exponent(value) - lowestExponent, (value < 0) != (sign < 0));
    settle();
  }

  /** Adds the square of a finite number, or takes it away where {@code sign} is -1. */
  void addSquare(double value, int sign) {
    long mantissa = mantissa(value);
    int shift = 2 * exponent(value) - lowestExponent;
    addBits(mantissa * mantissa, shift, sign < 0);
    addBits(Math.multiplyHigh(mantissa, mantissa), shift + Long.SIZE, sign < 0);
    settle();
  }

  private static long mantissa(double value) {
    long bits = Double.doubleToRawLongBits(value);
    long fraction = bits & ((1L << MANTISSA_BITS) - 1);
    return isSubnormal(value) ? fraction : fraction | (1L << MANTISSA_BITS);
  }

  private static int exponent(double value) {
    return isSubnormal(value) ? MIN_EXPONENT : Math.getExponent(value) - MANTISSA_BITS;
  }

  private static boolean isSubnormal(double value) {
    return Math.abs(value) < Double.MIN_NORMAL;
  }

  private void addBits(long bits, int shift, boolean isNegative) {
    addHalf(bits & DIGIT_MASK, shift, isNegative);
    addHalf(bits >>> DIGIT_BITS, shift + DIGIT_BITS, isNegative);
  }

  private void addHalf(long half, int shift, boolean isNegative) {
    if (half == 0) {
      return;
    }
    int index = shift / DIGIT_BITS;
    long low = half << (shift % DIGIT_BITS);
    long carry = low >>> DIGIT_BITS;
    low &= DIGIT_MASK;
    digits[index] += isNegative ? -low : low;
    digits[index + 1] += isNegative ? -carry : carry;
  }

  private void settle() {
    if (++pending >= MAX_PENDING) {
      carry();
    }
  }

  /** Leaves every digit but the last between 0 and 2^32 - 1; the last has the sign. */
  private void carry() {
    long carry = 0;
    for (int i = 0; i < digits.length; i++) {
      long sum = digits[i] + carry;
      if (i == digits.length - 1) {
        digits[i] = sum;
      } else {
        digits[i] = sum & DIGIT_MASK;
        carry = sum >> DIGIT_BITS;
      }
    }
    pending = 0;
  }

  boolean isZero() {
    carry();
    for (long digit : digits) {
      if (digit != 0) {
        return false;
      }
    }
    return true;
  }

  /** The sum, as a multiple of 2^{@link #lowestExponent}. */
  BigInteger unscaled() {
    carry();
    boolean isNegative = digits[digits.length - 1] < 0;
    byte[] magnitude = new byte[digits.length * Integer.BYTES];
    ByteBuffer bytes = ByteBuffer.wrap(magnitude);
    long[] positive = isNegative ? negated() : digits;
    for (int i = positive.length - 1; i >= 0; i--) {
      bytes.putInt((int) positive[i]);
    }
    BigInteger value = new BigInteger(1, magnitude);
    return isNegative ? value.negate() : value;
  }

  private long[] negated() {
    ExactSum negative = new ExactSum(lowestExponent, digits.length);
    for (int i = 0; i < digits.length; i++) {
      negative.digits[i] = -digits[i];
    }
    negative.carry();
    return negative.digits;
  }

  /** Adds what {@link #write} wrote. */
  void addFrom(ByteBuffer in) {
    int sign = in.get();
    int first = in.getShort();
    int count = in.getShort();
    for (int i = first; i < first + count; i++) {
      digits[i] += sign * (in.getInt() & DIGIT_MASK);
    }
    settle();
  }

  /** Writes the sum: five bytes, and four for each digit between its lowest and its highest. */
  void write(ByteBuffer out) {
    carry();
    boolean isNegative = digits[digits.length - 1] < 0;
    long[] positive = isNegative ? negated() : digits;
    int first = 0;
    while (first < positive.length && positive[first] == 0) {
      first++;
    }
    int end = positive.length;
    while (end > first && positive[end - 1] == 0) {
      end--;
    }
    out.put((byte) (isNegative ? -1 : 1));
    out.putShort((short) (first == positive.length ? 0 : first));
    out.putShort((short) (end - first));
    for (int i = first; i < end; i++) {
      out.putInt((int) positive[i]);
    }
  }

  /** How many bytes {@link #write} writes at most. */
  int maxBytes() {
    return 5 + digits.length * Integer.BYTES;
  }

  /**
   * {@code numerator / denominator * 2^exponent}, correctly rounded (half to even); infinite where
   * a double can't hold it.
   */
  static double toDouble(BigInteger numerator, BigInteger denominator, int exponent) {
    if (numerator.signum() == 0) {
      return 0.0;
    }
    BigInteger magnitude = numerator.abs();
    int shift = Math.max(0, 66 - (magnitude.bitLength() - denominator.bitLength()));
    BigInteger[] division = magnitude.shiftLeft(shift).divideAndRemainder(denominator);
    BigInteger quotient = division[0].shiftLeft(1);
    if (division[1].signum() != 0) {
      quotient = quotient.setBit(0);
    }
    int lowest = exponent - shift - 1;
    int keptLowest = Math.max(lowest + quotient.bitLength() - (MANTISSA_BITS + 1), MIN_EXPONENT);
    int dropped = keptLowest - lowest;
    BigInteger kept = quotient.shiftRight(dropped);
    boolean half = dropped > 0 && quotient.testBit(dropped - 1);
    boolean more = half && quotient.getLowestSetBit() < dropped - 1;
    if (half && (more || kept.testBit(0))) {
      kept = kept.add(BigInteger.ONE);
    }
    double value = Math.scalb(kept.doubleValue(), keptLowest);
    return numerator.signum() < 0 ? -value : value;
  }
}
