package dev.millrace.connector;

import io.debezium.connector.postgresql.PostgresOffsetContext;
import io.debezium.connector.postgresql.SourceInfo;
import io.debezium.connector.postgresql.connection.Lsn;
import io.debezium.connector.postgresql.connection.ReplicationMessage.Operation;
import java.util.Map;
import java.util.Optional;

/**
 * The changes that a stored offset covers: everything in the stream before the record of the
 * write-ahead log at {@code lsn}, and the first {@code changes} changes of that record. A record
 * belongs to one transaction, and its changes have the same order in every stream.
 *
 * @param changes at least 1
 */
record StoredPosition(Lsn lsn, long changes) {

  /**
   * Reads an offset of Debezium. Empty where the offset does not end with a change: a snapshot, a
   * COMMIT, a logical decoding message, or all but the last table of a TRUNCATE. Debezium resumes
   * there without counting.
   */
  static Optional<StoredPosition> of(Map<String, ?> offset) {
    Long lsn = number(offset, SourceInfo.LSN_KEY);
    Long completed = number(offset, PostgresOffsetContext.LAST_COMPLETELY_PROCESSED_LSN_KEY);
    Long changes = number(offset, PostgresOffsetContext.LSN_EVENTS_PROCESSED_KEY);
    if (lsn == null || !lsn.equals(completed) || changes == null || changes < 1) {
      return Optional.empty();
    }
    return Optional.ofNullable((String) offset.get(SourceInfo.MSG_TYPE_KEY))
        .filter(type -> isChange(Operation.valueOf(type)))
        .map(type -> new StoredPosition(Lsn.valueOf(lsn), changes));
  }

  /** Whether Debezium counts a message of this type in {@code lsn_events_processed}. */
  static boolean isChange(Operation operation) {
    return switch (operation) {
      case INSERT, UPDATE, DELETE, TRUNCATE -> true;
      default -> false;
    };
  }

  private static Long number(Map<String, ?> offset, String key) {
    return offset.get(key) instanceof Number number ? number.longValue() : null;
  }
}
