package dev.millrace.view;

import dev.millrace.state.StateStore;
import dev.millrace.view.aggregate.Group;
import dev.millrace.view.aggregate.ValueIndex;
import dev.millrace.view.plan.ViewPlan;
import dev.millrace.view.table.StoreSize;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;
import java.util.function.BiConsumer;

/** The groups of one level of a view in the store. For one task. */
final class GroupRecords {

  private final StateStore store;
  private final StoreSize size;
  private final int id;
  private final ViewPlan.Grouping grouping;
  private final long maxRows;

  /**
   * @param id of the level, which no other of the store has
   * @param maxRows how many a group may have all of which are read
   */
  GroupRecords(StateStore store, StoreSize size, int id, ViewPlan.Grouping grouping, long maxRows) {
    this.maxRows = grouping.readsGroups() ? maxRows : Long.MAX_VALUE;
    this.store = store;
    this.size = size;
    this.id = id;
    this.grouping = grouping;
  }

  /** A group as the state has it; null for one that it does not have. */
  byte[] stored(byte[] key) {
    return store.get(storeKey(key));
  }

  /** The same, to be read. */
  Group read(byte[] key, byte[] stored) {
    return Group.read(grouping.aggregates(), stored)
        .with(aggregate -> new ValueIndex(store, valuesPrefix(key, aggregate), size::hold));
  }

  /**
   * Makes a batch's part of a group the whole group, and stores that, or removes it where it has no
   * rows.
   *
   * @param stored what the state has; null for nothing
   * @return whether the group is there now
   */
  boolean merge(byte[] key, Group change, byte[] stored) {
    byte[] storeKey = storeKey(key);
    if (stored != null) {
      change.addFrom(stored);
      size.count(-1, storeKey.length, stored.length);
    }
    change.settle(aggregate -> new ValueIndex(store, valuesPrefix(key, aggregate), size::hold));
    if (change.hasRows() || grouping.isNeverEmpty()) {
      byte[] written = change.write();
      size.count(1, storeKey.length, written.length);
      store.put(storeKey, written);
      return true;
    }
    store.remove(storeKey);
    return false;
  }

  /** Whether a group got more rows with a batch than it should have. */
  boolean becameLarge(Group now, byte[] stored) {
    return now.rows() > maxRows && (stored == null || Group.rows(stored) <= maxRows);
  }

  /** Gives each group of the level, with its key. */
  void forEach(BiConsumer<byte[], Group> consumer) {
    byte[] prefix = storeKey(new byte[0]);
    for (Iterator<Map.Entry<byte[], byte[]>> groups = store.scan(prefix); groups.hasNext(); ) {
      Map.Entry<byte[], byte[]> entry = groups.next();
      byte[] key = Arrays.copyOfRange(entry.getKey(), prefix.length, entry.getKey().length);
      consumer.accept(key, read(key, entry.getValue()));
    }
  }

  /** Removes the groups of a level. */
  static void removeAll(StateStore store, StoreSize size, int id) {
    byte[] prefix = ByteBuffer.allocate(Integer.BYTES).putInt(id).array();
    for (Iterator<Map.Entry<byte[], byte[]>> groups = store.scan(prefix); groups.hasNext(); ) {
      Map.Entry<byte[], byte[]> group = groups.next();
      store.remove(group.getKey());
      size.count(-1, group.getKey().length, group.getValue().length);
    }
    byte[] values = ByteBuffer.allocate(Integer.BYTES).putInt(-id).array();
    for (Iterator<Map.Entry<byte[], byte[]>> entries = store.scan(values); entries.hasNext(); ) {
      Map.Entry<byte[], byte[]> entry = entries.next();
      store.remove(entry.getKey());
      size.hold(-1, entry.getKey().length, entry.getValue().length);
    }
  }

  private byte[] storeKey(byte[] key) {
    return ByteBuffer.allocate(Integer.BYTES + key.length).putInt(id).put(key).array();
  }

  /** What the keys of an index begin with: levels are numbered from 1, so no group's key does. */
  private byte[] valuesPrefix(byte[] group, int aggregate) {
    return ByteBuffer.allocate(3 * Integer.BYTES + group.length)
        .putInt(-id)
        .putInt(group.length)
        .put(group)
        .putInt(aggregate)
        .array();
  }
}
