package dev.millrace.deadletter;

import dev.millrace.config.TableDefinition;
import dev.millrace.decode.Decode;
import dev.millrace.decode.MessageDecoder;
import dev.millrace.decode.MessageReader;
import dev.millrace.decode.Outcome;
import dev.millrace.error.DeadLetterErrors;
import dev.millrace.event.ChangeColumns;
import java.util.Set;
import org.apache.spark.sql.catalyst.InternalRow;

/** Decodes single messages as the pipeline does. Not thread-safe. */
final class MessageValidator {

  private final MessageReader reader;

  MessageValidator(TableDefinition table) {
    this.reader = MessageReader.of(new MessageDecoder(table, Set.of(ChangeColumns.LSN)));
  }

  /**
   * What the decoder makes of a message.
   *
   * @param outcome as {@link Decode} names it
   * @param lsn of a change; null where it is not sent
   * @param code of a reject, null of others
   */
  record Result(String outcome, Long lsn, String code, String message) {

    boolean isChange() {
      return outcome.equals(Outcome.CHANGE);
    }

    /** Why a message at {@code position} can't be replayed. */
    String problem(String position) {
      return outcome.equals(Outcome.SKIPPED)
          ? DeadLetterErrors.noChange(position)
          : DeadLetterErrors.stillRejected(position, code, message);
    }
  }

  Result of(byte[] key, byte[] value) {
    InternalRow decoded = reader.read(key, value);
    String outcome = decoded.getUTF8String(0).toString();
    if (outcome.equals(Outcome.REJECTED)) {
      InternalRow error = decoded.getStruct(1, 3);
      return new Result(
          outcome, null, error.getUTF8String(0).toString(), error.getUTF8String(2).toString());
    }
    InternalRow row = outcome.equals(Outcome.CHANGE) ? decoded.getStruct(2, 1) : null;
    return new Result(
        outcome, row == null || row.isNullAt(0) ? null : Long.valueOf(row.getLong(0)), null, null);
  }
}
