package dev.millrace.state;

import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * One partition of a store, opened at a version: keys and values are bytes, keys are ordered as
 * unsigned bytes. Executor only; for one task.
 *
 * <p>Reads see what this task has written. Nothing of it lasts before {@link #commit}; a task that
 * ends without it leaves the version that it opened as it was.
 */
public interface StateStore {

  /** The value of a key; null if the store does not have it. The array is the caller's. */
  byte[] get(byte[] key);

  /** Sets the value of a key. */
  void put(byte[] key, byte[] value);

  /** Removes a key, whether it is there or not. */
  void remove(byte[] key);

  /**
   * The entries whose keys begin with {@code prefix}. Those that are {@link OrderedKeys} are in the
   * order of their keys; the others may be in any order. Writes to the store while the scan is open
   * may or may not be seen by it.
   */
  Iterator<Map.Entry<byte[], byte[]>> scan(byte[] prefix);

  /**
   * The first of these entries in the order of their keys, at most {@code max}; where they are not
   * {@link OrderedKeys}, that reads the whole store. Unlike a scan that is not read to its end, it
   * holds no memory of the store until the task ends.
   */
  List<Map.Entry<byte[], byte[]>> first(byte[] prefix, int max);

  /** Makes what was written the next version. To be called once, as the last call. */
  void commit();

  /** Drops what was written. Does nothing after {@link #commit}. */
  void abort();
}
