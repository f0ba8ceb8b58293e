package dev.millrace.state;

import java.util.Arrays;
import org.apache.spark.sql.catalyst.expressions.XXH64;
import org.apache.spark.unsafe.Platform;

/**
 * Records, keys and values, one after the other in large arrays. A record has an address, and stays
 * as it was written until its page is let go; what was freed is never written over. A copy of the
 * list of pages therefore shows one moment for as long as it is used. Not thread-safe.
 *
 * <p>A record is the length of its key, that of its value, both as variable-length numbers, the key
 * and the value.
 */
final class RecordPages {

  /** No record has this address. */
  static final long NONE = 0;

  /** How many bits an address has. */
  static final int ADDRESS_BITS = 36;

  /** What a page takes at most, unless it has one larger record. */
  static final int PAGE_BYTES = (1 << 22) - 16;

  private static final int OFFSET_BITS = 22;
  private static final int OFFSET_MASK = (1 << OFFSET_BITS) - 1;
  private static final int MAX_PAGES = 1 << (ADDRESS_BITS - OFFSET_BITS);
  private static final int MIN_PAGE_BYTES = 1 << 14;
  private static final int MAX_LENGTH_BYTES = 5;

  /** The first byte of a page is not used, so that no record has the address 0. */
  private static final int FIRST = 1;

  /** Is asked for the memory of a page, and told when it is let go. */
  interface Memory {

    /** Takes or, below 0, gives back memory; throws where it is too much. */
    void take(long bytes);
  }

  private final Memory memory;
  private byte[][] pages = new byte[4][];

  /** How far a page is written, and how many bytes of it are in use. */
  private int[] ends = new int[4];

  private int[] used = new int[4];

  /** The batch that wrote to a page last. */
  private long[] batches = new long[4];

  private int count;
  private int head = -1;
  private long batch;
  private long allocatedBytes;
  private long usedBytes;

  RecordPages(Memory memory) {
    this.memory = memory;
  }

  /** The same records as they are now, to be read while this one is written to. */
  RecordPages frozen() {
    RecordPages frozen = new RecordPages(bytes -> {});
    frozen.pages = pages.clone();
    frozen.ends = ends.clone();
    frozen.used = used.clone();
    frozen.batches = batches.clone();
    frozen.count = count;
    frozen.batch = batch;
    frozen.allocatedBytes = allocatedBytes;
    frozen.usedBytes = usedBytes;
    return frozen;
  }

  /** What is appended from now on belongs to another batch. */
  void nextBatch() {
    batch++;
  }

  long append(byte[] key, byte[] value) {
    int size = size(key.length, value.length);
    int at = place(size);
    byte[] page = pages[head];
    int next = writeLength(page, at, key.length);
    next = writeLength(page, next, value.length);
    System.arraycopy(key, 0, page, next, key.length);
    System.arraycopy(value, 0, page, next + key.length, value.length);
    return appended(at, size);
  }

  /** Appends a record that is in bytes. */
  long append(byte[] source, int from, int size) {
    int at = place(size);
    System.arraycopy(source, from, pages[head], at, size);
    return appended(at, size);
  }

  private long appended(int at, int size) {
    ends[head] = at + size;
    batches[head] = batch;
    used[head] += size;
    usedBytes += size;
    return ((long) head << OFFSET_BITS) | at;
  }

  /** Where the next record goes in the page {@link #head}. */
  private int place(int size) {
    if (head < 0 || pages[head].length - ends[head] < size) {
      long usual = Math.max(MIN_PAGE_BYTES, Math.min(PAGE_BYTES, allocatedBytes / 4));
      head = add(new byte[reserved(Math.max(usual, (long) size + FIRST))], FIRST);
    }
    return ends[head];
  }

  private int reserved(long bytes) {
    memory.take(bytes);
    return Math.toIntExact(bytes);
  }

  /**
   * Adds a page of records.
   *
   * @param page the records, from its second byte on
   * @return the number of the page
   */
  int adopt(byte[] page) {
    memory.take(page.length);
    int number = add(page, page.length);
    used[number] = page.length - FIRST;
    usedBytes += page.length - FIRST;
    return number;
  }

  private int add(byte[] page, int end) {
    int number = 0;
    while (number < count && pages[number] != null) {
      number++;
    }
    if (number == MAX_PAGES) {
      memory.take(-page.length);
      throw new IllegalStateException("a partition of the state has more than 64 GB");
    }
    if (number == pages.length) {
      int length = 2 * pages.length;
      pages = Arrays.copyOf(pages, length);
      ends = Arrays.copyOf(ends, length);
      used = Arrays.copyOf(used, length);
      batches = Arrays.copyOf(batches, length);
    }
    count = Math.max(count, number + 1);
    pages[number] = page;
    ends[number] = end;
    used[number] = 0;
    batches[number] = batch;
    allocatedBytes += page.length;
    return number;
  }

  /**
   * A record is no longer needed; once that is so of all records of a page, it is let go.
   *
   * @return whether it was let go
   */
  boolean free(long address) {
    int page = page(address);
    int size = size(address);
    used[page] -= size;
    usedBytes -= size;
    boolean isUnused = used[page] == 0 && page != head;
    if (isUnused) {
      letGo(page);
    }
    return isUnused;
  }

  private void letGo(int page) {
    allocatedBytes -= pages[page].length;
    memory.take(-pages[page].length);
    pages[page] = null;
  }

  /**
   * The page with the smallest part in use, the one that is written and those that the last batch
   * wrote apart; below 0 if too little would be won by writing its records elsewhere.
   */
  int sparse() {
    long headBytes = head < 0 ? 0 : pages[head].length - ends[head];
    if (allocatedBytes - headBytes - usedBytes <= Math.max(2 * MIN_PAGE_BYTES, usedBytes / 3)) {
      return -1;
    }
    int found = -1;
    double lowest = 0.9;
    for (int page = 0; page < count; page++) {
      if (pages[page] != null && page != head && batches[page] < batch) {
        double part = (double) used[page] / pages[page].length;
        if (part < lowest) {
          lowest = part;
          found = page;
        }
      }
    }
    return found;
  }

  /** Lets go of a page of which nothing is in use; whether that is so. */
  boolean isLetGo(int page) {
    if (used[page] > 0) {
      return false;
    }
    letGo(page);
    return true;
  }

  /** Has {@link #sparse} not return a page before the next batch. */
  void visited(int page) {
    batches[page] = batch;
  }

  /** The address of the first record of a page. */
  long first(int page) {
    return ((long) page << OFFSET_BITS) | FIRST;
  }

  /** The address of the record that follows in a page; {@link #NONE} after the last one. */
  long next(long address) {
    int end = offset(address) + size(address);
    int page = page(address);
    return end >= ends[page] ? NONE : ((long) page << OFFSET_BITS) | end;
  }

  byte[] bytes(long address) {
    return pages[page(address)];
  }

  static int offset(long address) {
    return (int) address & OFFSET_MASK;
  }

  private static int page(long address) {
    return (int) (address >>> OFFSET_BITS);
  }

  /** Of the whole record. */
  int size(long address) {
    return size(bytes(address), offset(address));
  }

  /** Of a whole record in bytes. */
  static int size(byte[] bytes, int at) {
    int keyLength = length(bytes, at);
    return size(keyLength, length(bytes, at + lengthBytes(keyLength)));
  }

  static int size(int keyLength, int valueLength) {
    return lengthBytes(keyLength) + lengthBytes(valueLength) + keyLength + valueLength;
  }

  /** Where a record's key begins in {@link #bytes}. */
  int keyStart(long address) {
    return keyStart(bytes(address), offset(address));
  }

  /** Where the key of a record begins in bytes. */
  static int keyStart(byte[] bytes, int at) {
    int afterKeyLength = at + lengthBytes(length(bytes, at));
    return afterKeyLength + lengthBytes(length(bytes, afterKeyLength));
  }

  int keyLength(long address) {
    return length(bytes(address), offset(address));
  }

  byte[] key(long address) {
    int start = keyStart(address);
    return Arrays.copyOfRange(bytes(address), start, start + keyLength(address));
  }

  byte[] value(long address) {
    return Arrays.copyOfRange(
        bytes(address), keyStart(address) + keyLength(address), offset(address) + size(address));
  }

  boolean hasKey(long address, byte[] key, int from, int length) {
    byte[] page = bytes(address);
    int at = offset(address);
    if (length(page, at) != length) {
      return false;
    }
    int start = keyStart(address);
    return Arrays.equals(page, start, start + length, key, from, from + length);
  }

  /** Whether the record's key begins with a prefix. */
  boolean begins(long address, byte[] prefix) {
    int start = keyStart(address);
    return keyLength(address) >= prefix.length
        && Arrays.equals(bytes(address), start, start + prefix.length, prefix, 0, prefix.length);
  }

  /** As {@link Arrays#compareUnsigned(byte[], byte[])} of the record's key and another one. */
  int compareKey(long address, byte[] key, int from, int length) {
    int start = keyStart(address);
    return Arrays.compareUnsigned(
        bytes(address), start, start + keyLength(address), key, from, from + length);
  }

  /** A hash of key and value; the sum of those of all records tells contents apart. */
  long hash(long address) {
    return XXH64.hashUnsafeBytes(
        bytes(address), Platform.BYTE_ARRAY_OFFSET + offset(address), size(address), 42);
  }

  static int lengthBytes(int length) {
    int bytes = 1;
    for (int rest = length >>> 7; rest != 0; rest >>>= 7) {
      bytes++;
    }
    return bytes;
  }

  static int length(byte[] bytes, int at) {
    int length = bytes[at] & 0x7f;
    for (int i = 1; bytes[at + i - 1] < 0 && i < MAX_LENGTH_BYTES; i++) {
      length |= (bytes[at + i] & 0x7f) << (7 * i);
    }
    return length;
  }

  static int writeLength(byte[] bytes, int at, int length) {
    int next = at;
    int rest = length;
    while (rest > 0x7f) {
      bytes[next++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[next++] = (byte) rest;
    return next;
  }
}
