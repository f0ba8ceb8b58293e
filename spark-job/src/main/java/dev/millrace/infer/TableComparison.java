package dev.millrace.infer;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.config.ColumnDefinition;
import dev.millrace.config.TableDefinition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** How a topic differs from the columns that a pipeline declares for it. Pure. */
public final class TableComparison {

  private TableComparison() {}

  /**
   * A line for each column that is new in the topic, never seen there, or seen to be of another
   * type; in that order.
   *
   * @param proposed from the same sample
   */
  public static List<String> differences(
      TableDefinition declared, ProposedTable proposed, TopicSample sample) {
    Map<String, ColumnDefinition> byField = new HashMap<>();
    declared.columns().forEach(column -> byField.put(column.from(), column));
    List<String> lines = new ArrayList<>();
    List<String> types = new ArrayList<>();
    List<ColumnDefinition> found = proposed.toDefinition().columns();
    for (int i = 0; i < found.size(); i++) {
      ColumnDefinition seen = found.get(i);
      ColumnDefinition column = byField.get(seen.from());
      String type = proposed.columns().get(i).type().spoken();
      if (column == null) {
        lines.add(
            "new: the field '%s' is not declared; proposed as %s %s"
                .formatted(seen.from(), seen.name(), type));
      } else if (!column.type().equals(seen.type())
          || column.unit() != seen.unit()
          || column.decimalEncoding() != seen.decimalEncoding()) {
        types.add(otherType(declared, column, type, sample));
      }
    }
    for (ColumnDefinition column : declared.columns()) {
      if (!sample.hasField(column.from())) {
        lines.add(
            "never seen: %s is declared, and no message has its field '%s'"
                .formatted(column.name(), column.from()));
      }
    }
    lines.addAll(types);
    return lines;
  }

  private static String otherType(
      TableDefinition declared, ColumnDefinition column, String proposed, TopicSample sample) {
    List<JsonNode> values = sample.field(column.from()).values();
    ValueTrial trial = new ValueTrial(declared, column);
    List<JsonNode> misfits = values.stream().filter(value -> !trial.reads(value)).toList();
    String verdict =
        misfits.isEmpty()
            ? "the declared type reads all %d values".formatted(values.size())
            : "the declared type can't read %d of %d values, such as %s"
                .formatted(misfits.size(), values.size(), misfits.get(0));
    return "type: %s is declared as %s, proposed as %s; %s"
        .formatted(column.name(), column.spokenType(), proposed, verdict);
  }
}
