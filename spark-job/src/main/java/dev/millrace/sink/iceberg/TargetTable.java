package dev.millrace.sink.iceberg;

import dev.millrace.config.SinkDefinition.Create;
import dev.millrace.config.SinkDefinition.IcebergSink;
import dev.millrace.config.SinkDefinition.IcebergSink.PartitionField;
import dev.millrace.error.IcebergErrors;
import dev.millrace.sink.TableChange;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.UpdateSchema;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.expressions.Term;
import org.apache.iceberg.spark.SparkSchemaUtil;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * The table of a sink: found and compared with the output, or created. Driver only.
 *
 * @param output its name, for messages
 */
record TargetTable(IcebergSink sink, IcebergPlan plan, String output) {

  /**
   * The table that is there now.
   *
   * @param isNew whether it has just been created
   */
  record Prepared(Table table, boolean isNew) {}

  /**
   * Finds or creates the table; adds columns that it lacks.
   *
   * @param firstBatch the batch that comes next; 0 where nothing was written before
   * @throws dev.millrace.error.UserException where the table is missing and is not to be created,
   *     or does not fit
   */
  Prepared prepare(OpenCatalog catalog, long firstBatch) {
    requireKey();
    Optional<Table> found = catalog.table();
    if (found.isEmpty()) {
      if (firstBatch > 0) {
        throw IcebergErrors.lostTable(sink.place(), firstBatch);
      }
      if (sink.create() == Create.NEVER) {
        throw IcebergErrors.missingTable(sink.place());
      }
      return new Prepared(create(catalog), true);
    }
    Table table = found.get();
    List<NestedField> missing = new ArrayList<>();
    List<String> problems = new ArrayList<>(differences(table, missing));
    partitionProblem(table).ifPresent(problems::add);
    if (!problems.isEmpty()) {
      throw IcebergErrors.tableDisagrees(sink.place(), output, problems);
    }
    addColumns(table, missing);
    return new Prepared(table, false);
  }

  /** Of a view it was looked at before. */
  private void requireKey() {
    List<String> objections =
        IcebergTypes.objectionsToKey(
            plan.stored().stream().filter(field -> plan.key().contains(field.name())).toList());
    if (!objections.isEmpty()) {
      throw IcebergErrors.keyTypes(output, objections);
    }
  }

  // ------------------------------------------------------------------ a table that is created

  /**
   * Rows are found by their key, which the table notes where no column of it may be null. A layout
   * without partitions is its first: deletes have it, and so find a row in any partition.
   */
  private Table create(OpenCatalog catalog) {
    Map<String, String> properties = new LinkedHashMap<>();
    properties.put(TableProperties.FORMAT_VERSION, "2");
    properties.put(BatchMark.IS_CREATED, "true");
    // Each commit writes a metadata file; the last hundred are kept.
    properties.put(TableProperties.METADATA_DELETE_AFTER_COMMIT_ENABLED, "true");
    for (String change :
        List.of(
            TableProperties.DELETE_MODE, TableProperties.UPDATE_MODE, TableProperties.MERGE_MODE)) {
      properties.put(change, "merge-on-read");
    }
    return catalog.create(
        schema(),
        properties,
        update -> sink.partitionBy().forEach(field -> update.addField(term(field))));
  }

  private Schema schema() {
    Schema schema =
        SparkSchemaUtil.convert(
            new StructType(
                plan.stored().stream()
                    .map(
                        field ->
                            DataTypes.createStructField(
                                field.name(),
                                IcebergTypes.stored(field.dataType()),
                                !plan.isRequired(field)))
                    .toArray(StructField[]::new)));
    boolean isIdentified =
        plan.stored().stream().filter(plan::isRequired).count() == plan.key().size();
    return isIdentified
        ? new Schema(
            schema.columns(),
            plan.key().stream()
                .map(name -> schema.asStruct().field(name).fieldId())
                .collect(Collectors.toSet()))
        : schema;
  }

  private static Term term(PartitionField field) {
    return switch (field.transform()) {
      case "year" -> Expressions.year(field.column());
      case "month" -> Expressions.month(field.column());
      case "day" -> Expressions.day(field.column());
      case "hour" -> Expressions.hour(field.column());
      case "bucket" -> Expressions.bucket(field.column(), field.width());
      case "truncate" -> Expressions.truncate(field.column(), field.width());
      default -> Expressions.ref(field.column());
    };
  }

  // ------------------------------------------------------------------ a table that was there

  private List<String> differences(Table table, List<NestedField> missing) {
    List<String> problems = new ArrayList<>();
    Set<String> others = new HashSet<>();
    table.schema().columns().forEach(field -> others.add(field.name()));
    for (StructField field : plan.stored()) {
      others.remove(field.name());
      NestedField found = table.schema().asStruct().field(field.name());
      if (found == null) {
        if (sink.create() == Create.IF_MISSING) {
          missing.add(
              NestedField.optional(0, field.name(), IcebergTypes.created(field.dataType())));
        } else {
          problems.add(
              IcebergErrors.columnMissing(
                  field.name(), IcebergTypes.created(field.dataType()).toString()));
        }
      } else if (!IcebergTypes.holds(found.type(), field.dataType())) {
        problems.add(
            IcebergErrors.typesDiffer(
                field.name(),
                field.dataType().simpleString(),
                found.type().toString(),
                IcebergTypes.created(field.dataType()).toString()));
      }
    }
    for (NestedField field : table.schema().columns()) {
      if (others.contains(field.name()) && field.isRequired()) {
        problems.add(IcebergErrors.requiredByTable(field.name()));
      }
    }
    if (tableVersion(table) < 2 && plan.change() == TableChange.MERGE) {
      problems.add(IcebergErrors.firstVersion());
    }
    return problems;
  }

  private static int tableVersion(Table table) {
    return ((HasTableOperations) table).operations().current().formatVersion();
  }

  private Optional<String> partitionProblem(Table table) {
    if (!sink.partitionBy().isEmpty()) {
      Set<PartitionField> found = new HashSet<>();
      PartitionSpec spec = table.spec();
      spec.fields()
          .forEach(
              field ->
                  found.add(
                      partitionField(
                          field.transform().toString(),
                          table.schema().findColumnName(field.sourceId()))));
      if (!found.equals(Set.copyOf(sink.partitionBy()))) {
        return Optional.of(IcebergErrors.otherPartitions(spec.toString()));
      }
    }
    return plan.change() == TableChange.MERGE && plan.deleteSpec(table) == null
        ? Optional.of(IcebergErrors.partitionsOutsideOfKey(table.spec().toString(), plan.key()))
        : Optional.empty();
  }

  private static PartitionField partitionField(String transform, String column) {
    int width = transform.indexOf('[');
    return width < 0
        ? new PartitionField(transform, 0, column)
        : new PartitionField(
            transform.substring(0, width),
            Integer.parseInt(transform.substring(width + 1, transform.length() - 1)),
            column);
  }

  private static void addColumns(Table table, List<NestedField> missing) {
    if (!missing.isEmpty()) {
      UpdateSchema update = table.updateSchema();
      missing.forEach(field -> update.addColumn(null, field.name(), field.type()));
      update.commit();
    }
  }
}
