package dev.millrace.connector;

import io.debezium.DebeziumException;
import io.debezium.connector.postgresql.connection.Lsn;
import io.debezium.connector.postgresql.connection.ReplicationMessage.Operation;

/**
 * Tells the messages of a stream that starts again which were processed before from those which
 * follow. The messages come in the order of the stream; the first that was not processed and all
 * after it pass.
 */
final class ReplayFilter {

  private final StoredPosition position;
  private final Lsn lastCommit;
  private long changesSeen;
  private boolean resumed;

  /**
   * @param lastCommit the COMMIT that the offset has as the last one processed; null if none
   */
  ReplayFilter(StoredPosition position, Lsn lastCommit) {
    this.position = position;
    this.lastCommit = lastCommit;
  }

  /**
   * Whether the message was processed before the restart. Also true for the BEGIN of the position's
   * transaction: its changes continue it.
   *
   * @throws DebeziumException if the stream passes the position without having reached it
   */
  boolean wasProcessed(Lsn lsn, Operation operation) {
    if (resumed) {
      return false;
    }
    if (lsn.equals(position.lsn()) && StoredPosition.isChange(operation)) {
      changesSeen++;
      resumed = changesSeen > position.changes();
      return !resumed;
    }
    if (changesSeen > 0) {
      resumed = true;
      return false;
    }
    // Transactions come in the order of their COMMITs, and the next one holds the position.
    if (operation == Operation.COMMIT && lastCommit != null && lsn.compareTo(lastCommit) > 0) {
      throw new DebeziumException(
          "The replication stream has passed the stored position "
              + position.lsn().asString()
              + ": it was there when the position was looked for, but not when the stream was"
              + " started again. Expected it before the COMMIT at "
              + lsn.asString()
              + ". Restart the connector.");
    }
    return true;
  }
}
