package dev.millrace.decode;

import dev.millrace.config.ColumnDefinition;
import dev.millrace.config.TableDefinition;
import dev.millrace.config.TableDefinition.TextEncoding;
import java.io.Serializable;
import java.util.Set;

/** What a column's texts stand for before its type has a say. Immutable. */
record TextRules(TextEncoding encoding, NullTokens nullTokens, Placeholder placeholder)
    implements Serializable {

  /** The table's rules, as far as the column has none of its own. */
  static TextRules of(ColumnDefinition column, TableDefinition table) {
    return new TextRules(
        column.textEncoding().orElse(table.textEncoding()),
        new NullTokens(column.nullTokens().orElse(table.nullTokens())),
        new Placeholder(table.unavailableValuePlaceholder()));
  }

  /** Texts as Debezium itself writes them; none of them is a placeholder. */
  static TextRules plain(Set<String> nullTokens) {
    return new TextRules(TextEncoding.NONE, new NullTokens(nullTokens), Placeholder.NONE);
  }
}
