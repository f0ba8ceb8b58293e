package dev.millrace.sink.cassandra;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;

/**
 * The combined changes of one key so far. Not thread-safe.
 *
 * <p>A value is left {@link #UNSET} where the value is unknown; in Cassandra it then stays as it
 * is, without a tombstone.
 *
 * <pre>
 *   insert  id 7, fare 18, notes null   at 100    fare 18, notes unset
 *   update  id 7, fare null, notes null at 101    fare null, notes unset: the row is new, there is nothing to remove
 *   delete  id 7                        at 102    deleted at 102
 *   insert  id 7, fare 20, notes null   at 103    deleted at 102, fare 20 at 103, notes unset
 * </pre>
 *
 * <p>A statement that moves keys, such as {@code UPDATE t SET id = id + 1}, creates a row before
 * the older row of its key is deleted, in one transaction. That delete removes the older row:
 *
 * <pre>
 *   update  id 2, fare 5                at 100
 *   create  id 2, fare 9, transaction 7 at 101    it was id 1
 *   delete  id 2, transaction 7         at 102    deleted at 100, fare 9 at 101
 * </pre>
 *
 * <p>Where nothing is known of the key before the create, the row {@link #isContested}: only who
 * knows whether there was an older row can tell.
 */
final class CassandraRow {

  /** No value, and no null either. */
  static final Object UNSET = new Object();

  /** No transaction is known. */
  static final long NO_TRANSACTION = Long.MIN_VALUE;

  private enum Occupancy {
    UNKNOWN,
    OCCUPIED,
    FREE
  }

  private final List<Object> key;
  private Object[] values;
  private long deletedAt = Long.MIN_VALUE;
  private long writtenAt = Long.MIN_VALUE;
  private boolean isNew;

  /** The transaction that created the row as it is; {@link #NO_TRANSACTION} for any other. */
  private long createdBy = NO_TRANSACTION;

  private long createdAt = Long.MIN_VALUE;
  private Occupancy beforeCreate = Occupancy.UNKNOWN;

  /** The row that a delete may have left in place; null where that is certain not to be so. */
  private Object[] contested;

  private long contestedAt;

  /** Before any change. */
  CassandraRow(List<Object> key, int columns) {
    this.key = key;
    this.values = unset(columns);
  }

  /** A row that was created, or exists; values that are null are left as they are. */
  void insert(long at, Object[] inserted) {
    if (isOutdated(at)) {
      return;
    }
    isNew = writtenAt == Long.MIN_VALUE && deletedAt != Long.MIN_VALUE;
    write(at, inserted);
  }

  /**
   * A row that was created.
   *
   * @param transaction which created it, or {@link #NO_TRANSACTION}
   */
  void create(long at, Object[] created, long transaction) {
    if (isOutdated(at)) {
      return;
    }
    boolean isAgain = transaction != NO_TRANSACTION && transaction == createdBy;
    if (!isAgain) {
      beforeCreate = occupancy();
    }
    if (beforeCreate == Occupancy.OCCUPIED) {
      // Nothing of an older row is part of this one.
      deletedAt = at - 1;
      values = unset(values.length);
    }
    isNew = true;
    write(at, created);
    createdBy = transaction;
    createdAt = at;
  }

  private void write(long at, Object[] written) {
    contested = null;
    createdBy = NO_TRANSACTION;
    writtenAt = at;
    for (int column = 0; column < values.length; column++) {
      if (written[column] != null && written[column] != UNSET) {
        values[column] = written[column];
      }
    }
  }

  private Occupancy occupancy() {
    if (writtenAt != Long.MIN_VALUE) {
      return Occupancy.OCCUPIED;
    }
    return deletedAt == Long.MIN_VALUE || contested != null ? Occupancy.UNKNOWN : Occupancy.FREE;
  }

  /** A row that has changed; values that are {@link #UNSET} are as they were, null is null. */
  void update(long at, Object[] updated) {
    if (isOutdated(at)) {
      return;
    }
    if (contested != null) {
      // What was updated was there.
      resolve(true);
    }
    writtenAt = at;
    for (int column = 0; column < values.length; column++) {
      boolean isNeverSet = isNew && values[column] == UNSET && updated[column] == null;
      if (updated[column] != UNSET && !isNeverSet) {
        values[column] = updated[column];
      }
    }
  }

  /**
   * A row that is gone.
   *
   * @param transaction which deleted it, or {@link #NO_TRANSACTION}
   */
  void delete(long at, long transaction) {
    if (isOutdated(at)) {
      return;
    }
    boolean isOfCreator =
        transaction != NO_TRANSACTION && transaction == createdBy && writtenAt != Long.MIN_VALUE;
    if (isOfCreator && beforeCreate == Occupancy.OCCUPIED) {
      createdBy = NO_TRANSACTION;
      return;
    }
    boolean isContestable = isOfCreator && beforeCreate == Occupancy.UNKNOWN;
    contested = isContestable ? values : null;
    contestedAt = writtenAt;
    deletedAt = at;
    writtenAt = Long.MIN_VALUE;
    createdBy = NO_TRANSACTION;
    isNew = false;
    values = unset(values.length);
  }

  /** Whether a newer change is known: the order of positions counts, not that of arrival. */
  private boolean isOutdated(long at) {
    return at < Math.max(writtenAt, deletedAt);
  }

  /**
   * Whether a transaction created and deleted the row, and it is not known which came last: had the
   * key an older row, the delete was that row's.
   */
  boolean isContested() {
    return contested != null;
  }

  /** The timestamp of the newest write of the contested row. */
  long contestedAt() {
    return contestedAt;
  }

  /**
   * Settles what {@link #isContested}.
   *
   * @param wasOccupied whether there was an older row
   */
  void resolve(boolean wasOccupied) {
    if (wasOccupied) {
      values = contested;
      writtenAt = contestedAt;
      deletedAt = createdAt - 1;
      isNew = true;
    }
    contested = null;
  }

  /** Whether the row was created last, so that a delete of its transaction may follow. */
  boolean mayBeContested() {
    return createdBy != NO_TRANSACTION;
  }

  /** The timestamp of the deletion; empty where there was none. */
  OptionalLong deletedAt() {
    return deletedAt == Long.MIN_VALUE ? OptionalLong.empty() : OptionalLong.of(deletedAt);
  }

  /** The timestamp of {@link #values}; empty where the row was deleted last. */
  OptionalLong writtenAt() {
    return writtenAt == Long.MIN_VALUE ? OptionalLong.empty() : OptionalLong.of(writtenAt);
  }

  /** A value of the primary key. */
  Object key(int column) {
    return key.get(column);
  }

  /** A value, null, or {@link #UNSET}. */
  Object value(int column) {
    return values[column];
  }

  private static Object[] unset(int columns) {
    Object[] unset = new Object[columns];
    Arrays.fill(unset, UNSET);
    return unset;
  }
}
