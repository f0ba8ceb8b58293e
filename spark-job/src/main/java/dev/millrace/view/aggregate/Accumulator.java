package dev.millrace.view.aggregate;

import dev.millrace.view.aggregate.Aggregate.Function;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.function.IntFunction;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.YearMonthIntervalType;

/**
 * What an aggregate keeps of the values of a group, so that a value can be taken away as well as
 * added, in any order, exactly: sums, or the {@link Values} themselves. A batch's part of it is of
 * the same kind and is added to it.
 */
abstract class Accumulator {

  /** The result of an aggregate that its type can't hold. */
  static final Object OVERFLOW = Group.OVERFLOW;

  /** How many values there are, those that count. */
  long count;

  /** Takes account of a value that is not null: {@code sign} 1 adds it, -1 takes it away. */
  abstract void add(InternalRow inputs, int ordinal, int sign);

  /** Adds what {@link #write} wrote. */
  abstract void addFrom(ByteBuffer in);

  abstract void write(ByteBuffer out);

  abstract int maxBytes();

  /** Whether it makes no difference to any other. */
  abstract boolean isZero();

  /** The result as Catalyst has it; null for none; {@link #OVERFLOW} if its type is too narrow. */
  abstract Object result();

  /**
   * Called once, when the group's record and all of a batch have been added to it, before it is
   * written and its result is read.
   *
   * @param indexes those of the group, by the number of the aggregate
   * @param number of this aggregate
   */
  void settle(IntFunction<ValueIndex> indexes, int number) {
    // Sums need nothing but themselves.
  }

  /**
   * Names the indexes of the group, which the result may need; {@link #settle} does so, too.
   *
   * @param number of this aggregate
   */
  void index(IntFunction<ValueIndex> indexes, int number) {
    // Sums need nothing but themselves.
  }

  static boolean isFloating(DataType type) {
    return type.equals(DataTypes.DoubleType) || type.equals(DataTypes.FloatType);
  }

  /** {@code count}. */
  static final class Count extends Accumulator {

    @Override
    void add(InternalRow inputs, int ordinal, int sign) {
      count += sign;
    }

    @Override
    void addFrom(ByteBuffer in) {
      count += in.getLong();
    }

    @Override
    void write(ByteBuffer out) {
      out.putLong(count);
    }

    @Override
    int maxBytes() {
      return Long.BYTES;
    }

    @Override
    boolean isZero() {
      return count == 0;
    }

    @Override
    Object result() {
      return count;
    }
  }

  /** {@code bool_and} and {@code bool_or}. */
  static final class Booleans extends Accumulator {

    private final boolean all;
    private long trues;

    Booleans(boolean all) {
      this.all = all;
    }

    @Override
    void add(InternalRow inputs, int ordinal, int sign) {
      count += sign;
      trues += inputs.getBoolean(ordinal) ? sign : 0;
    }

    @Override
    void addFrom(ByteBuffer in) {
      count += in.getLong();
      trues += in.getLong();
    }

    @Override
    void write(ByteBuffer out) {
      out.putLong(count).putLong(trues);
    }

    @Override
    int maxBytes() {
      return 2 * Long.BYTES;
    }

    @Override
    boolean isZero() {
      return count == 0 && trues == 0;
    }

    @Override
    Object result() {
      if (count == 0) {
        return null;
      }
      return all ? trues == count : trues > 0;
    }
  }

  /** Sum and average of whole numbers, decimals and intervals. */
  static final class Wholes extends Accumulator {

    private final Aggregate aggregate;

    /** The sum of what fits a long, in 128 bits; that of the others. */
    private long high;

    private long low;
    private BigInteger wide = BigInteger.ZERO;

    Wholes(Aggregate aggregate) {
      this.aggregate = aggregate;
    }

    @Override
    void add(InternalRow inputs, int ordinal, int sign) {
      count += sign;
      DataType type = aggregate.input();
      if (type instanceof DecimalType decimal) {
        Decimal value = inputs.getDecimal(ordinal, decimal.precision(), decimal.scale());
        if (decimal.precision() <= Decimal.MAX_LONG_DIGITS()) {
          addLong(value.toUnscaledLong(), sign);
        } else {
          BigInteger unscaled = value.toJavaBigDecimal().unscaledValue();
          wide = sign > 0 ? wide.add(unscaled) : wide.subtract(unscaled);
        }
      } else {
        addLong(((Number) inputs.get(ordinal, type)).longValue(), sign);
      }
    }

    private void addLong(long value, int sign) {
      if (sign > 0) {
        long sum = low + value;
        high += (value >> 63) + (Long.compareUnsigned(sum, low) < 0 ? 1 : 0);
        low = sum;
      } else {
        long difference = low - value;
        high -= (value >> 63) + (Long.compareUnsigned(low, value) < 0 ? 1 : 0);
        low = difference;
      }
    }

    private BigInteger sum() {
      return new BigInteger(ByteBuffer.allocate(16).putLong(high).putLong(low).array()).add(wide);
    }

    @Override
    void addFrom(ByteBuffer in) {
      count += in.getLong();
      byte[] sum = new byte[in.getInt()];
      in.get(sum);
      wide = wide.add(new BigInteger(sum));
    }

    @Override
    void write(ByteBuffer out) {
      byte[] sum = sum().toByteArray();
      out.putLong(count).putInt(sum.length).put(sum);
    }

    @Override
    int maxBytes() {
      return Long.BYTES + Integer.BYTES + Math.max(16, wide.bitLength() / Byte.SIZE) + 2;
    }

    @Override
    boolean isZero() {
      return count == 0 && sum().signum() == 0;
    }

    @Override
    Object result() {
      if (count == 0) {
        return null;
      }
      if (aggregate.function() == Function.AVERAGE
          && aggregate.result().equals(DataTypes.DoubleType)) {
        return ExactSum.toDouble(sum(), BigInteger.valueOf(count), 0);
      }
      if (aggregate.input() instanceof DecimalType decimal) {
        // Spark keeps ten digits more than the column has, for the sum as for the average.
        int precision = Math.min(DecimalType.MAX_PRECISION(), decimal.precision() + 10);
        BigDecimal sum = new BigDecimal(sum(), decimal.scale());
        if (sum.precision() > precision) {
          return OVERFLOW;
        }
        Decimal exact = Decimal.apply(new scala.math.BigDecimal(sum), precision, decimal.scale());
        return aggregate.function() == Function.AVERAGE ? evaluated(exact) : exact;
      }
      if (sum().bitLength() >= Long.SIZE) {
        return OVERFLOW;
      }
      long sum = sum().longValue();
      if (aggregate.function() == Function.AVERAGE) {
        return evaluated(
            aggregate.input() instanceof YearMonthIntervalType ? (Object) (int) sum : sum);
      }
      if (aggregate.result() instanceof YearMonthIntervalType) {
        return sum == (int) sum ? (Object) (int) sum : OVERFLOW;
      }
      return sum;
    }

    private Object evaluated(Object sum) {
      return aggregate.evaluate().eval(new GenericInternalRow(new Object[] {sum, count}));
    }
  }

  /** Sum, average, variance and standard deviation of floating-point numbers. */
  static final class Doubles extends Accumulator {

    private final Aggregate aggregate;
    private final boolean isFloat;
    private final ExactSum sum = ExactSum.ofDoubles();
    private final ExactSum squares;
    private long nans;
    private long positiveInfinities;
    private long negativeInfinities;

    Doubles(Aggregate aggregate, boolean hasSquares) {
      this.aggregate = aggregate;
      this.isFloat = aggregate.input().equals(DataTypes.FloatType);
      this.squares = hasSquares ? ExactSum.ofSquares() : null;
    }

    @Override
    void add(InternalRow inputs, int ordinal, int sign) {
      double value = isFloat ? inputs.getFloat(ordinal) : inputs.getDouble(ordinal);
      count += sign;
      if (Double.isNaN(value)) {
        nans += sign;
      } else if (value == Double.POSITIVE_INFINITY) {
        positiveInfinities += sign;
      } else if (value == Double.NEGATIVE_INFINITY) {
        negativeInfinities += sign;
      } else {
        sum.add(value, sign);
        if (squares != null) {
          squares.addSquare(value, sign);
        }
      }
    }

    @Override
    void addFrom(ByteBuffer in) {
      count += in.getLong();
      nans += in.getLong();
      positiveInfinities += in.getLong();
      negativeInfinities += in.getLong();
      sum.addFrom(in);
      if (squares != null) {
        squares.addFrom(in);
      }
    }

    @Override
    void write(ByteBuffer out) {
      out.putLong(count).putLong(nans).putLong(positiveInfinities).putLong(negativeInfinities);
      sum.write(out);
      if (squares != null) {
        squares.write(out);
      }
    }

    @Override
    int maxBytes() {
      return 4 * Long.BYTES + sum.maxBytes() + (squares == null ? 0 : squares.maxBytes());
    }

    @Override
    boolean isZero() {
      return count == 0
          && nans == 0
          && positiveInfinities == 0
          && negativeInfinities == 0
          && sum.isZero()
          && (squares == null || squares.isZero());
    }

    @Override
    Object result() {
      if (aggregate.function() == Function.MOMENTS) {
        return aggregate
            .evaluate()
            .eval(new GenericInternalRow(new Object[] {(double) count, mean(), deviations()}));
      }
      if (count == 0) {
        return null;
      }
      return aggregate.function() == Function.AVERAGE
          ? (Object) mean()
          : (Object) over(BigInteger.ONE);
    }

    private double mean() {
      return count == 0 ? 0 : over(BigInteger.valueOf(count));
    }

    private double over(BigInteger divisor) {
      if (nans > 0 || (positiveInfinities > 0 && negativeInfinities > 0)) {
        return Double.NaN;
      }
      if (positiveInfinities > 0) {
        return Double.POSITIVE_INFINITY;
      }
      if (negativeInfinities > 0) {
        return Double.NEGATIVE_INFINITY;
      }
      return ExactSum.toDouble(sum.unscaled(), divisor, sum.lowestExponent());
    }

    /** The sum of the squared distances from the mean, correctly rounded. */
    private double deviations() {
      if (count == 0) {
        return 0;
      }
      if (nans > 0 || positiveInfinities > 0 || negativeInfinities > 0) {
        return Double.NaN;
      }
      BigInteger n = BigInteger.valueOf(count);
      BigInteger unscaled = sum.unscaled();
      return ExactSum.toDouble(
          squares.unscaled().multiply(n).subtract(unscaled.multiply(unscaled)),
          n,
          squares.lowestExponent());
    }
  }
}
