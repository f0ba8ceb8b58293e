package dev.millrace.view;

import dev.millrace.state.StateStore;
import dev.millrace.view.plan.BatchTime;
import dev.millrace.view.table.TableFold;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.OptionalLong;

/**
 * When the views make something else of a row of the table because time passes; in the store of the
 * table's rows. Times are microseconds since 1970. Executor only, for one task.
 *
 * <p>A row has at most one entry for each view: the first moment after the time of the last batch.
 */
public final class Schedule {

  /** Tags of keys, after those of {@link TableFold}. */
  private static final byte TIME = 5;

  private static final byte MOMENT = 6;

  /** So many entries are read at once. */
  private static final int CHUNK = 1_000;

  private final StateStore store;
  private final byte table;

  /**
   * @param table the table's number in the store
   */
  Schedule(StateStore store, int table) {
    this.store = store;
    this.table = (byte) table;
  }

  /** The time of the last batch with a view that depends on it; empty before the first one. */
  OptionalLong time() {
    byte[] time = store.get(new byte[] {table, TIME});
    return time == null ? OptionalLong.empty() : OptionalLong.of(ByteBuffer.wrap(time).getLong());
  }

  void time(long micros) {
    store.put(new byte[] {table, TIME}, ByteBuffer.allocate(Long.BYTES).putLong(micros).array());
  }

  /** As {@link dev.millrace.state.OrderedKeys}. */
  static boolean isOrdered(byte[] key) {
    return key.length > 1 && key[1] == MOMENT;
  }

  /**
   * Moves the entry of a row.
   *
   * @param key of the row
   * @param before where it was, {@link BatchTime#NEVER} for nowhere
   * @param after where it is now
   */
  void move(int viewId, byte[] key, long before, long after) {
    if (before == after) {
      return;
    }
    if (before != BatchTime.NEVER) {
      store.remove(entry(viewId, before, key));
    }
    if (after != BatchTime.NEVER) {
      store.put(entry(viewId, after, key), new byte[0]);
    }
  }

  /** The keys of the rows whose moment has come, which are taken out of the schedule. */
  Iterator<byte[]> due(int viewId, long micros) {
    return new Iterator<>() {
      private final List<byte[]> found = new ArrayList<>();
      private boolean isEnd;

      @Override
      public boolean hasNext() {
        if (found.isEmpty() && !isEnd) {
          read();
        }
        return !found.isEmpty();
      }

      @Override
      public byte[] next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        return found.remove(found.size() - 1);
      }

      private void read() {
        List<Map.Entry<byte[], byte[]>> first = store.first(prefix(viewId), CHUNK);
        isEnd = first.size() < CHUNK;
        for (Map.Entry<byte[], byte[]> each : first) {
          if (micros(each.getKey()) > micros) {
            isEnd = true;
            return;
          }
          store.remove(each.getKey());
          found.add(key(each.getKey()));
        }
      }
    };
  }

  /** The first moment; empty where time changes no row of the view. */
  OptionalLong next(int viewId) {
    return store.first(prefix(viewId), 1).stream()
        .mapToLong(entry -> micros(entry.getKey()))
        .findFirst();
  }

  /** Forgets a view. */
  void remove(int viewId) {
    for (Iterator<byte[]> all = due(viewId, BatchTime.NEVER); all.hasNext(); ) {
      all.next();
    }
  }

  private byte[] prefix(int viewId) {
    return ByteBuffer.allocate(2 + Integer.BYTES).put(table).put(MOMENT).putInt(viewId).array();
  }

  private byte[] entry(int viewId, long micros, byte[] key) {
    byte[] prefix = prefix(viewId);
    return ByteBuffer.allocate(prefix.length + Long.BYTES + key.length)
        .put(prefix)
        .putLong(micros ^ Long.MIN_VALUE)
        .put(key)
        .array();
  }

  private static long micros(byte[] entry) {
    return ByteBuffer.wrap(entry).getLong(2 + Integer.BYTES) ^ Long.MIN_VALUE;
  }

  private static byte[] key(byte[] entry) {
    return Arrays.copyOfRange(entry, 2 + Integer.BYTES + Long.BYTES, entry.length);
  }
}
