package dev.millrace.source.cassandra;

import java.io.Serializable;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

/**
 * Parts of the ring on which Cassandra's Murmur3Partitioner lays rows, from -2^63 to 2^63 - 1.
 * Pure.
 */
final class TokenRanges {

  private static final BigInteger FIRST = BigInteger.valueOf(Long.MIN_VALUE);
  private static final BigInteger TOKENS = BigInteger.TWO.pow(Long.SIZE);

  private TokenRanges() {}

  /** The tokens after one, up to another, that one included. No row has the least token of all. */
  record TokenRange(long after, long upTo) implements Serializable {}

  /**
   * All the ring in equal parts: regardless of the cluster, part {@code i} of {@code count} has the
   * same tokens.
   *
   * @param borders the tokens at which what one node has ends; a part is cut there, so that each of
   *     its ranges can be asked of a node that has it
   */
  static List<List<TokenRange>> parts(int count, Collection<Long> borders) {
    TreeSet<Long> sorted = new TreeSet<>(borders);
    List<List<TokenRange>> parts = new ArrayList<>();
    for (int part = 0; part < count; part++) {
      long after = border(part, count);
      long upTo = part == count - 1 ? Long.MAX_VALUE : border(part + 1, count);
      List<TokenRange> ranges = new ArrayList<>();
      for (long cut : sorted.subSet(after, false, upTo, false)) {
        ranges.add(new TokenRange(after, cut));
        after = cut;
      }
      ranges.add(new TokenRange(after, upTo));
      parts.add(List.copyOf(ranges));
    }
    return List.copyOf(parts);
  }

  private static long border(int part, int count) {
    return FIRST
        .add(TOKENS.multiply(BigInteger.valueOf(part)).divide(BigInteger.valueOf(count)))
        .longValueExact();
  }
}
