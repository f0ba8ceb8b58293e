package dev.millrace.decode;

import dev.millrace.config.KafkaSourceDefinition;
import dev.millrace.config.KafkaSourceDefinition.KeyForm;
import dev.millrace.config.SourceDefinition;

/** What the messages of a topic are. */
public enum MessageForm {
  /** Changes as Debezium writes them: an unwrapped row with its operation, or an envelope. */
  DEBEZIUM,
  /** The row itself, a JSON object; it has no operation. */
  ROW,
  /**
   * The same, and the message's key is JSON: an object with the fields of the table's key, or the
   * value of its one column. A tombstone deletes the row.
   */
  ROW_BY_JSON_KEY,
  /** The same, and the message's key is text, the value of the one column of the table's key. */
  ROW_BY_TEXT_KEY;

  /** The form in which the source's topic has them. */
  public static MessageForm of(SourceDefinition source) {
    if (source.contents() != SourceDefinition.Contents.JSON) {
      return DEBEZIUM;
    }
    if (source instanceof KafkaSourceDefinition kafka && kafka.messageKey().isPresent()) {
      return kafka.messageKey().get() == KeyForm.TEXT ? ROW_BY_TEXT_KEY : ROW_BY_JSON_KEY;
    }
    return ROW;
  }

  /** Whether a message is known by its key, so that the newest one of a key is its row. */
  public boolean isKeyed() {
    return this == ROW_BY_JSON_KEY || this == ROW_BY_TEXT_KEY;
  }
}
