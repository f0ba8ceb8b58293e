package dev.millrace.state;

import java.io.IOException;
import java.util.AbstractMap.SimpleImmutableEntry;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import java.util.function.Predicate;

/**
 * Records by key in memory. The changes since the last version can be taken back, and then those
 * that made it. Not thread-safe.
 *
 * <p>A record that is replaced or removed stays in its page until another version has followed.
 * Then pages of which too little is in use are let go, and what they have is written to another
 * one.
 */
final class MemoryTable {

  /** Takes changes in the order in which they were made. */
  interface Changes {

    /** A record was put. */
    void put(long address) throws IOException;

    /** The key of a record was removed. */
    void removed(long address) throws IOException;
  }

  private final StoreMemory memory;
  private final Predicate<byte[]> isOrdered;
  private final RecordPages pages;
  private final PointIndex points;
  private final OrderedIndex ordered;
  private ChangeList changes;
  private ChangeList lastChanges;
  private boolean hasLastChanges;
  private long content;
  private long contentAtVersion;
  private long contentBeforeVersion;

  /**
   * An empty table.
   *
   * @param isOrdered as {@link OrderedKeys#contains}
   */
  MemoryTable(StoreMemory memory, Predicate<byte[]> isOrdered) {
    this.memory = memory;
    this.isOrdered = isOrdered;
    this.pages = new RecordPages(memory);
    this.points = new PointIndex(pages, memory);
    this.ordered = new OrderedIndex(pages, memory);
    this.changes = new ChangeList(memory);
    this.lastChanges = new ChangeList(memory);
  }

  private MemoryTable(MemoryTable from) {
    this.memory = StoreMemory.ofCopy();
    this.isOrdered = from.isOrdered;
    this.pages = from.pages.frozen();
    this.points = from.points.frozen(pages);
    this.ordered = from.ordered.frozen(pages);
    this.changes = new ChangeList(memory);
    this.lastChanges = new ChangeList(memory);
    this.content = from.content;
  }

  /** The table as it is now, to be read by another thread while this one changes. */
  MemoryTable frozen() {
    return new MemoryTable(this);
  }

  RecordPages pages() {
    return pages;
  }

  long count() {
    return points.count() + ordered.count();
  }

  /** A sum over all records: the same for equal contents, however they were made. */
  long content() {
    return content;
  }

  /** All records, those that are read in order in their order. */
  void forEach(LongConsumer addresses) {
    ordered.forEach(addresses);
    points.forEach(addresses);
  }

  private RecordIndex index(byte[] key) {
    return isOrdered.test(key) ? ordered : points;
  }

  /** The index of a key that is in bytes. */
  private RecordIndex index(byte[] bytes, int from, int length) {
    return index(Arrays.copyOfRange(bytes, from, from + Math.min(length, OrderedKeys.KIND_BYTES)));
  }

  byte[] get(byte[] key) {
    long address = index(key).find(key, 0, key.length);
    return address == RecordPages.NONE ? null : pages.value(address);
  }

  void put(byte[] key, byte[] value) {
    changes.requireRoom();
    put(key, 0, key.length, pages.append(key, value));
  }

  /** Puts a record that is in bytes. */
  void putRecord(byte[] source, int from) {
    changes.requireRoom();
    long address = pages.append(source, from, RecordPages.size(source, from));
    put(pages.bytes(address), pages.keyStart(address), pages.keyLength(address), address);
  }

  private void put(byte[] key, int from, int length, long address) {
    long before;
    try {
      before = index(key, from, length).put(key, from, length, address);
    } catch (RuntimeException e) {
      // The index would have to grow beyond the limit.
      pages.free(address);
      throw e;
    }
    content += pages.hash(address);
    if (before != RecordPages.NONE) {
      content -= pages.hash(before);
    }
    changes.add(address, before);
  }

  void remove(byte[] key) {
    remove(key, 0, key.length);
  }

  /** Removes a key that is in bytes. */
  void remove(byte[] key, int from, int length) {
    changes.requireRoom();
    long before = index(key, from, length).remove(key, from, length);
    if (before != RecordPages.NONE) {
      content -= pages.hash(before);
      changes.add(RecordPages.NONE, before);
    }
  }

  /**
   * Adds a page of records to a table that has none of their keys.
   *
   * @param page as for {@link RecordPages#adopt}
   */
  void load(byte[] page) {
    int number = pages.adopt(page);
    for (long address = pages.first(number);
        address != RecordPages.NONE;
        address = pages.next(address)) {
      int from = pages.keyStart(address);
      int length = pages.keyLength(address);
      index(page, from, length).put(page, from, length, address);
      content += pages.hash(address);
    }
    contentAtVersion = content;
  }

  /** Makes room for so many keys at once. */
  void expect(long keys) {
    points.expect(keys);
  }

  /** Those with a prefix; those that are read in order in their order. */
  Iterator<Map.Entry<byte[], byte[]>> scan(byte[] prefix) {
    Addresses found = new Addresses();
    if (prefix.length < OrderedKeys.KIND_BYTES || isOrdered.test(prefix)) {
      ordered.forEach(prefix, Long.MAX_VALUE, found);
    }
    if (prefix.length < OrderedKeys.KIND_BYTES || !isOrdered.test(prefix)) {
      points.forEach(
          address -> {
            if (pages.begins(address, prefix)) {
              found.accept(address);
            }
          });
    }
    return found.stream().mapToObj(this::entry).iterator();
  }

  /** The first of all with a prefix, in the order of their keys. */
  List<Map.Entry<byte[], byte[]>> first(byte[] prefix, int max) {
    if (prefix.length >= OrderedKeys.KIND_BYTES && isOrdered.test(prefix)) {
      Addresses found = new Addresses();
      ordered.forEach(prefix, max, found);
      return found.stream().mapToObj(this::entry).toList();
    }
    Addresses all = new Addresses();
    forEach(
        address -> {
          if (pages.begins(address, prefix)) {
            all.accept(address);
          }
        });
    return all.stream()
        .boxed()
        .sorted(
            (one, other) ->
                pages.compareKey(
                    one, pages.bytes(other), pages.keyStart(other), pages.keyLength(other)))
        .limit(max)
        .map(this::entry)
        .toList();
  }

  private Map.Entry<byte[], byte[]> entry(long address) {
    return new SimpleImmutableEntry<>(pages.key(address), pages.value(address));
  }

  /** Shows the changes since the last version. */
  void changes(Changes taker) throws IOException {
    for (int i = 0; i < changes.size(); i++) {
      if (changes.now(i) == RecordPages.NONE) {
        taker.removed(changes.before(i));
      } else {
        taker.put(changes.now(i));
      }
    }
  }

  /** Makes the changes a version. */
  void commit() {
    for (int i = 0; i < lastChanges.size(); i++) {
      if (lastChanges.before(i) != RecordPages.NONE) {
        pages.free(lastChanges.before(i));
      }
    }
    ChangeList free = lastChanges;
    free.clear();
    lastChanges = changes;
    hasLastChanges = true;
    changes = free;
    contentBeforeVersion = contentAtVersion;
    contentAtVersion = content;
    memory.unlimited(this::compact);
    pages.nextBatch();
  }

  /** Takes the changes since the last version back. */
  void rollback() {
    undo(changes);
    content = contentAtVersion;
  }

  /** Whether {@link #revert} is possible: once after a commit. */
  boolean canRevert() {
    return hasLastChanges;
  }

  /** Takes back what made the last version. */
  void revert() {
    undo(lastChanges);
    hasLastChanges = false;
    content = contentBeforeVersion;
    contentAtVersion = content;
  }

  private void undo(ChangeList undone) {
    memory.unlimited(
        () -> {
          for (int i = undone.size() - 1; i >= 0; i--) {
            undo(undone.now(i), undone.before(i));
          }
          undone.clear();
        });
  }

  private void undo(long now, long before) {
    long record = before == RecordPages.NONE ? now : before;
    byte[] bytes = pages.bytes(record);
    int from = pages.keyStart(record);
    int length = pages.keyLength(record);
    RecordIndex index = index(bytes, from, length);
    long current =
        before == RecordPages.NONE
            ? index.remove(bytes, from, length)
            : index.put(bytes, from, length, before);
    if (current != RecordPages.NONE) {
      pages.free(current);
    }
  }

  private void compact() {
    for (int page = pages.sparse(); page >= 0; page = pages.sparse()) {
      pages.visited(page);
      if (!pages.isLetGo(page)) {
        move(page);
      }
    }
  }

  /** Writes the records of a page to another one. */
  private void move(int page) {
    long next;
    for (long address = pages.first(page); address != RecordPages.NONE; address = next) {
      next = pages.next(address);
      byte[] bytes = pages.bytes(address);
      int from = pages.keyStart(address);
      int length = pages.keyLength(address);
      RecordIndex index = index(bytes, from, length);
      if (index.find(bytes, from, length) == address) {
        long moved = pages.append(bytes, RecordPages.offset(address), pages.size(address));
        index.put(bytes, from, length, moved);
        if (pages.free(address)) {
          return;
        }
      }
    }
  }

  /** Gives all memory back; the table is not to be used any more. */
  void close() {
    memory.close();
  }
}
