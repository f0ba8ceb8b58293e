package dev.millrace.benchmark.topic;

import dev.millrace.simulator.RideChange.Operation;
import java.util.Arrays;
import java.util.BitSet;

/** The rows that the table has after some messages, and how many messages there were. */
public final class RideTable {

  /** Of each id the time of its row's last change; 0 for an id without a row. */
  private long[] updatedMicros = new long[1 << 16];

  private final BitSet completed = new BitSet();
  private TableFigures changes = TableFigures.NONE;

  /** Takes the next message. */
  public void apply(RideMessages.Message message) {
    int id = Math.toIntExact(message.id());
    if (id >= updatedMicros.length) {
      updatedMicros = Arrays.copyOf(updatedMicros, Math.max(id + 1, 2 * updatedMicros.length));
    }
    boolean isDelete = message.operation() == Operation.DELETE;
    updatedMicros[id] = isDelete ? 0 : message.updatedMicros();
    completed.set(id, !isDelete && message.isCompleted());
    changes =
        isDelete
            ? changes.plus(id)
            : changes.plus(id, message.updatedMicros(), message.isCompleted());
  }

  /** Whether there is a row with that id. */
  public boolean has(long id) {
    return id < updatedMicros.length && updatedMicros[(int) id] != 0;
  }

  /** Of the rows that the table has now. */
  public TableFigures rows() {
    TableFigures rows = TableFigures.NONE;
    for (int id = 0; id < updatedMicros.length; id++) {
      if (updatedMicros[id] != 0) {
        rows = rows.plus(id, updatedMicros[id], completed.get(id));
      }
    }
    return rows;
  }

  /** Of all messages, each taken for a row; of a deleted row only the id counts. */
  public TableFigures changes() {
    return changes;
  }
}
