package dev.millrace.sink;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;

/**
 * What the changes of one key so far come to. Not thread-safe.
 *
 * <p>A value is left {@link #UNSET} where nobody has said what it is; in Cassandra it then stays as
 * it is, without a tombstone.
 *
 * <pre>
 *   insert  id 7, fare 18, notes null   at 100    fare 18, notes unset
 *   update  id 7, fare null, notes null at 101    fare null, notes unset: the row is new, there is nothing to remove
 *   delete  id 7                        at 102    deleted at 102
 *   insert  id 7, fare 20, notes null   at 103    deleted at 102, fare 20 at 103, notes unset
 * </pre>
 */
final class CassandraRow {

  /** No value, and no null either. */
  static final Object UNSET = new Object();

  private final List<Object> key;
  private final Object[] values;
  private long deletedAt = Long.MIN_VALUE;
  private long writtenAt = Long.MIN_VALUE;
  private boolean isNew;

  /** Before any change. */
  CassandraRow(List<Object> key, int columns) {
    this.key = key;
    this.values = new Object[columns];
    Arrays.fill(values, UNSET);
  }

  /**
   * A row that came to be; of values that are null nothing is said.
   *
   * @param isNew whether there was certainly no such row before
   */
  void insert(long at, Object[] inserted, boolean isNew) {
    if (isOutdated(at)) {
      return;
    }
    this.isNew = writtenAt == Long.MIN_VALUE && (isNew || deletedAt != Long.MIN_VALUE);
    writtenAt = at;
    for (int column = 0; column < values.length; column++) {
      if (inserted[column] != null && inserted[column] != UNSET) {
        values[column] = inserted[column];
      }
    }
  }

  /** A row that has changed; values that are {@link #UNSET} are as they were, null is null. */
  void update(long at, Object[] updated) {
    if (isOutdated(at)) {
      return;
    }
    writtenAt = at;
    for (int column = 0; column < values.length; column++) {
      boolean isNeverSet = isNew && values[column] == UNSET && updated[column] == null;
      if (updated[column] != UNSET && !isNeverSet) {
        values[column] = updated[column];
      }
    }
  }

  /** A row that is gone. */
  void delete(long at) {
    if (isOutdated(at)) {
      return;
    }
    deletedAt = at;
    writtenAt = Long.MIN_VALUE;
    isNew = false;
    Arrays.fill(values, UNSET);
  }

  /** Whether a newer change is known: the log's order counts, not that of arrival. */
  private boolean isOutdated(long at) {
    return at < Math.max(writtenAt, deletedAt);
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
}
