package dev.millrace.decode;

import dev.millrace.config.SourceDefinition;

/** What the messages of a topic are. */
public enum MessageForm {
  /** Changes as Debezium writes them: an unwrapped row with its operation, or an envelope. */
  DEBEZIUM,
  /** The row itself, a JSON object; it has no operation. */
  ROW;

  /** The form in which the source's topic has them. */
  public static MessageForm of(SourceDefinition source) {
    return source.contents() == SourceDefinition.Contents.JSON ? ROW : DEBEZIUM;
  }
}
