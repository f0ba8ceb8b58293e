package dev.millrace.decode;

/** What the messages of a topic are. */
public enum MessageForm {
  /** Changes as Debezium writes them: an unwrapped row with its operation, or an envelope. */
  DEBEZIUM,
  /** The row itself, a JSON object; it has no operation. */
  ROW
}
