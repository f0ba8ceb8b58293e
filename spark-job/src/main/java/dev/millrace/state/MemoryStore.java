package dev.millrace.state;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** A version that is in memory. */
final class MemoryStore implements StateStore {

  private final MemoryTable table;
  private final End end;
  private boolean isOver;

  /** What happens to what was written. */
  interface End {

    void commit() throws IOException;

    void abort();
  }

  MemoryStore(MemoryTable table, End end) {
    this.table = table;
    this.end = end;
  }

  private MemoryTable open() {
    if (isOver) {
      throw new IllegalStateException("the store has been committed or aborted");
    }
    return table;
  }

  @Override
  public byte[] get(byte[] key) {
    return open().get(key);
  }

  @Override
  public void put(byte[] key, byte[] value) {
    open().put(key, value);
  }

  @Override
  public void remove(byte[] key) {
    open().remove(key);
  }

  @Override
  public Iterator<Map.Entry<byte[], byte[]>> scan(byte[] prefix) {
    return open().scan(prefix);
  }

  @Override
  public List<Map.Entry<byte[], byte[]>> first(byte[] prefix, int max) {
    return open().first(prefix, max);
  }

  @Override
  public void commit() {
    open();
    try {
      end.commit();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    isOver = true;
  }

  @Override
  public void abort() {
    if (!isOver) {
      isOver = true;
      end.abort();
    }
  }
}
