package dev.millrace.config;

import java.util.List;
import java.util.Set;

/**
 * How a table's columns are read from its messages.
 *
 * @param key names of the columns that are the primary key, in its order; may be empty
 * @param nullTokens texts that mean null, compared after the text encoding is undone; they count
 *     for every column that is sent as text
 */
public record TableDefinition(
    List<String> key,
    TextEncoding textEncoding,
    Set<String> nullTokens,
    OnError onError,
    List<ColumnDefinition> columns) {

  public TableDefinition {
    key = List.copyOf(key);
    nullTokens = Set.copyOf(nullTokens);
    columns = List.copyOf(columns);
  }

  /** How the table's text columns hold their text. */
  public enum TextEncoding {
    /** The text itself. */
    NONE,
    /** A Python bytes literal, {@code b'1138.0'}: the text of {@code repr(bytes)}. */
    PYTHON_BYTES
  }

  /** What becomes of a message one of whose values can't be read. */
  public enum OnError {
    /** The message goes to the dead letters. */
    REJECT,
    /** The value becomes null, the message is a change like any other. */
    NULL,
    /** The query ends. */
    FAIL
  }
}
