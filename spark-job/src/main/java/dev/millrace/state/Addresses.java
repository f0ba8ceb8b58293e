package dev.millrace.state;

import java.util.Arrays;
import java.util.function.LongConsumer;
import java.util.stream.LongStream;

/** A list of addresses. Not thread-safe. */
final class Addresses implements LongConsumer {

  private long[] values = new long[16];
  private int size;

  @Override
  public void accept(long address) {
    if (size == values.length) {
      values = Arrays.copyOf(values, 2 * size);
    }
    values[size++] = address;
  }

  LongStream stream() {
    return Arrays.stream(values, 0, size);
  }
}
