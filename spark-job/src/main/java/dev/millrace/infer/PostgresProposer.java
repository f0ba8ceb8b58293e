package dev.millrace.infer;

import com.fasterxml.jackson.databind.node.TextNode;
import dev.millrace.event.PostgresTable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Proposes a table from Postgres' own account of it; its rows tell what texts hold. Pure. */
public final class PostgresProposer {

  private PostgresProposer() {}

  /** The table that the connector's messages will fit. */
  public static ProposedTable propose(PostgresTable table) {
    List<SampledField> texts = texts(table);
    boolean hasPythonBytes =
        texts.stream().flatMap(field -> field.values().stream()).anyMatch(TextTypes::isLiteral);
    ColumnNames names = new ColumnNames(Map.of());
    Map<String, String> columns = new LinkedHashMap<>();
    Set<String> tokens = new LinkedHashSet<>();
    List<ProposedColumn> proposed = new ArrayList<>();
    for (int i = 0; i < table.columns().size(); i++) {
      PostgresTable.Column column = table.columns().get(i);
      boolean isText = PostgresTypes.isText(column) && !table.rows().isEmpty();
      Finding finding =
          isText ? ValueTypes.of(texts.get(i), hasPythonBytes) : PostgresTypes.of(column);
      String name = names.next(column.name());
      columns.put(column.name(), name);
      tokens.addAll(finding.nullTokens());
      proposed.add(new ProposedColumn(name, column.name(), finding.type(), finding.doubts()));
    }
    return new ProposedTable(
        table.key().stream().map(columns::get).toList(),
        hasPythonBytes,
        tokens.stream().sorted().toList(),
        proposed,
        table.key().isEmpty()
            ? List.of("The table has no primary key: name what identifies a row, key: [...].")
            : List.of());
  }

  /** The values of each column that holds text; of the others none. */
  private static List<SampledField> texts(PostgresTable table) {
    List<SampledField> fields = new ArrayList<>();
    for (int i = 0; i < table.columns().size(); i++) {
      SampledField field = new SampledField(table.columns().get(i).name());
      if (PostgresTypes.isText(table.columns().get(i))) {
        for (List<String> row : table.rows()) {
          if (row.get(i) != null) {
            field.addValue(new TextNode(row.get(i)));
          }
        }
      }
      fields.add(field);
    }
    return fields;
  }
}
