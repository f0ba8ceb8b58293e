package dev.millrace.view.table;

import dev.millrace.state.StateStore;
import dev.millrace.view.Schedule;
import dev.millrace.view.table.Snapshots.Snapshot;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.function.BiConsumer;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;

/**
 * Folds the changes of a batch into one partition of the table's state: the newest image of each
 * key. Tells its listener of each key whose row is another one afterwards, once, with the row
 * before the batch and after it. Executor only, for one task.
 *
 * <pre>
 *   state  7: fare 18           batch  u 7 fare 19,  u 7 fare 20,  c 8 fare 5,  d 8
 *   told   7: fare 18 -> fare 20
 * </pre>
 */
public final class TableFold {

  /** Learns what the fold changes. Rows are those of {@link TableLayout#rowType}. */
  public interface Listener {

    /**
     * The row of a key is another one.
     *
     * @param before null where the table did not have the row
     * @param after null where it does not have it any more
     */
    void changed(byte[] key, UnsafeRow before, UnsafeRow after);

    /** A change, a row of {@link TableLayout#changeColumns}, was not applied and never will be. */
    void rejected(byte[] key, Rejection reason, UnsafeRow change);

    /** An update of its key, one of {@link Moves#wanted}, removed a row. */
    void removed(Moves.Move move, UnsafeRow row);

    /** A snapshot of an older server began: the LSNs seen so far mean nothing. */
    void restored(int partition, long offset);
  }

  /** Why a change was not applied. */
  public enum Rejection {
    /** A column of the key is null. */
    NULL_KEY,
    /** It was replayed after its key could have been deleted and forgotten. */
    TOO_OLD,
    /**
     * Postgres did not send a value that the update left as it was, and the state lacks the row.
     */
    UNKNOWN_VALUE,
    /**
     * Postgres did not send a value that the update left as it was, and the update changed the key:
     * it is in the row under the old key, which the create does not name. The key has no row until
     * a change has all its values.
     */
    UNKNOWN_MOVED_VALUE
  }

  /** Tags of keys; {@link Schedule} has the next ones. */
  private static final byte POSITIONS = 0;

  private static final byte ROW = 1;
  private static final byte TOMBSTONE = 2;
  private static final byte SIZE = 3;
  private static final byte SNAPSHOTS = 4;

  private final StateStore store;
  private final TableLayout layout;
  private final byte table;
  private final Moves moves;
  private final Listener listener;
  private final TableKey tableKey;
  private final DataType[] types;
  private final UnsafeProjection stateRow;
  private final JoinedRow joined = new JoinedRow();
  private final int columnCount;
  private final StoreSize size;
  private final BatchEnds ends;
  private final int partition;
  private boolean awaitsEnds;
  private long missedDeletes = -1;

  /**
   * Prepares to fold.
   *
   * @param table the table's number in the store
   * @param moves what is known of rows whose key changes
   * @param ends how far the batch and the topic go
   * @param partition the number of this partition of the state
   */
  public TableFold(
      StateStore store,
      TableLayout layout,
      int table,
      Moves moves,
      BatchEnds ends,
      int partition,
      Listener listener) {
    this.ends = ends;
    this.partition = partition;
    this.store = store;
    this.layout = layout;
    this.table = (byte) table;
    this.moves = moves;
    this.listener = listener;
    this.tableKey = new TableKey(layout, TableLayout.CHANGE_FIELDS);
    this.columnCount = layout.columns().length();
    this.types =
        Arrays.stream(layout.columns().fields())
            .map(StructField::dataType)
            .toArray(DataType[]::new);
    this.stateRow = UnsafeProjection.create(layout.rowType());
    this.size = storedSize();
  }

  /** As {@link dev.millrace.state.OrderedKeys}. */
  public static boolean isOrdered(byte[] key) {
    return key.length > 1 && key[1] == TOMBSTONE;
  }

  /** Folds all changes of the batch; the rows may be reused by their iterator. */
  public void fold(Iterator<InternalRow> changes) {
    Snapshots snapshots = Snapshots.read(store.get(key(SNAPSHOTS, new byte[0])));
    SourcePositions positions = SourcePositions.read(store.get(key(POSITIONS, new byte[0])));
    Map<ByteBuffer, List<UnsafeRow>> byKey = new HashMap<>();
    boolean isTruncated = false;
    List<UnsafeRow> seen = new ArrayList<>();
    while (changes.hasNext()) {
      UnsafeRow change = ((UnsafeRow) changes.next()).copy();
      if (Snapshots.isRow(change)) {
        snapshots.saw(change);
        if (isOfAnotherPartition(change)) {
          continue;
        }
      }
      seen.add(change);
      if (isTruncate(change)) {
        isTruncated |=
            positions.truncated(
                change.getInt(TableLayout.PARTITION),
                change.getLong(TableLayout.OFFSET),
                TableRow.optional(change, TableLayout.LSN));
      } else {
        byte[] key = tableKey.of(change);
        if (key == null) {
          reject(new byte[0], Rejection.NULL_KEY, change);
        } else {
          byKey.computeIfAbsent(ByteBuffer.wrap(key), first -> new ArrayList<>(1)).add(change);
        }
      }
    }
    List<Snapshot> due = due(snapshots);
    for (Map.Entry<ByteBuffer, List<UnsafeRow>> entry : byKey.entrySet()) {
      foldKey(Expressions.bytes(entry.getKey()), entry.getValue(), positions, isTruncated, due);
    }
    if (isTruncated) {
      removeTruncated(positions, byKey);
    }
    if (!due.isEmpty()) {
      removeMissed(due, byKey);
    }
    if (snapshots.isChanged()) {
      store.put(key(SNAPSHOTS, new byte[0]), snapshots.write());
    }
    for (UnsafeRow change : seen) {
      positions.saw(
          change.getInt(TableLayout.PARTITION),
          change.getLong(TableLayout.OFFSET),
          TableRow.optional(change, TableLayout.SOURCE_TS));
    }
    if (!seen.isEmpty()) {
      forgetTombstones(seen, positions);
      store.put(key(POSITIONS, new byte[0]), positions.write());
    }
    if (size.isChanged()) {
      store.put(key(SIZE, new byte[0]), size.write());
    }
  }

  /** The snapshots whose rows have all been read with this batch. */
  private List<Snapshot> due(Snapshots snapshots) {
    if (!ends.areKnown()) {
      return List.of();
    }
    if (snapshots.lacksHighWatermarks()) {
      if (ends.highWatermarks().isEmpty()) {
        awaitsEnds = true;
        return List.of();
      }
      snapshots.highWatermarks(ends.highWatermarks());
    }
    List<Snapshot> due = snapshots.due(ends.ofBatch());
    if (!due.isEmpty()) {
      missedDeletes = 0;
    }
    return due;
  }

  /** Every partition of the state gets the first and last rows of snapshots, for their marks. */
  private boolean isOfAnotherPartition(UnsafeRow change) {
    byte[] key = tableKey.of(change);
    return partition != (key == null ? 0 : TableKey.partition(key, layout.partitions()));
  }

  /** Whether the batch has the last row of a snapshot, and how far the topic goes is not known. */
  public boolean awaitsEnds() {
    return awaitsEnds;
  }

  /** How many rows were removed as a snapshot does not have them; empty if none was applied. */
  public OptionalLong missedDeletes() {
    return missedDeletes < 0 ? OptionalLong.empty() : OptionalLong.of(missedDeletes);
  }

  private StoreSize storedSize() {
    byte[] written = store.get(key(SIZE, new byte[0]));
    StoreSize found = StoreSize.read(written);
    if (written == null) {
      // A state of a version that did not keep its size, or a new one, which has nothing to count.
      store
          .scan(key(ROW, new byte[0]))
          .forEachRemaining(
              entry -> {
                if (row(entry.getValue()).getBoolean(0)) {
                  found.count(1, entry.getKey().length, entry.getValue().length);
                } else {
                  found.hold(1, entry.getKey().length, entry.getValue().length);
                }
              });
    }
    return found;
  }

  /** How many rows the table has in this partition, and what these and deleted keys take. */
  public StoreSize size() {
    return size;
  }

  /** Takes account of a row or deleted key that was put, or taken away where {@code sign} is -1. */
  private void count(int sign, byte[] rowKey, UnsafeRow row) {
    if (row == null) {
      return;
    }
    if (row.getBoolean(0)) {
      size.count(sign, rowKey.length, row.getSizeInBytes());
    } else {
      size.hold(sign, rowKey.length, row.getSizeInBytes());
    }
  }

  public static boolean isTruncate(UnsafeRow change) {
    return change.getUTF8String(TableLayout.OP).toString().equals("t");
  }

  private void foldKey(
      byte[] key,
      List<UnsafeRow> changes,
      SourcePositions positions,
      boolean isTruncated,
      List<Snapshot> due) {
    changes.sort(
        Comparator.comparingInt((UnsafeRow row) -> row.getInt(TableLayout.PARTITION))
            .thenComparingLong(row -> row.getLong(TableLayout.OFFSET)));
    byte[] rowKey = key(ROW, key);
    UnsafeRow stored = row(store.get(rowKey));
    TableRow storedFields = stored == null ? null : TableRow.of(stored);
    UnsafeRow current = stored;
    if (stored != null
        && positions.isTruncated(
            storedFields.partition(), storedFields.offset(), storedFields.lsn(), isTruncated)) {
      current = null;
    }
    for (UnsafeRow change : changes) {
      // A row that is gone by then does not make the key of a new one a key that two rows have.
      current = apply(key, withoutMissed(current, before(change, due)), change, positions);
    }
    current = withoutMissed(current, due);
    if (Objects.equals(current, stored)) {
      return;
    }
    count(-1, rowKey, stored);
    count(1, rowKey, current);
    if (current == null) {
      store.remove(rowKey);
    } else {
      store.put(rowKey, current.getBytes());
    }
    indexTombstone(key, storedFields, current == null ? null : TableRow.of(current));
    UnsafeRow before = stored != null && storedFields.isLive() ? stored : null;
    UnsafeRow after = current != null && current.getBoolean(0) ? current : null;
    if (before != null || after != null) {
      listener.changed(key, before, after);
    }
  }

  /** The row after one change; the same object where the change has no effect. */
  private UnsafeRow apply(
      byte[] key, UnsafeRow current, UnsafeRow change, SourcePositions positions) {
    TableRow row = current == null ? null : TableRow.of(current);
    int partition = change.getInt(TableLayout.PARTITION);
    long offset = change.getLong(TableLayout.OFFSET);
    OptionalLong lsn = TableRow.optional(change, TableLayout.LSN);
    OptionalLong transaction = TableRow.optional(change, TableLayout.TX_ID);
    OptionalLong micros = TableRow.optional(change, TableLayout.SOURCE_TS);
    String operation = change.getUTF8String(TableLayout.OP).toString();
    if (positions.isTruncated(partition, offset, lsn, false)) {
      return current;
    }
    if (row != null && row.partition() == partition && offset <= row.offset()) {
      return current;
    }
    if (row == null && isTooOld(partition, offset, micros, positions)) {
      reject(key, Rejection.TOO_OLD, change);
      return current;
    }
    boolean isStreamed = !operation.equals("r");
    OptionalLong guard = row == null ? OptionalLong.empty() : row.streamedLsn();
    if (lsn.isPresent() && guard.isPresent()) {
      if (isStreamed && lsn.getAsLong() <= guard.getAsLong()) {
        return current;
      }
      if (!isStreamed && lsn.getAsLong() < guard.getAsLong()) {
        guard = OptionalLong.empty();
        listener.restored(partition, offset);
      }
    }
    if (isStreamed && lsn.isPresent()) {
      guard = lsn;
    }
    boolean isLive = row != null && row.isLive();
    OptionalLong occupiedTx = row == null ? OptionalLong.empty() : row.occupiedTx();
    int occupied = row == null ? 0 : row.occupiedCount();
    if (occupied > 0 && !occupiedTx.equals(transaction)) {
      occupied = 0;
    }
    boolean removesOlderImage = false;
    if (operation.equals("c") && isLive && transaction.isPresent()) {
      occupied++;
    } else if (operation.equals("d") && occupied > 0) {
      occupied--;
      removesOlderImage = true;
    }
    occupiedTx = occupied > 0 ? transaction : OptionalLong.empty();
    boolean isDelete = operation.equals("d") && !removesOlderImage;
    TableRow next =
        new TableRow(
            !isDelete,
            partition,
            offset,
            guard,
            lsn,
            isDelete && micros.isEmpty() ? positions.sourceMicros(partition) : micros,
            occupiedTx,
            occupied);
    if (removesOlderImage) {
      return with(next, current, TableLayout.ROW_FIELDS);
    }
    if (isDelete) {
      if (isLive) {
        Moves.Move.of(change)
            .filter(moves.wanted()::contains)
            .ifPresent(move -> listener.removed(move, current));
      }
      return tombstone(next);
    }
    if (change.isNullAt(TableLayout.UNCHANGED)) {
      return with(next, change, TableLayout.CHANGE_FIELDS);
    }
    if (operation.equals("c")) {
      if (hasPlaceholder(change)) {
        byte[] removed = Moves.Move.of(change).map(moves.known()::get).orElse(null);
        if (removed != null) {
          return withValuesOf(row(removed), next, change);
        }
        reject(key, Rejection.UNKNOWN_MOVED_VALUE, change);
        return tombstone(next.deleted(positions.sourceMicros(partition)));
      }
      // A row that is new has no value in a column that its message lacks, a generated one say.
      return with(next, change, TableLayout.CHANGE_FIELDS);
    }
    return withUnchanged(key, next, isLive ? current : null, current, change);
  }

  /** A row under its new key: what was not sent is as it was under the old one. */
  private UnsafeRow withValuesOf(UnsafeRow removed, TableRow next, UnsafeRow change) {
    Object[] values = new Object[columnCount];
    for (int i = 0; i < columnCount; i++) {
      values[i] = change.get(TableLayout.CHANGE_FIELDS + i, types[i]);
    }
    List<String> kept = List.of(layout.columns().fieldNames());
    ArrayData names = change.getArray(TableLayout.PLACEHOLDERS);
    for (int i = 0; i < names.numElements(); i++) {
      int column = kept.indexOf(names.getUTF8String(i).toString());
      if (column >= 0) {
        values[column] = removed.get(TableLayout.ROW_FIELDS + column, types[column]);
      }
    }
    return row(next, values);
  }

  private boolean hasPlaceholder(UnsafeRow change) {
    if (change.isNullAt(TableLayout.PLACEHOLDERS)) {
      return false;
    }
    List<String> kept = List.of(layout.columns().fieldNames());
    ArrayData names = change.getArray(TableLayout.PLACEHOLDERS);
    for (int i = 0; i < names.numElements(); i++) {
      if (kept.contains(names.getUTF8String(i).toString())) {
        return true;
      }
    }
    return false;
  }

  private boolean isTooOld(
      int partition, long offset, OptionalLong micros, SourcePositions positions) {
    OptionalLong latest = positions.sourceMicros(partition);
    return positions.isReplayed(partition, offset)
        && latest.isPresent()
        && micros.isPresent()
        && micros.getAsLong() < latest.getAsLong() - retentionMicros();
  }

  private long retentionMicros() {
    return layout.tombstoneRetention().toNanos() / 1_000;
  }

  /** A row with the columns of another, which begin at {@code first}. */
  private UnsafeRow with(TableRow fields, UnsafeRow columns, int first) {
    Object[] values = new Object[columnCount];
    for (int i = 0; i < columnCount; i++) {
      values[i] = columns.get(first + i, types[i]);
    }
    return row(fields, values);
  }

  private UnsafeRow tombstone(TableRow fields) {
    return row(fields, new Object[columnCount]);
  }

  private UnsafeRow row(TableRow fields, Object[] columns) {
    InternalRow parts =
        joined.apply(new GenericInternalRow(fields.fields()), new GenericInternalRow(columns));
    return stateRow.apply(parts).copy();
  }

  /** A row whose unchanged values are those of the row before; unchanged means as before. */
  private UnsafeRow withUnchanged(
      byte[] key, TableRow next, UnsafeRow live, UnsafeRow current, UnsafeRow change) {
    Object[] values = new Object[columnCount];
    for (int i = 0; i < columnCount; i++) {
      values[i] = change.get(TableLayout.CHANGE_FIELDS + i, types[i]);
    }
    boolean isUpdate = change.getUTF8String(TableLayout.OP).toString().equals("u");
    ArrayData unchanged = change.getArray(TableLayout.UNCHANGED);
    for (int i = 0; i < unchanged.numElements(); i++) {
      int column =
          Arrays.asList(layout.columns().fieldNames())
              .indexOf(unchanged.getUTF8String(i).toString());
      if (column < 0) {
        continue;
      }
      if (live == null && isUpdate) {
        reject(key, Rejection.UNKNOWN_VALUE, change);
        return current;
      }
      values[column] =
          live == null ? null : live.get(TableLayout.ROW_FIELDS + column, types[column]);
    }
    return row(next, values);
  }

  private UnsafeRow row(byte[] stored) {
    return Expressions.row(stored, TableLayout.ROW_FIELDS + columnCount);
  }

  private void reject(byte[] key, Rejection reason, UnsafeRow change) {
    listener.rejected(key, reason, change);
  }

  /** Removes the rows that a truncate of this batch removed, those of the batch's keys apart. */
  private void removeTruncated(
      SourcePositions positions, Map<ByteBuffer, List<UnsafeRow>> changed) {
    for (Iterator<Map.Entry<byte[], byte[]>> rows = store.scan(key(ROW, new byte[0]));
        rows.hasNext(); ) {
      Map.Entry<byte[], byte[]> entry = rows.next();
      byte[] key = Arrays.copyOfRange(entry.getKey(), 2, entry.getKey().length);
      UnsafeRow stored = row(entry.getValue());
      TableRow fields = TableRow.of(stored);
      if (!changed.containsKey(ByteBuffer.wrap(key))
          && positions.isTruncated(fields.partition(), fields.offset(), fields.lsn(), true)) {
        store.remove(entry.getKey());
        count(-1, entry.getKey(), stored);
        indexTombstone(key, fields, null);
        if (fields.isLive()) {
          listener.changed(key, stored, null);
        }
      }
    }
  }

  /** Removes the rows that a snapshot does not have, those of the batch's keys apart. */
  private void removeMissed(List<Snapshot> due, Map<ByteBuffer, List<UnsafeRow>> changed) {
    for (Iterator<Map.Entry<byte[], byte[]>> rows = store.scan(key(ROW, new byte[0]));
        rows.hasNext(); ) {
      Map.Entry<byte[], byte[]> entry = rows.next();
      byte[] key = Arrays.copyOfRange(entry.getKey(), 2, entry.getKey().length);
      if (changed.containsKey(ByteBuffer.wrap(key))) {
        continue;
      }
      UnsafeRow stored = row(entry.getValue());
      UnsafeRow left = withoutMissed(stored, due);
      if (!left.equals(stored)) {
        count(-1, entry.getKey(), stored);
        count(1, entry.getKey(), left);
        store.put(entry.getKey(), left.getBytes());
        indexTombstone(key, TableRow.of(stored), TableRow.of(left));
        listener.changed(key, stored, null);
      }
    }
  }

  /** The snapshots that a change was streamed after. */
  private static List<Snapshot> before(UnsafeRow change, List<Snapshot> due) {
    return due.isEmpty() || Snapshots.isRow(change)
        ? List.of()
        : due.stream().filter(snapshot -> snapshot.isBefore(change)).toList();
  }

  /** The same row, or a deleted one where a snapshot shows that it is gone. */
  private UnsafeRow withoutMissed(UnsafeRow current, List<Snapshot> due) {
    if (current == null || !current.getBoolean(0)) {
      return current;
    }
    TableRow row = TableRow.of(current);
    for (Snapshot snapshot : due) {
      if (snapshot.isMissed(row)) {
        missedDeletes++;
        return tombstone(snapshot.removed(row));
      }
    }
    return current;
  }

  /** The rows that the table has in a store, those of {@link TableLayout#rowType}. */
  public static Iterator<UnsafeRow> rows(StateStore store, TableLayout layout, int table) {
    byte[] prefix = {(byte) table, ROW};
    return new FlatIterator<>(
        store.scan(prefix),
        (entry, out) -> {
          UnsafeRow row =
              Expressions.row(entry.getValue(), TableLayout.ROW_FIELDS + layout.columns().length());
          if (row.getBoolean(0)) {
            out.accept(row);
          }
        });
  }

  /** The keys in a store, those of deleted rows that are remembered included. */
  public static Iterator<byte[]> keys(StateStore store, int table) {
    byte[] prefix = {(byte) table, ROW};
    return new FlatIterator<>(
        store.scan(prefix),
        (entry, out) -> out.accept(Arrays.copyOfRange(entry.getKey(), 2, entry.getKey().length)));
  }

  /** A row that the table has. */
  public UnsafeRow current(byte[] key) {
    return row(store.get(key(ROW, key)));
  }

  /** Tells of every row that the table has, with its key. */
  public void scan(BiConsumer<byte[], UnsafeRow> all) {
    for (Iterator<Map.Entry<byte[], byte[]>> rows = store.scan(key(ROW, new byte[0]));
        rows.hasNext(); ) {
      Map.Entry<byte[], byte[]> entry = rows.next();
      UnsafeRow stored = row(entry.getValue());
      if (stored.getBoolean(0)) {
        all.accept(Arrays.copyOfRange(entry.getKey(), 2, entry.getKey().length), stored);
      }
    }
  }

  private void indexTombstone(byte[] key, TableRow before, TableRow after) {
    if (before != null && !before.isLive() && before.sourceMicros().isPresent()) {
      store.remove(tombstoneKey(before, key));
    }
    if (after != null && !after.isLive() && after.sourceMicros().isPresent()) {
      store.put(tombstoneKey(after, key), new byte[0]);
    }
  }

  private byte[] tombstoneKey(TableRow row, byte[] key) {
    return key(
        TOMBSTONE,
        ByteBuffer.allocate(Integer.BYTES + Long.BYTES + key.length)
            .putInt(row.partition())
            .putLong(row.sourceMicros().orElseThrow() ^ Long.MIN_VALUE)
            .put(key)
            .array());
  }

  /** Forgets the keys that were deleted before the retention began, oldest first. */
  private void forgetTombstones(List<UnsafeRow> seen, SourcePositions positions) {
    seen.stream()
        .mapToInt(change -> change.getInt(TableLayout.PARTITION))
        .distinct()
        .forEach(
            partition ->
                positions
                    .sourceMicros(partition)
                    .ifPresent(latest -> forget(partition, latest - retentionMicros())));
  }

  private void forget(int partition, long beforeMicros) {
    byte[] prefix = key(TOMBSTONE, ByteBuffer.allocate(Integer.BYTES).putInt(partition).array());
    for (Iterator<Map.Entry<byte[], byte[]>> oldest = store.scan(prefix); oldest.hasNext(); ) {
      byte[] entry = oldest.next().getKey();
      ByteBuffer in = ByteBuffer.wrap(entry).position(prefix.length);
      if ((in.getLong() ^ Long.MIN_VALUE) >= beforeMicros) {
        return;
      }
      byte[] key = new byte[in.remaining()];
      in.get(key);
      store.remove(entry);
      byte[] rowKey = key(ROW, key);
      count(-1, rowKey, row(store.get(rowKey)));
      store.remove(rowKey);
    }
  }

  private byte[] key(byte tag, byte[] rest) {
    return ByteBuffer.allocate(2 + rest.length).put(table).put(tag).put(rest).array();
  }
}
