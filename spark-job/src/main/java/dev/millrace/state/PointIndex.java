package dev.millrace.state;

import java.util.function.LongConsumer;
import org.apache.spark.sql.catalyst.expressions.XXH64;
import org.apache.spark.unsafe.Platform;

/**
 * An index that finds a key at once and has no order: a hash table with linear probing, whose slots
 * have an address and as much of the hash as fits.
 */
final class PointIndex implements RecordIndex {

  private static final int HASH_BITS = Long.SIZE - RecordPages.ADDRESS_BITS;
  private static final long ADDRESS_MASK = (1L << RecordPages.ADDRESS_BITS) - 1;
  private static final int MIN_SLOTS = 1 << 9;
  private static final int MAX_SLOTS = 1 << HASH_BITS;

  private final RecordPages pages;
  private final RecordPages.Memory memory;
  private long[] slots;
  private int count;

  PointIndex(RecordPages pages, RecordPages.Memory memory) {
    this.pages = pages;
    this.memory = memory;
    this.slots = slots(MIN_SLOTS);
  }

  private PointIndex(RecordPages pages, long[] slots, int count) {
    this.pages = pages;
    this.memory = bytes -> {};
    this.slots = slots;
    this.count = count;
  }

  private long[] slots(int length) {
    memory.take((long) length * Long.BYTES);
    return new long[length];
  }

  /** The same index as it is now, over a copy of the list of pages. */
  PointIndex frozen(RecordPages frozen) {
    return new PointIndex(frozen, slots.clone(), count);
  }

  /** Makes room for so many keys at once. */
  void expect(long keys) {
    int length = slots.length;
    while (length < MAX_SLOTS && isFull(keys, length)) {
      length *= 2;
    }
    if (length > slots.length) {
      resize(length);
    }
  }

  private static boolean isFull(long keys, int length) {
    return keys > length / 4 * 3L;
  }

  @Override
  public long find(byte[] key, int from, int length) {
    return slots[slot(key, from, length, hash(key, from, length))] & ADDRESS_MASK;
  }

  /** The slot of a key, or the empty one where it belongs. */
  private int slot(byte[] key, int from, int length, int hash) {
    int mask = slots.length - 1;
    for (int slot = hash & mask; ; slot = (slot + 1) & mask) {
      long found = slots[slot];
      if (found == RecordPages.NONE
          || (hash(found) == hash && pages.hasKey(found & ADDRESS_MASK, key, from, length))) {
        return slot;
      }
    }
  }

  private static int hash(byte[] key, int from, int length) {
    long hash = XXH64.hashUnsafeBytes(key, Platform.BYTE_ARRAY_OFFSET + (long) from, length, 42);
    return (int) (hash >>> RecordPages.ADDRESS_BITS);
  }

  private static int hash(long slot) {
    return (int) (slot >>> RecordPages.ADDRESS_BITS);
  }

  @Override
  public long put(byte[] key, int from, int length, long address) {
    if (isFull(count + 1L, slots.length) && slots.length < MAX_SLOTS) {
      resize(2 * slots.length);
    }
    int hash = hash(key, from, length);
    int slot = slot(key, from, length, hash);
    long before = slots[slot] & ADDRESS_MASK;
    slots[slot] = ((long) hash << RecordPages.ADDRESS_BITS) | address;
    if (before == RecordPages.NONE) {
      count++;
    }
    return before;
  }

  private void resize(int length) {
    long[] old = slots;
    slots = slots(length);
    for (long each : old) {
      if (each != RecordPages.NONE) {
        int slot = hash(each) & (length - 1);
        while (slots[slot] != RecordPages.NONE) {
          slot = (slot + 1) & (length - 1);
        }
        slots[slot] = each;
      }
    }
    memory.take(-(long) old.length * Long.BYTES);
  }

  @Override
  public long remove(byte[] key, int from, int length) {
    int slot = slot(key, from, length, hash(key, from, length));
    long before = slots[slot] & ADDRESS_MASK;
    if (before != RecordPages.NONE) {
      count--;
      close(slot);
    }
    return before;
  }

  /** Moves what follows an emptied slot, so that every key is found without a gap before it. */
  private void close(int emptied) {
    int mask = slots.length - 1;
    int gap = emptied;
    for (int slot = (gap + 1) & mask; slots[slot] != RecordPages.NONE; slot = (slot + 1) & mask) {
      int distance = (slot - hash(slots[slot])) & mask;
      if (distance >= ((slot - gap) & mask)) {
        slots[gap] = slots[slot];
        gap = slot;
      }
    }
    slots[gap] = RecordPages.NONE;
  }

  @Override
  public long count() {
    return count;
  }

  @Override
  public void forEach(LongConsumer addresses) {
    for (long each : slots) {
      if (each != RecordPages.NONE) {
        addresses.accept(each & ADDRESS_MASK);
      }
    }
  }
}
