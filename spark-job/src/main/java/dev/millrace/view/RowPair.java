package dev.millrace.view;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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
    Map<ByteBuffer, Deque<byte[]>> left = new LinkedHashMap<>();
    for (byte[] now : news) {
      left.computeIfAbsent(name(now, key), first -> new ArrayDeque<>()).add(now);
    }
    for (byte[] old : olds) {
      Deque<byte[]> same = left.get(name(old, key));
      add(pairs, old, same == null ? null : same.poll());
    }
    left.values().forEach(rest -> rest.forEach(now -> add(pairs, null, now)));
    return pairs;
  }

  /** What a row is known by: its key, or all its columns. */
  private static ByteBuffer name(byte[] row, ResultKey key) {
    return key == null ? ByteBuffer.wrap(row) : key.of(row);
  }

  private static void add(List<RowPair> pairs, byte[] before, byte[] after) {
    if (!Arrays.equals(before, after)) {
      pairs.add(new RowPair(before, after));
    }
  }
}
