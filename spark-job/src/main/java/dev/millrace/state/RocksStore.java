package dev.millrace.state;

import java.util.AbstractMap.SimpleImmutableEntry;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.execution.streaming.state.ByteArrayPair;
import org.apache.spark.sql.execution.streaming.state.RocksDB;
import org.apache.spark.util.NextIterator;

/** A loaded version of a native store. */
final class RocksStore implements StateStore {

  private final RocksDB database;
  private final Runnable giveUp;
  private boolean isOver;

  /**
   * @param giveUp drops what was written
   */
  RocksStore(RocksDB database, Runnable giveUp) {
    this.database = database;
    this.giveUp = giveUp;
  }

  @Override
  public byte[] get(byte[] key) {
    return database.get(key);
  }

  @Override
  public void put(byte[] key, byte[] value) {
    database.put(key, value);
  }

  @Override
  public void remove(byte[] key) {
    database.remove(key);
  }

  @Override
  public Iterator<Map.Entry<byte[], byte[]>> scan(byte[] prefix) {
    return entries(database.prefixScan(prefix));
  }

  @Override
  public List<Map.Entry<byte[], byte[]>> first(byte[] prefix, int max) {
    scala.collection.Iterator<ByteArrayPair> pairs = database.prefixScan(prefix);
    List<Map.Entry<byte[], byte[]>> first = new ArrayList<>();
    for (Iterator<Map.Entry<byte[], byte[]>> entries = entries(pairs);
        first.size() < max && entries.hasNext(); ) {
      first.add(entries.next());
    }
    if (pairs instanceof NextIterator<?> open) {
      open.closeIfNeeded();
    }
    return first;
  }

  private static Iterator<Map.Entry<byte[], byte[]>> entries(
      scala.collection.Iterator<ByteArrayPair> pairs) {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return pairs.hasNext();
      }

      @Override
      public Map.Entry<byte[], byte[]> next() {
        ByteArrayPair pair = pairs.next();
        return new SimpleImmutableEntry<>(pair.key(), pair.value());
      }
    };
  }

  @Override
  public void commit() {
    database.commit();
    isOver = true;
  }

  @Override
  public void abort() {
    if (!isOver) {
      isOver = true;
      giveUp.run();
    }
  }
}
