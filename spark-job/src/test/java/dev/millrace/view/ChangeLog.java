package dev.millrace.view;

import dev.millrace.view.table.TopicEnds;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * A table that is changed, and what a connector makes of it: its rows now, and the changes since
 * the last batch as the decoder hands them on. The key is the first column.
 */
final class ChangeLog {

  static final StructType CHANGE_FIELDS =
      new StructType()
          .add("op", DataTypes.StringType)
          .add("lsn", DataTypes.LongType)
          .add("tx_id", DataTypes.LongType)
          .add("source_ts", DataTypes.TimestampType)
          .add("snapshot", DataTypes.StringType)
          .add("unchanged", DataTypes.createArrayType(DataTypes.StringType, false))
          .add("topic", DataTypes.StringType)
          .add("partition", DataTypes.IntegerType)
          .add("offset", DataTypes.LongType)
          .add("__placeholders", DataTypes.createArrayType(DataTypes.StringType, false));

  private final StructType columns;
  private final int sourcePartitions;
  private final boolean hasLsn;
  private final Map<Object, Object[]> rows = new LinkedHashMap<>();
  private final List<Row> pending = new ArrayList<>();
  private final List<Row> history = new ArrayList<>();
  private final Map<Integer, Long> offsets = new LinkedHashMap<>();
  private final Map<Integer, Long> taken = new LinkedHashMap<>();
  private long lsn = 1000;
  private long snapshotLsn;
  private long transaction = 1;
  private long seconds = 1_700_000_000L;

  ChangeLog(StructType columns, int sourcePartitions) {
    this(columns, sourcePartitions, true);
  }

  /**
   * @param hasLsn whether messages tell the position in Postgres' log
   */
  ChangeLog(StructType columns, int sourcePartitions, boolean hasLsn) {
    this.hasLsn = hasLsn;
    this.columns = columns;
    this.sourcePartitions = sourcePartitions;
  }

  StructType columns() {
    return columns;
  }

  StructType changeType() {
    StructType type = columns;
    for (var field : CHANGE_FIELDS.fields()) {
      type = type.add(field);
    }
    return type;
  }

  /** The rows of the table now. */
  List<Row> rows() {
    return rows.values().stream().map(RowFactory::create).toList();
  }

  List<Object> keys() {
    return new ArrayList<>(rows.keySet());
  }

  Object[] row(Object key) {
    return rows.get(key);
  }

  /** The changes since the last call. */
  List<Row> take() {
    List<Row> all = List.copyOf(pending);
    pending.clear();
    for (int partition = 0; partition < sourcePartitions; partition++) {
      taken.put(partition, end(partition));
    }
    return all;
  }

  /** Those of them in one partition: a batch that has nothing of the others. */
  List<Row> take(int partition) {
    int field = columns.length() + CHANGE_FIELDS.fieldIndex("partition");
    List<Row> found = pending.stream().filter(row -> row.getInt(field) == partition).toList();
    pending.removeAll(found);
    taken.put(partition, end(partition));
    return found;
  }

  /** How far the changes that were taken go, and all changes. */
  TopicEnds ends() {
    Map<Integer, Long> all = new LinkedHashMap<>();
    for (int partition = 0; partition < sourcePartitions; partition++) {
      all.put(partition, end(partition));
    }
    Map<Integer, Long> read = Map.copyOf(taken);
    return new TopicEnds() {
      @Override
      public Map<Integer, Long> ofBatch() {
        return read;
      }

      @Override
      public Map<Integer, Long> highWatermarks() {
        return all;
      }
    };
  }

  private long end(int partition) {
    return offsets.getOrDefault(partition, 0L) + 1;
  }

  /** All changes so far, those of earlier batches too. */
  List<Row> history() {
    return List.copyOf(history);
  }

  boolean hasLsn() {
    return hasLsn;
  }

  long lsn() {
    return lsn;
  }

  void nextTransaction() {
    transaction++;
    seconds++;
  }

  void passDays(int days) {
    seconds += days * 86_400L;
  }

  /** Inserts or updates a row. */
  void put(Object... row) {
    String op = rows.containsKey(row[0]) ? "u" : "c";
    rows.put(row[0], row);
    stream(op, row, null);
  }

  /** Updates a row without its value of a column, as TOAST does. */
  void putWithout(String unchanged, Object... row) {
    Object[] sent = row.clone();
    row[columns.fieldIndex(unchanged)] = rows.get(row[0])[columns.fieldIndex(unchanged)];
    sent[columns.fieldIndex(unchanged)] = null;
    rows.put(row[0], row);
    stream("u", sent, new String[] {unchanged});
  }

  /** Deletes a row; the message has its key alone. */
  void delete(Object key) {
    delete(key, false);
  }

  /**
   * Deletes a row.
   *
   * @param withRow whether the message has the row, as with REPLICA IDENTITY FULL, or its key alone
   */
  void delete(Object key, boolean withRow) {
    Object[] removed = rows.remove(key);
    Object[] row = new Object[columns.length()];
    row[0] = key;
    stream("d", withRow ? removed : row, null);
  }

  void move(Object key, Object newKey) {
    Object[] row = rows.get(key).clone();
    delete(key);
    row[0] = newKey;
    lsn--;
    put(row);
  }

  /**
   * Changes the key of a row. The row under the new key comes without its value of a column, as
   * TOAST does: the table has it, the messages do not.
   */
  void moveWithout(String unchanged, Object key, Object newKey) {
    Object[] row = rows.get(key).clone();
    delete(key);
    row[0] = newKey;
    rows.put(newKey, row);
    Object[] sent = row.clone();
    sent[columns.fieldIndex(unchanged)] = null;
    lsn--;
    stream("c", sent, new String[] {unchanged});
  }

  /** A row that the state can't know: the table is as if it did not have it. */
  void leaveOut(Object key) {
    rows.remove(key);
  }

  /** Sends a new row whose message does not have the field of a column at all. */
  void putWithoutField(String column, Object... row) {
    rows.put(row[0], row);
    int partition = partition(row[0]);
    send(partition, nextOffset(partition), "c", ++lsn, null, row, new String[] {column}, null);
  }

  /** Swaps the keys of two rows within one transaction: each is occupied twice for a moment. */
  void swap(Object one, Object other) {
    nextTransaction();
    Object[] first = rows.get(one).clone();
    Object[] second = rows.get(other).clone();
    first[0] = other;
    second[0] = one;
    rows.put(other, first);
    rows.put(one, second);
    Object[] keyOfOne = new Object[columns.length()];
    keyOfOne[0] = one;
    Object[] keyOfOther = new Object[columns.length()];
    keyOfOther[0] = other;
    stream("d", keyOfOne, null);
    lsn--;
    stream("c", first, null);
    stream("d", keyOfOther, null);
    lsn--;
    stream("c", second, null);
    nextTransaction();
  }

  void truncate(int partition) {
    rows.clear();
    // A truncate waits for whoever reads the table: it comes after every snapshot so far.
    lsn = Math.max(lsn, snapshotLsn) + 1;
    send(partition, "t", lsn, null, new Object[columns.length()], null);
  }

  /** A row that a snapshot read. */
  void snapshot(long snapshotLsn, String snapshot, Object... row) {
    this.snapshotLsn = Math.max(this.snapshotLsn, snapshotLsn);
    send(partition(row[0]), "r", snapshotLsn, snapshot, row, null);
  }

  /** Rows get the values of another one, and nobody sends that. */
  void changeUnseen(List<Object> keys) {
    Object[] other = null;
    for (Object key : keys) {
      Object[] row = rows.get(key);
      if (row != null && other != null) {
        Object[] changed = other.clone();
        changed[0] = key;
        rows.put(key, changed);
      }
      other = row == null ? other : row;
    }
  }

  /**
   * A snapshot of the whole table, its rows marked as Debezium marks them. Transactions that are
   * open commit later, with changes of a lower LSN.
   *
   * @param most how many rows are sent: with fewer than there are it was interrupted
   */
  void snapshotAll(int most) {
    nextTransaction();
    long snapshotLsnOfAll = Math.max(lsn, snapshotLsn) + 4;
    List<Object[]> all = new ArrayList<>(rows.values());
    for (int i = 0; i < Math.min(most, all.size()); i++) {
      String mark = i == all.size() - 1 ? "last" : i == 0 ? "first" : "true";
      snapshot(snapshotLsnOfAll, mark, all.get(i));
    }
    nextTransaction();
  }

  private void stream(String op, Object[] row, String[] unchanged) {
    send(partition(row[0]), op, ++lsn, null, row, unchanged);
  }

  int partition(Object key) {
    return Math.floorMod(key.hashCode(), sourcePartitions);
  }

  /** Sends a change as it is, and leaves the table alone. */
  void send(
      int partition, String op, Long changeLsn, String snapshot, Object[] row, String[] unchanged) {
    send(partition, nextOffset(partition), op, changeLsn, snapshot, row, unchanged);
  }

  void send(
      int partition,
      long offset,
      String op,
      Long changeLsn,
      String snapshot,
      Object[] row,
      String[] unchanged) {
    send(partition, offset, op, changeLsn, snapshot, row, unchanged, unchanged);
  }

  private void send(
      int partition,
      long offset,
      String op,
      Long changeLsn,
      String snapshot,
      Object[] row,
      String[] unchanged,
      String[] placeholders) {
    List<Object> fields = new ArrayList<>(Arrays.asList(row));
    fields.addAll(
        Arrays.asList(
            op,
            hasLsn ? changeLsn : null,
            transaction,
            new Timestamp(seconds * 1000),
            snapshot,
            unchanged,
            "rides",
            partition,
            offset,
            placeholders));
    Row change = RowFactory.create(fields.toArray());
    pending.add(change);
    history.add(change);
  }

  private long nextOffset(int partition) {
    return offsets.merge(partition, 1L, Long::sum);
  }

  /** Sends the last changes again, at later offsets, as a connector does after a crash. */
  void redeliver(List<Row> changes) {
    int width = columns.length();
    for (Row change : changes) {
      Object[] fields = new Object[change.length()];
      for (int i = 0; i < fields.length; i++) {
        fields[i] = change.get(i);
      }
      int partition = (Integer) fields[width + 7];
      fields[width + 8] = nextOffset(partition);
      pending.add(RowFactory.create(fields));
    }
  }

  /** Sends a change again at the offset that it had, as a replay of a dead letter does. */
  void replay(Row change) {
    pending.add(change);
  }
}
