package dev.millrace.error.data;

import java.util.Objects;

/**
 * Why a message, or one value of it, could not be read. Made only by {@link DataErrors}.
 *
 * @param column the column of {@code changes} that is concerned; null where it is the message as a
 *     whole
 * @param message complete but for the message's position in Kafka, which the decoder does not know
 */
public record DataError(Code code, String column, String message) {

  public DataError {
    Objects.requireNonNull(code, "code");
    Objects.requireNonNull(message, "message");
  }

  /** What went wrong. The names are stable: dead letters are grouped and alerts set by them. */
  public enum Code {
    /** The message has no bytes. */
    EMPTY_MESSAGE,
    /** The message is not JSON (RFC 8259). */
    INVALID_JSON,
    /** The message, or the text in a bytes literal, is not UTF-8. */
    INVALID_UTF8,
    /** The message is JSON, but no object. */
    NOT_AN_OBJECT,
    /** An object has a field twice. */
    DUPLICATE_FIELD,
    /** The message does not say which operation made it. */
    MISSING_OPERATION,
    /** The operation is none that changes rows, or contradicts the rest of the message. */
    INVALID_OPERATION,
    /** The operation needs a row and the message has none. */
    MISSING_ROW,
    /** A delete without an old row whose message key does not identify it. */
    INVALID_KEY,
    /** A declared field is not in the row, where the table requires that it must be. */
    MISSING_FIELD,
    /** A value is not of the column's type. */
    INVALID_VALUE,
    /** A value is of the column's kind, but the type can't hold it exactly. */
    OUT_OF_RANGE,
    /** A Python bytes literal breaks Python's rules. */
    INVALID_LITERAL,
    /** A file can't be read as it is declared. */
    INVALID_FILE,
    /** The row can't be stored by the sink of an output. */
    UNSTORABLE_ROW,
    /** An expression of a view fails for the row, or for the group. */
    FAILED_EXPRESSION,
    /** A replayed change is older than the deleted keys that are remembered. */
    TOO_OLD,
    /** An update lacks unchanged values of a row that the state does not have. */
    UNKNOWN_VALUE,
    /** Postgres did not send a key's value, Debezium put a placeholder in its place. */
    UNAVAILABLE_VALUE
  }
}
