package dev.millrace.benchmark.statistics;

import java.util.Arrays;

/** The middle of some figures, and their ends. */
public record Spread(double median, double min, double max) {

  /** Of at least one figure; the median of an even number is the mean of the two in the middle. */
  public static Spread of(double... figures) {
    if (figures.length == 0) {
      throw new IllegalArgumentException("no figures");
    }
    double[] sorted = figures.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    double median =
        sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    return new Spread(median, sorted[0], sorted[sorted.length - 1]);
  }
}
