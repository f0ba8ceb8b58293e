package dev.millrace.view;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;

/**
 * A row of a result before and after a change: one of them null, or both there and different. Rows
 * that have the same key are one row that was updated.
 */
final class RowPair {

  private final byte[] before;
  private final byte[] after;

  private RowPair(byte[] before, byte[] after) {
    this.before = before;
    this.after = after;
  }

  byte[] before() {
    return before;
  }

  byte[] after() {
    return after;
  }

  /**
   * How some rows of a result became others.
   *
   * @param key what a row is known by; null for a result whose rows are known by all their columns,
   *     of which one row that became one other is an update all the same
   */
  static List<RowPair> of(List<byte[]> olds, List<byte[]> news, ResultKey key) {
    List<RowPair> pairs = new ArrayList<>();
    if (key == null && olds.size() <= 1 && news.size() <= 1) {
      add(pairs, olds.isEmpty() ? null : olds.get(0), news.isEmpty() ? null : news.get(0));
      return pairs;
    }
    List<byte[]> left = new ArrayList<>(news);
    for (byte[] old : olds) {
      add(pairs, old, taken(left, old, key));
    }
    left.forEach(now -> add(pairs, null, now));
    return pairs;
  }

  private static void add(List<RowPair> pairs, byte[] before, byte[] after) {
    if (!Arrays.equals(before, after)) {
      pairs.add(new RowPair(before, after));
    }
  }

  /** Removes the row that replaces an older one, and returns it; null if there is none. */
  private static byte[] taken(List<byte[]> from, byte[] old, ResultKey key) {
    for (Iterator<byte[]> each = from.iterator(); each.hasNext(); ) {
      byte[] now = each.next();
      if (key == null ? Arrays.equals(old, now) : key.of(old).equals(key.of(now))) {
        each.remove();
        return now;
      }
    }
    return null;
  }
}
