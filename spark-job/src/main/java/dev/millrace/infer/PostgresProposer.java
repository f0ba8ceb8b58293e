package dev.millrace.infer;

import com.fasterxml.jackson.databind.node.TextNode;
import dev.millrace.event.PostgresTable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/** Proposes a table from Postgres' own account of it; its rows tell what texts hold. Pure. */
public final class PostgresProposer {

  private PostgresProposer() {}

  /** The table that the connector's messages will fit. */
  public static ProposedTable propose(PostgresTable table) {
    List<SampledField> fields =
        IntStream.range(0, table.columns().size()).mapToObj(i -> field(table, i)).toList();
    boolean hasPythonBytes =
        IntStream.range(0, fields.size())
            .filter(i -> PostgresTypes.isText(table.columns().get(i)))
            .anyMatch(i -> TextTypes.areLiterals(fields.get(i).values()));
    ColumnNames names = new ColumnNames(Map.of());
    Map<String, String> columns = new LinkedHashMap<>();
    Set<String> tokens = new LinkedHashSet<>();
    List<ProposedColumn> proposed = new ArrayList<>();
    for (int i = 0; i < fields.size(); i++) {
      PostgresTable.Column column = table.columns().get(i);
      SampledField field = fields.get(i);
      Finding finding =
          PostgresTypes.isText(column) && !table.rows().isEmpty()
              ? ValueTypes.of(field, hasPythonBytes)
              : PostgresTypes.of(column, field.values());
      String name = names.next(column.name());
      columns.put(column.name(), name);
      tokens.addAll(finding.nullTokens());
      List<String> doubts = new ArrayList<>(finding.doubts());
      doubts.addAll(PostgresTypes.omissions(column, table.replicaIdentity()));
      proposed.add(new ProposedColumn(name, column.name(), finding.type(), doubts));
    }
    return new ProposedTable(
        table.key().stream().map(columns::get).toList(),
        hasPythonBytes,
        tokens.stream().sorted().toList(),
        Optional.of(table.replicaIdentity()),
        proposed,
        table.key().isEmpty()
            ? List.of("The table has no primary key: name what identifies a row, key: [...].")
            : List.of());
  }

  /** The values of a column, as Postgres writes them. */
  private static SampledField field(PostgresTable table, int column) {
    SampledField field = new SampledField(table.columns().get(column).name());
    for (List<String> row : table.rows()) {
      if (row.get(column) != null) {
        field.addValue(new TextNode(row.get(column)));
      }
    }
    return field;
  }
}
