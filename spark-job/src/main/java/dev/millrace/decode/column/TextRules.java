package dev.millrace.decode.column;

import dev.millrace.config.ColumnDefinition;
import dev.millrace.config.TableDefinition;
import dev.millrace.config.TextEncoding;
import java.io.Serializable;
import java.util.Set;

/** What a column's texts stand for before its type has a say. Immutable. */
public record TextRules(TextEncoding encoding, NullTokens nullTokens, PlaceholderText placeholder)
    implements Serializable {

  /** The table's rules. */
  public static TextRules of(TableDefinition table) {
    return new TextRules(
        table.textEncoding(),
        new NullTokens(table.nullTokens()),
        new PlaceholderText(table.unavailableValuePlaceholder()));
  }

  /** The same with what a column has of its own. */
  public TextRules with(ColumnDefinition column) {
    return new TextRules(
        column.textEncoding().orElse(encoding),
        column.nullTokens().map(NullTokens::new).orElse(nullTokens),
        placeholder);
  }

  /** Texts as Debezium itself writes them; none of them is a placeholder. */
  public static TextRules plain(Set<String> nullTokens) {
    return new TextRules(TextEncoding.NONE, new NullTokens(nullTokens), PlaceholderText.NONE);
  }
}
