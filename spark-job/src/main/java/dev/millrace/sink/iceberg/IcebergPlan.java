package dev.millrace.sink.iceberg;

import dev.millrace.config.OutputDefinition;
import dev.millrace.sink.TableChange;
import dev.millrace.sql.Columns;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.spark.SparkSchemaUtil;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.ProjectingInternalRow;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import scala.collection.JavaConverters;

/**
 * What of an output's rows becomes what of a table. Pure, serializable.
 *
 * @param rows the columns of the output's rows
 * @param hasOperation whether the first of them is a letter: {@code c} for a row that is new,
 *     {@code u} for one that takes the place of that of its key, {@code d} for one that is gone;
 *     else each row is new, or takes the place of another where there is a key
 * @param key names of the columns that identify a row; none where {@link TableChange} needs none
 * @param change what a batch does to the rows that are there
 */
record IcebergPlan(StructType rows, boolean hasOperation, List<String> key, TableChange change)
    implements Serializable {

  IcebergPlan {
    key = new ArrayList<>(key);
  }

  static IcebergPlan of(OutputDefinition output, StructType rows, boolean isView) {
    TableChange change = TableChange.of(output, isView);
    return new IcebergPlan(rows, isView, change.key(output, rows), change);
  }

  /** The columns that are stored. */
  List<StructField> stored() {
    return Arrays.asList(rows.fields()).subList(hasOperation ? 1 : 0, rows.length());
  }

  /** Whether a column of the key is never null. */
  boolean isRequired(StructField field) {
    return key.contains(field.name()) && !field.nullable();
  }

  /** The columns of the table that are written, in the order of the rows. */
  Schema written(Table table) {
    return new Schema(
        stored().stream().map(field -> table.schema().asStruct().field(field.name())).toList());
  }

  /** Those of the key. */
  Schema keyOf(Table table) {
    return new Schema(key.stream().map(name -> table.schema().asStruct().field(name)).toList());
  }

  /** The same rows as those that take the place of all. */
  IcebergPlan replacingAll() {
    return new IcebergPlan(rows, hasOperation, List.of(), TableChange.REPLACE);
  }

  /**
   * Whether rows of one key in a batch would be stored next to one another: the key of a view is
   * one, that of an output is what a user states.
   */
  boolean checksKey() {
    return change == TableChange.MERGE && !hasOperation;
  }

  /** The rows with the types that the columns of the table have. */
  Dataset<Row> converted(Dataset<Row> dataset, Table table) {
    StructType type = convertedType(table);
    // By their place: a column of the result may have the name of the letter's.
    String[] places =
        IntStream.range(0, type.length()).mapToObj(place -> "c" + place).toArray(String[]::new);
    Dataset<Row> converted =
        dataset
            .toDF(places)
            .select(
                IntStream.range(0, type.length())
                    .mapToObj(place -> typed(places[place], type.fields()[place]))
                    .toArray(Column[]::new));
    if (!checksKey()) {
      return converted;
    }
    // Rows of one key are next to one another then.
    Column[] columns = key.stream().map(Columns::named).toArray(Column[]::new);
    return converted.repartition(columns).sortWithinPartitions(columns);
  }

  private static Column typed(String place, StructField field) {
    return functions.col(place).cast(field.dataType()).as(field.name());
  }

  /**
   * Stored columns of a row, without a copy.
   *
   * @param type that of {@link #convertedType}
   */
  ProjectingInternalRow projection(StructType type, List<String> columns) {
    int first = hasOperation ? 1 : 0;
    List<String> names = stored().stream().map(StructField::name).toList();
    List<Object> places =
        columns.stream().map(name -> (Object) (names.indexOf(name) + first)).toList();
    return ProjectingInternalRow.apply(
        new StructType(
            places.stream()
                .map(place -> type.fields()[(Integer) place])
                .toArray(StructField[]::new)),
        JavaConverters.asScalaBuffer(places).toIndexedSeq());
  }

  /** The columns of {@link #converted}. */
  StructType convertedType(Table table) {
    StructType stored = SparkSchemaUtil.convert(written(table));
    return hasOperation
        ? new StructType(
            Stream.concat(Stream.of(rows.fields()[0]), Arrays.stream(stored.fields()))
                .toArray(StructField[]::new))
        : stored;
  }

  /**
   * How deletes by key are laid out: in the partitions of the rows where these follow from the key,
   * and else in none, which counts for all.
   *
   * <p>A delete in a partition has no effect on rows that were written when the table was
   * partitioned otherwise.
   *
   * @return null where the table has no layout that finds every row
   */
  PartitionSpec deleteSpec(Table table) {
    PartitionSpec spec = table.spec();
    boolean followsFromKey =
        spec.fields().stream()
            .map(field -> table.schema().findField(field.sourceId()))
            .allMatch(field -> field != null && key.contains(nameOf(table, field)));
    if (spec.isUnpartitioned() || (followsFromKey && table.specs().size() == 1)) {
      return spec;
    }
    return table.specs().values().stream()
        .filter(PartitionSpec::isUnpartitioned)
        .findFirst()
        .orElse(null);
  }

  /** Empty for a field of a struct: a key consists of columns. */
  private static String nameOf(Table table, NestedField field) {
    return table.schema().columns().contains(field) ? field.name() : "";
  }
}
