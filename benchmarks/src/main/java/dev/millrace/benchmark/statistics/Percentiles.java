package dev.millrace.benchmark.statistics;

import java.util.Arrays;
import java.util.Locale;

/**
 * Percentiles by nearest rank, in milliseconds.
 *
 * @param count of how many rows
 */
public record Percentiles(int count, double p50, double p95, double p99, double max) {

  private static final double NANOS_PER_MILLISECOND = 1e6;

  /** Of the first {@code count} of {@code nanos}, at least one. */
  public static Percentiles of(long[] nanos, int count) {
    if (count == 0) {
      throw new IllegalArgumentException("no rows");
    }
    long[] sorted = Arrays.copyOf(nanos, count);
    Arrays.sort(sorted);
    return new Percentiles(
        count, rank(sorted, 0.50), rank(sorted, 0.95), rank(sorted, 0.99), rank(sorted, 1));
  }

  private static double rank(long[] sorted, double share) {
    int index = Math.max(0, (int) Math.ceil(share * sorted.length) - 1);
    return sorted[index] / NANOS_PER_MILLISECOND;
  }

  /** As {@link #parse} reads it. */
  public String toLine() {
    return String.format(Locale.ROOT, "%d %.3f %.3f %.3f %.3f", count, p50, p95, p99, max);
  }

  public static Percentiles parse(String[] words, int from) {
    return new Percentiles(
        Integer.parseInt(words[from]),
        Double.parseDouble(words[from + 1]),
        Double.parseDouble(words[from + 2]),
        Double.parseDouble(words[from + 3]),
        Double.parseDouble(words[from + 4]));
  }
}
