package dev.millrace.view.aggregate;

import dev.millrace.state.StateStore;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * The values of one aggregate of one group that its record does not have: an entry of the store for
 * each, in order, with how often the group has it. Executor only, for one task.
 */
public final class ValueIndex {

  /** Learns what the entries take. */
  public interface Size {

    /** Bytes are taken by an entry, or freed where {@code sign} is -1. */
    void hold(int sign, long keyBytes, long valueBytes);
  }

  private final StateStore store;
  private final byte[] prefix;
  private final Size size;

  /**
   * An index in a store.
   *
   * @param prefix that every key of this index has, and no other key of the store
   */
  public ValueIndex(StateStore store, byte[] prefix, Size size) {
    this.store = store;
    this.prefix = prefix;
    this.size = size;
  }

  /** How often the group has a value, as far as it is here; 0 for a value that it lacks. */
  long count(byte[] value) {
    byte[] written = store.get(key(value));
    return written == null ? 0 : ByteBuffer.wrap(written).getLong();
  }

  /**
   * Sets how often the group has a value.
   *
   * @param before 0 for a value that is not here
   * @param after 0 to remove it
   */
  void set(byte[] value, long before, long after) {
    byte[] key = key(value);
    if (after == 0) {
      store.remove(key);
    } else {
      store.put(key, ByteBuffer.allocate(Long.BYTES).putLong(after).array());
    }
    if (before == 0 || after == 0) {
      size.hold(before == 0 ? 1 : -1, key.length, Long.BYTES);
    }
  }

  /** The smallest values with their counts, at most so many. */
  List<Map.Entry<byte[], Long>> first(int max) {
    return store.first(prefix, max).stream().map(this::value).toList();
  }

  /** All values with their counts, the smallest first. To be read to the end. */
  Iterator<Map.Entry<byte[], Long>> all() {
    Iterator<Map.Entry<byte[], byte[]>> entries = store.scan(prefix);
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return entries.hasNext();
      }

      @Override
      public Map.Entry<byte[], Long> next() {
        return value(entries.next());
      }
    };
  }

  private Map.Entry<byte[], Long> value(Map.Entry<byte[], byte[]> entry) {
    byte[] key = entry.getKey();
    return Map.entry(
        Arrays.copyOfRange(key, prefix.length, key.length),
        ByteBuffer.wrap(entry.getValue()).getLong());
  }

  private byte[] key(byte[] value) {
    return ByteBuffer.allocate(prefix.length + value.length).put(prefix).put(value).array();
  }
}
