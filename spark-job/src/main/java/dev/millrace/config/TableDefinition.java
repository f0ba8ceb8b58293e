package dev.millrace.config;

import java.util.List;
import java.util.Set;

/**
 * How a table's columns are read from its messages.
 *
 * @param key names of the columns that are the primary key, in its order; may be empty
 * @param columns none where they are to be inferred from the messages' schema; see {@link
 *     #isInferred}
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

  /** Whether the columns are not declared but follow from the messages' schema. */
  public boolean isInferred() {
    return columns.isEmpty();
  }

  /** This table as if it had that column only, and no key. */
  public TableDefinition onlyWith(ColumnDefinition column) {
    return new TableDefinition(List.of(), textEncoding, nullTokens, onError, List.of(column));
  }

  /** This table with the columns of another, and with its key where this one has none. */
  TableDefinition withColumnsOf(TableDefinition other) {
    return new TableDefinition(
        key.isEmpty() ? other.key() : key, textEncoding, nullTokens, onError, other.columns());
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
