package dev.millrace.deadletter;

import dev.millrace.error.data.DataError;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * A message that was rejected, and why.
 *
 * @param timestamp when the message was written to Kafka
 * @param key null where it has none
 * @param value null in a line that was emptied by hand
 * @param code of {@link dev.millrace.error.data.DataError.Code}
 * @param column null where the message as a whole is concerned
 * @param message what is wrong, for a person
 */
public record DeadLetter(
    Position position,
    Instant timestamp,
    ByteBuffer key,
    ByteBuffer value,
    List<Header> headers,
    String pipeline,
    String code,
    String column,
    String message) {

  public DeadLetter {
    headers = List.copyOf(headers);
  }

  private static final Set<String> OF_OUTPUTS =
      Set.of(
          DataError.Code.UNSTORABLE_ROW.name(),
          DataError.Code.FAILED_EXPRESSION.name(),
          DataError.Code.TOO_OLD.name(),
          DataError.Code.UNKNOWN_VALUE.name());

  /** Where a message is in Kafka: its identity. */
  public record Position(String topic, int partition, long offset) {
    /** {@code TOPIC PARTITION/OFFSET}. */
    @Override
    public String toString() {
      return topic + " " + partition + "/" + offset;
    }
  }

  /**
   * A header of a message.
   *
   * @param value may be null
   */
  public record Header(String key, ByteBuffer value) {}

  /** The position of a row that does not say which message it is from. */
  static final Position UNKNOWN_POSITION = new Position("(unknown)", -1, -1);

  /** What dead letters are grouped by. */
  public record Cause(String code, String column) {}

  /** Bytes that are compared by their content; null for null. */
  static ByteBuffer buffer(byte[] bytes) {
    return bytes == null ? null : ByteBuffer.wrap(bytes);
  }

  /** A copy of the bytes of a {@link #buffer}. */
  static byte[] array(ByteBuffer buffer) {
    if (buffer == null) {
      return null;
    }
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }

  /** Whether it is a row that an output or the table's state can't take, and not a message. */
  public boolean isOfOutput() {
    return OF_OUTPUTS.contains(code);
  }

  public Cause cause() {
    return new Cause(code, column);
  }

  /** The same without what may be large. */
  public DeadLetter withoutContents() {
    return new DeadLetter(
        position, timestamp, null, null, List.of(), pipeline, code, column, message);
  }

  /** Whether it is of a code and a column; null asks for neither. */
  public boolean isOf(String wantedCode, String wantedColumn) {
    return (wantedCode == null || wantedCode.equalsIgnoreCase(code))
        && (wantedColumn == null || Objects.equals(wantedColumn, column));
  }
}
