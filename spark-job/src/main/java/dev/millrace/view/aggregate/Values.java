package dev.millrace.view.aggregate;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntFunction;
import org.apache.spark.sql.catalyst.InternalRow;

/**
 * The values of a group, each with how often it is there: the smallest ones in the group's record,
 * so many at most, and all greater ones in an index. A change of one that the record has, or of one
 * that is smaller, does not touch the index; when the record has fewer left than the result needs,
 * it is refilled from there. A batch's part of it is how often each value was added or taken away.
 *
 * <pre>
 *   record 3 7 9        index 12 15 20 31       at most 4 in the record
 *   add 8               record 3 7 8 9          index 12 15 20 31
 *   add 5               record 3 5 7 8          index 9 12 15 20 31
 *   take 3 5 7 8 away   record 9 12             index 15 20 31
 * </pre>
 */
abstract class Values extends Accumulator {

  /** What {@link #write} wrote is what a batch changes. */
  private static final byte CHANGES = 0;

  /** It is what the group has. */
  private static final byte STORED = 1;

  /** Long values: the record has fewer of them, but always those that the result needs. */
  private static final int MAX_BYTES = 4096;

  /** Their order, in which the smallest is the one that the aggregate needs first. */
  final ValueOrder order;

  private final int max;
  private final int min;
  private final TreeMap<byte[], Long> kept = new TreeMap<>(Arrays::compareUnsigned);
  private final TreeMap<byte[], Long> changes = new TreeMap<>(Arrays::compareUnsigned);
  private int keptBytes;

  /** How many values the index has. */
  private long indexed;

  private boolean isStored;

  /** Of the group; null before it is asked for. */
  private ValueIndex index;

  /**
   * @param max how many values the record has at most
   * @param min how many of the smallest values the result needs; at least 1
   */
  Values(ValueOrder order, int max, int min) {
    this.order = order;
    this.max = max;
    this.min = min;
  }

  /** A value is there that was not, or no longer where {@code sign} is -1. */
  abstract void changed(byte[] value, int sign);

  /** The smallest values with their counts, at least as many as the result needs. */
  final SortedMap<byte[], Long> smallest() {
    return kept;
  }

  /** Whether the group has no value. */
  final boolean hasNone() {
    return kept.isEmpty();
  }

  /**
   * Of a settled group: all values with their counts, the smallest first. To be read to the end.
   */
  final Iterator<Map.Entry<byte[], Long>> all() {
    Iterator<Map.Entry<byte[], Long>> first = kept.entrySet().iterator();
    return indexed == 0 ? first : new Concatenated<>(first, index.all());
  }

  /** One after the other. */
  private record Concatenated<T>(Iterator<T> first, Iterator<T> second) implements Iterator<T> {

    @Override
    public boolean hasNext() {
      return first.hasNext() || second.hasNext();
    }

    @Override
    public T next() {
      return first.hasNext() ? first.next() : second.next();
    }
  }

  /** Of a batch's part: how often each value was added, or taken away. */
  final Map<byte[], Long> changes() {
    return changes;
  }

  @Override
  void index(IntFunction<ValueIndex> indexes, int number) {
    index = indexes.apply(number);
  }

  @Override
  void add(InternalRow inputs, int ordinal, int sign) {
    change(order.write(inputs, ordinal), sign);
  }

  private void change(byte[] value, long by) {
    changes.merge(value, by, (a, b) -> a + b == 0 ? null : a + b);
  }

  @Override
  void addFrom(ByteBuffer in) {
    boolean areStored = in.get() == STORED;
    if (areStored) {
      isStored = true;
      indexed = in.getLong();
    }
    for (int left = in.getInt(); left > 0; left--) {
      byte[] value = new byte[in.getInt()];
      in.get(value);
      long count = in.getLong();
      if (areStored) {
        keep(value, count);
      } else {
        change(value, count);
      }
    }
  }

  @Override
  void write(ByteBuffer out) {
    if (isStored) {
      out.put(STORED).putLong(indexed);
    } else {
      out.put(CHANGES);
    }
    TreeMap<byte[], Long> written = isStored ? kept : changes;
    out.putInt(written.size());
    written.forEach((value, count) -> out.putInt(value.length).put(value).putLong(count));
  }

  @Override
  int maxBytes() {
    int bytes = 1 + Long.BYTES + Integer.BYTES;
    for (byte[] value : (isStored ? kept : changes).keySet()) {
      bytes += Integer.BYTES + value.length + Long.BYTES;
    }
    return bytes;
  }

  @Override
  boolean isZero() {
    return changes.isEmpty() && kept.isEmpty() && indexed == 0;
  }

  @Override
  void settle(IntFunction<ValueIndex> indexes, int number) {
    index(indexes, number);
    byte[] greatestKept = kept.isEmpty() ? null : kept.lastKey();
    for (Map.Entry<byte[], Long> change : changes.entrySet()) {
      byte[] value = change.getKey();
      boolean isIndexed = indexed > 0 && Arrays.compareUnsigned(value, greatestKept) > 0;
      long before = isIndexed ? index.count(value) : kept.getOrDefault(value, 0L);
      long after = before + change.getValue();
      if (after < 0) {
        throw new IllegalStateException("a value is taken away that the group does not have");
      }
      if (!isIndexed) {
        keep(value, after);
      } else {
        index.set(value, before, after);
        indexed += (before == 0 ? 1 : 0) - (after == 0 ? 1 : 0);
      }
      if (before == 0 || after == 0) {
        changed(value, before == 0 ? 1 : -1);
      }
    }
    changes.clear();
    isStored = true;
    while (kept.size() > max || (keptBytes > MAX_BYTES && kept.size() > min)) {
      byte[] greatest = kept.lastKey();
      index.set(greatest, 0, kept.get(greatest));
      keep(greatest, 0);
      indexed++;
    }
    if (kept.size() < min && indexed > 0) {
      refill();
    }
  }

  /** Half of what the record can have, so that it does not overflow with the next value. */
  private void refill() {
    int wanted = Math.max(min, (max + 1) / 2) - kept.size();
    for (Map.Entry<byte[], Long> entry : index.first(wanted)) {
      if (kept.size() >= min && keptBytes + entry.getKey().length > MAX_BYTES / 2) {
        break;
      }
      index.set(entry.getKey(), entry.getValue(), 0);
      keep(entry.getKey(), entry.getValue());
      indexed--;
    }
  }

  /** Sets how often the record has a value; 0 to remove it. */
  private void keep(byte[] value, long count) {
    Long before = count == 0 ? kept.remove(value) : kept.put(value, count);
    if (before == null && count > 0) {
      keptBytes += value.length;
    } else if (before != null && count == 0) {
      keptBytes -= value.length;
    }
  }
}
