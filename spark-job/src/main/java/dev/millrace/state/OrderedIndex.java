package dev.millrace.state;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongConsumer;

/** An index in the order of the keys: a list of short sorted arrays of addresses. */
final class OrderedIndex implements RecordIndex {

  private static final int CHUNK = 256;

  private final RecordPages pages;
  private final RecordPages.Memory memory;
  private final List<Chunk> chunks;
  private long count;

  private static final class Chunk {

    private final long[] addresses = new long[CHUNK];
    private int size;

    private Chunk copy() {
      Chunk copy = new Chunk();
      System.arraycopy(addresses, 0, copy.addresses, 0, size);
      copy.size = size;
      return copy;
    }
  }

  OrderedIndex(RecordPages pages, RecordPages.Memory memory) {
    this(pages, memory, new ArrayList<>(), 0);
  }

  private OrderedIndex(
      RecordPages pages, RecordPages.Memory memory, List<Chunk> chunks, long count) {
    this.pages = pages;
    this.memory = memory;
    this.chunks = chunks;
    this.count = count;
  }

  /** The same index as it is now, over a copy of the list of pages. */
  OrderedIndex frozen(RecordPages frozen) {
    List<Chunk> copies = new ArrayList<>(chunks.size());
    chunks.forEach(chunk -> copies.add(chunk.copy()));
    return new OrderedIndex(frozen, bytes -> {}, copies, count);
  }

  @Override
  public long find(byte[] key, int from, int length) {
    int chunk = chunk(key, from, length);
    if (chunk < 0) {
      return RecordPages.NONE;
    }
    int place = place(chunks.get(chunk), key, from, length);
    return place < 0 ? RecordPages.NONE : chunks.get(chunk).addresses[place];
  }

  /** The last chunk whose first key is not above a key; below 0 if there is none. */
  private int chunk(byte[] key, int from, int length) {
    int low = 0;
    int high = chunks.size() - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      if (pages.compareKey(chunks.get(middle).addresses[0], key, from, length) <= 0) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return high;
  }

  /** As {@link Arrays#binarySearch} of the keys of a chunk. */
  private int place(Chunk chunk, byte[] key, int from, int length) {
    int low = 0;
    int high = chunk.size - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      int compared = pages.compareKey(chunk.addresses[middle], key, from, length);
      if (compared == 0) {
        return middle;
      }
      if (compared < 0) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return -(low + 1);
  }

  @Override
  public long put(byte[] key, int from, int length, long address) {
    int number = Math.max(0, chunk(key, from, length));
    if (chunks.isEmpty()) {
      add(0, new Chunk());
    }
    Chunk chunk = chunks.get(number);
    int place = place(chunk, key, from, length);
    if (place >= 0) {
      long before = chunk.addresses[place];
      chunk.addresses[place] = address;
      return before;
    }
    place = -(place + 1);
    if (chunk.size == CHUNK) {
      // Keys that come in order fill whole chunks.
      int kept = place == CHUNK ? CHUNK : CHUNK / 2;
      Chunk next = new Chunk();
      System.arraycopy(chunk.addresses, kept, next.addresses, 0, CHUNK - kept);
      next.size = CHUNK - kept;
      add(number + 1, next);
      chunk.size = kept;
      if (place >= kept) {
        chunk = next;
        place -= kept;
      }
    }
    System.arraycopy(chunk.addresses, place, chunk.addresses, place + 1, chunk.size - place);
    chunk.addresses[place] = address;
    chunk.size++;
    count++;
    return RecordPages.NONE;
  }

  private void add(int number, Chunk chunk) {
    memory.take((long) CHUNK * Long.BYTES);
    chunks.add(number, chunk);
  }

  @Override
  public long remove(byte[] key, int from, int length) {
    int number = chunk(key, from, length);
    int place = number < 0 ? -1 : place(chunks.get(number), key, from, length);
    if (place < 0) {
      return RecordPages.NONE;
    }
    Chunk chunk = chunks.get(number);
    long before = chunk.addresses[place];
    System.arraycopy(chunk.addresses, place + 1, chunk.addresses, place, chunk.size - place - 1);
    chunk.size--;
    count--;
    if (chunk.size == 0) {
      chunks.remove(number);
      memory.take(-(long) CHUNK * Long.BYTES);
    } else {
      join(number);
    }
    return before;
  }

  /** Joins a chunk that has become small with the next one. */
  private void join(int number) {
    Chunk chunk = chunks.get(number);
    if (number + 1 == chunks.size() || chunk.size + chunks.get(number + 1).size > CHUNK / 2) {
      return;
    }
    Chunk next = chunks.remove(number + 1);
    System.arraycopy(next.addresses, 0, chunk.addresses, chunk.size, next.size);
    chunk.size += next.size;
    memory.take(-(long) CHUNK * Long.BYTES);
  }

  /** Shows at most so many keys with a prefix, in their order. */
  void forEach(byte[] prefix, long max, LongConsumer addresses) {
    long shown = 0;
    for (int number = Math.max(0, chunk(prefix, 0, prefix.length));
        number < chunks.size();
        number++) {
      Chunk chunk = chunks.get(number);
      int place = place(chunk, prefix, 0, prefix.length);
      for (int i = place < 0 ? -(place + 1) : place; i < chunk.size; i++) {
        if (shown == max || !pages.begins(chunk.addresses[i], prefix)) {
          return;
        }
        addresses.accept(chunk.addresses[i]);
        shown++;
      }
    }
  }

  @Override
  public long count() {
    return count;
  }

  @Override
  public void forEach(LongConsumer addresses) {
    for (Chunk chunk : chunks) {
      for (int i = 0; i < chunk.size; i++) {
        addresses.accept(chunk.addresses[i]);
      }
    }
  }
}
