package dev.millrace.view.table;

import java.nio.ByteBuffer;

/**
 * How large a partition of a store is, kept with its entries so that nobody has to count them. Not
 * thread-safe.
 */
public final class StoreSize {

  private long entries;
  private long bytes;
  private boolean isChanged;

  /** Reads what {@link #write} wrote; an empty store where there is none. */
  public static StoreSize read(byte[] written) {
    StoreSize size = new StoreSize();
    if (written != null) {
      ByteBuffer in = ByteBuffer.wrap(written);
      size.entries = in.getLong();
      size.bytes = in.getLong();
    }
    return size;
  }

  public byte[] write() {
    return ByteBuffer.allocate(2 * Long.BYTES).putLong(entries).putLong(bytes).array();
  }

  /** An entry was put that the store did not have, or removed where {@code sign} is -1. */
  public void count(int sign, long keyBytes, long valueBytes) {
    entries += sign;
    hold(sign, keyBytes, valueBytes);
  }

  /** The same for what takes space and is not counted as an entry. */
  public void hold(int sign, long keyBytes, long valueBytes) {
    bytes += sign * (keyBytes + valueBytes);
    isChanged = true;
  }

  public long entries() {
    return entries;
  }

  /** Of keys and values, before the store compresses them. */
  public long bytes() {
    return bytes;
  }

  public boolean isChanged() {
    return isChanged;
  }
}
