package dev.millrace.pipeline.batch;

import dev.millrace.state.StateStore;
import dev.millrace.state.StateStores;
import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.Function2;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.util.LongAccumulator;
import org.apache.spark.util.TaskCompletionListener;

/**
 * The rows of a task without the changes that its partition of the topic has had before. What is
 * remembered is committed with the last row, so a task has to be read to its end.
 *
 * @param versions what each task reads, in the order of the tasks
 * @param unknown counts the changes that can't be told from others, all of which are given
 */
record FirstDeliveries(
    StateStores stores,
    ChangeIdentity identity,
    long windowMicros,
    List<Version> versions,
    LongAccumulator unknown)
    implements Function2<Integer, Iterator<InternalRow>, Iterator<InternalRow>> {

  /**
   * A version of what is remembered of a partition.
   *
   * @param store the topic
   */
  record Version(String store, int partition, long version) implements Serializable {}

  @Override
  public Iterator<InternalRow> call(Integer task, Iterator<InternalRow> rows) {
    Version read = versions.get(task);
    StateStore store = stores.open(read.store(), read.partition(), read.version());
    TaskContext.get().addTaskCompletionListener((TaskCompletionListener) context -> store.abort());
    return new Rows(rows, new SeenChanges(store, windowMicros), identity.newReader(), unknown);
  }

  private static final class Rows implements Iterator<InternalRow> {

    private final Iterator<InternalRow> rows;
    private final SeenChanges seen;
    private final ChangeIdentity.Reader identity;
    private final LongAccumulator unknown;
    private InternalRow next;
    private boolean isOver;

    Rows(
        Iterator<InternalRow> rows,
        SeenChanges seen,
        ChangeIdentity.Reader identity,
        LongAccumulator unknown) {
      this.rows = rows;
      this.seen = seen;
      this.identity = identity;
      this.unknown = unknown;
    }

    @Override
    public boolean hasNext() {
      while (next == null && !isOver) {
        if (rows.hasNext()) {
          InternalRow row = rows.next();
          next = isFirst(row) ? row.copy() : null;
        } else {
          isOver = true;
          seen.commit();
        }
      }
      return next != null;
    }

    private boolean isFirst(InternalRow row) {
      if (!identity.isKnown(row)) {
        unknown.add(1);
        return true;
      }
      return seen.isFirst(
          identity.isSnapshotRow(row), identity.sourceMicros(row), identity.of(row));
    }

    @Override
    public InternalRow next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      InternalRow row = next;
      next = null;
      return row;
    }
  }
}
