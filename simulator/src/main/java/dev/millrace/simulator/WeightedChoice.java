package dev.millrace.simulator;

import java.util.List;
import java.util.SplittableRandom;
import java.util.function.ToIntFunction;

/** A draw among values of which some are likelier than others. */
final class WeightedChoice<T> {

  private final List<T> values;
  private final ToIntFunction<T> weight;
  private final int total;

  private WeightedChoice(List<T> values, ToIntFunction<T> weight) {
    this.values = List.copyOf(values);
    this.weight = weight;
    this.total = this.values.stream().mapToInt(weight).sum();
  }

  /** Each value comes in proportion to its weight; the weights need not add up to 100. */
  static <T> WeightedChoice<T> among(List<T> values, ToIntFunction<T> weight) {
    return new WeightedChoice<>(values, weight);
  }

  /** Takes exactly one number from {@code random}. */
  T draw(SplittableRandom random) {
    int ticket = random.nextInt(total);
    for (T value : values) {
      ticket -= weight.applyAsInt(value);
      if (ticket < 0) {
        return value;
      }
    }
    throw new AssertionError("A ticket below the total always falls on a value");
  }
}
