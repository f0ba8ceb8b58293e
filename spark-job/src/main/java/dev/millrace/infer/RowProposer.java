package dev.millrace.infer;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.millrace.config.ColumnType;
import dev.millrace.error.InferErrors;
import dev.millrace.event.SampledMessage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Proposes a table from rows that are not changes: those of files. Pure. */
public final class RowProposer {

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();

  private RowProposer() {}

  /** What the rows of a sample are like. */
  public enum Values {
    /**
     * Each value is a text, regardless of its meaning: of CSV. A type is what all of them can be.
     */
    TEXTS,
    /** A text is a text: of JSON. */
    TYPED
  }

  /**
   * A table by the values of its rows.
   *
   * @param fields names that are known, in their order; others are added as they come
   * @param rows each the JSON of one; what is none is passed over
   * @param nullTokens texts that are not a value
   * @param own the columns that every row has in addition to the table's
   */
  public static ProposedTable byValues(
      List<String> fields,
      List<SampledMessage> rows,
      Values values,
      Set<String> nullTokens,
      List<StructField> own) {
    Map<String, SampledField> sampled = new LinkedHashMap<>();
    fields.forEach(name -> sampled.put(name, new SampledField(name)));
    for (SampledMessage row : rows) {
      parsed(row)
          .fields()
          .forEachRemaining(
              field -> {
                SampledField known = sampled.computeIfAbsent(field.getKey(), SampledField::new);
                if (!nullTokens.contains(field.getValue().asText())) {
                  known.addValue(field.getValue());
                }
              });
    }
    ColumnNames names = new ColumnNames(Map.of(), own);
    List<ProposedColumn> columns = new ArrayList<>();
    for (SampledField field : sampled.values()) {
      Finding finding =
          values == Values.TEXTS && !field.values().isEmpty()
              ? TextTypes.ofValues(field.values())
              : ValueTypes.of(field, false);
      columns.add(
          new ProposedColumn(
              names.next(field.name()), field.name(), finding.type(), finding.doubts()));
    }
    return table(columns);
  }

  /**
   * A table by the types that its files say.
   *
   * @param place the file, for messages
   * @throws dev.millrace.error.UserException with every column that can have no such type
   */
  public static ProposedTable bySchema(String place, StructType schema, List<StructField> own) {
    ColumnNames names = new ColumnNames(Map.of(), own);
    List<ProposedColumn> columns = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    for (StructField field : schema.fields()) {
      try {
        columns.add(
            new ProposedColumn(
                names.next(field.name()),
                field.name(),
                ProposedType.of(ColumnType.of(field.dataType()).name()),
                List.of()));
      } catch (IllegalArgumentException e) {
        problems.add(
            InferErrors.noColumnType(place, field.name(), field.dataType().simpleString()));
      }
    }
    if (!problems.isEmpty()) {
      throw InferErrors.noColumnTypes(problems);
    }
    return table(columns);
  }

  private static ProposedTable table(List<ProposedColumn> columns) {
    return new ProposedTable(List.of(), false, List.of(), columns, List.of());
  }

  private static JsonNode parsed(SampledMessage row) {
    try {
      return JSON.readTree(row.value());
    } catch (IOException e) {
      return JSON.nullNode();
    }
  }
}
