package dev.millrace.infer;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.config.ColumnDefinition;
import dev.millrace.config.TableDefinition;
import dev.millrace.decode.MessageForm;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Proposes a table from a sample of its topic. Pure. */
public final class TableProposer {

  private TableProposer() {}

  /**
   * What the schemas say, and nothing else: a text is a text, regardless of what it looks like.
   * Fields that no schema names are left out.
   *
   * @param sample with at least one schema
   */
  public static ProposedTable bySchema(TopicSample sample) {
    ColumnNames names = new ColumnNames(Map.of());
    Map<String, String> columns = new LinkedHashMap<>();
    List<ProposedColumn> proposed = new ArrayList<>();
    for (SampledField field : sample.fields()) {
      if (field.schema().isPresent()) {
        JsonNode schema = field.schema().get();
        String name = names.next(field.name());
        columns.put(field.name(), name);
        List<String> doubts = new ArrayList<>(changedType(field));
        doubts.addAll(SchemaTypes.doubts(schema));
        proposed.add(new ProposedColumn(name, field.name(), SchemaTypes.of(schema), doubts));
      }
    }
    return new ProposedTable(key(sample, columns), false, List.of(), proposed, List.of());
  }

  /**
   * What schemas and values say together: the schema gives the type where there is one, and the
   * values tell what texts hold, and types where there is none.
   */
  public static ProposedTable byValues(TopicSample sample) {
    return byValues(sample, Map.of());
  }

  /** The same, with the names that a pipeline gives its columns already. */
  public static ProposedTable byValues(TopicSample sample, TableDefinition declared) {
    Map<String, String> names = new HashMap<>();
    for (ColumnDefinition column : declared.columns()) {
      names.putIfAbsent(column.from(), column.name());
    }
    return byValues(sample, names);
  }

  private static ProposedTable byValues(TopicSample sample, Map<String, String> chosenNames) {
    boolean hasPythonBytes =
        sample.fields().stream().anyMatch(field -> TextTypes.areLiterals(field.values()));
    ColumnNames names = new ColumnNames(chosenNames, sample.ownColumns());
    Map<String, String> columns = new LinkedHashMap<>();
    Set<String> tokens = new LinkedHashSet<>();
    List<ProposedColumn> proposed = new ArrayList<>();
    for (SampledField field : sample.fields()) {
      Finding finding = finding(field, hasPythonBytes);
      String name = names.next(field.name());
      columns.put(field.name(), name);
      tokens.addAll(finding.nullTokens());
      List<String> doubts = new ArrayList<>(changedType(field));
      doubts.addAll(finding.doubts());
      proposed.add(new ProposedColumn(name, field.name(), finding.type(), doubts));
    }
    return new ProposedTable(
        key(sample, columns),
        hasPythonBytes,
        tokens.stream().sorted().toList(),
        proposed,
        sample.form() == MessageForm.ROW || columns.isEmpty() || !key(sample, columns).isEmpty()
            ? List.of()
            : List.of("The messages' keys name no column: name the primary key's, key: [...]."));
  }

  private static Finding finding(SampledField field, boolean hasPythonBytes) {
    if (field.schema().isEmpty()) {
      return ValueTypes.of(field, hasPythonBytes);
    }
    ProposedType type = SchemaTypes.of(field.schema().get());
    if (type.equals(ProposedType.STRING) && TextTypes.areLiterals(field.values())) {
      return ValueTypes.of(field, hasPythonBytes);
    }
    ValueTrial trial = new ValueTrial(type, hasPythonBytes, List.of());
    return field.values().stream().allMatch(trial::reads)
        ? new Finding(type, List.of(), SchemaTypes.doubts(field.schema().get()))
        : Finding.doubtful(
            ProposedType.STRING,
            "The schema states " + type.spoken() + ", which not every value can be read as.");
  }

  private static List<String> changedType(SampledField field) {
    return field.schemaTypes().size() < 2
        ? List.of()
        : List.of("Its schema changed: " + String.join(", then ", field.schemaTypes()) + ".");
  }

  /** The columns of the key's fields; none where one of them is not a field of the row. */
  private static List<String> key(TopicSample sample, Map<String, String> columns) {
    return columns.keySet().containsAll(sample.keyFields())
        ? sample.keyFields().stream().map(columns::get).toList()
        : List.of();
  }
}
