package dev.millrace.view.aggregate;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ExactSumTest {

  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);

  private double number() {
    double number;
    do {
      number =
          switch (random.nextInt(4)) {
            case 0 -> random.nextDouble() * 1e6 - 5e5;
            case 1 -> random.nextLong() * 0x1p-1074;
            case 2 -> random.nextGaussian() * 1e300;
            default -> Double.longBitsToDouble(random.nextLong());
          };
    } while (!Double.isFinite(number));
    return number;
  }

  private static double value(ExactSum sum) {
    return ExactSum.toDouble(sum.unscaled(), BigInteger.ONE, sum.lowestExponent());
  }

  @Test
  void isWhatBigDecimalsAddUpTo() {
    System.out.println("exact sums: seed " + seed);
    for (int round = 0; round < 300; round++) {
      ExactSum sum = ExactSum.ofDoubles();
      ExactSum squares = ExactSum.ofSquares();
      BigDecimal expected = BigDecimal.ZERO;
      BigDecimal expectedSquares = BigDecimal.ZERO;
      for (int i = random.nextInt(20); i >= 0; i--) {
        double number = number();
        BigDecimal exact = new BigDecimal(number);
        sum.add(number, 1);
        squares.addSquare(number, 1);
        expected = expected.add(exact);
        expectedSquares = expectedSquares.add(exact.multiply(exact));
      }
      assertThat(value(sum)).isEqualTo(expected.doubleValue() + 0.0);
      assertThat(value(squares)).isEqualTo(expectedSquares.doubleValue());
    }
  }

  @Test
  void isZeroOnceEverythingWasTakenBack() {
    System.out.println("exact sums: seed " + seed);
    List<Double> numbers = new ArrayList<>();
    ExactSum sum = ExactSum.ofDoubles();
    for (int i = 0; i < 1000; i++) {
      numbers.add(number());
      sum.add(numbers.get(i), 1);
    }
    java.util.Collections.shuffle(numbers, random);
    numbers.forEach(number -> sum.add(number, -1));

    assertThat(sum.isZero()).isTrue();
    assertThat(value(sum)).isEqualTo(0.0);
  }

  @Test
  void isTheSameAfterItWasWrittenAndRead() {
    System.out.println("exact sums: seed " + seed);
    ExactSum sum = ExactSum.ofDoubles();
    for (int i = 0; i < 50; i++) {
      sum.add(number(), random.nextBoolean() ? 1 : -1);
      ByteBuffer bytes = ByteBuffer.allocate(sum.maxBytes());
      sum.write(bytes);
      ExactSum read = ExactSum.ofDoubles();
      read.addFrom(bytes.flip());
      assertThat(read.unscaled()).isEqualTo(sum.unscaled());
    }
  }

  @Test
  void takesLittleSpaceForNumbersOfSimilarSize() {
    ExactSum sum = ExactSum.ofDoubles();
    for (int i = 0; i < 1_000_000; i++) {
      sum.add(i / 8.0, 1);
    }
    ByteBuffer bytes = ByteBuffer.allocate(sum.maxBytes());
    sum.write(bytes);

    assertThat(bytes.position()).isLessThanOrEqualTo(21);
    assertThat(value(sum)).isEqualTo(499_999.5 * 1_000_000 / 8);
  }

  @Test
  void divisionIsRoundedOnce() {
    assertThat(ExactSum.toDouble(BigInteger.ONE, BigInteger.valueOf(3), 0)).isEqualTo(1.0 / 3);
    assertThat(ExactSum.toDouble(BigInteger.valueOf(-10), BigInteger.valueOf(4), 0))
        .isEqualTo(-2.5);
    assertThat(ExactSum.toDouble(BigInteger.ONE, BigInteger.ONE, -1074))
        .isEqualTo(Double.MIN_VALUE);
    assertThat(ExactSum.toDouble(BigInteger.ONE, BigInteger.ONE, 1024))
        .isEqualTo(Double.POSITIVE_INFINITY);
    assertThat(ExactSum.toDouble(BigInteger.ONE, BigInteger.TWO, -1074)).isEqualTo(0.0);
    assertThat(ExactSum.toDouble(BigInteger.valueOf(3), BigInteger.TWO, -1074))
        .isEqualTo(2 * Double.MIN_VALUE);
  }
}
