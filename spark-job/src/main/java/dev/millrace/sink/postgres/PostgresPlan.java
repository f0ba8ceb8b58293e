package dev.millrace.sink.postgres;

import dev.millrace.config.OutputDefinition;
import dev.millrace.config.SinkDefinition.PostgresSink;
import dev.millrace.config.SinkDefinition.PostgresSink.Guard;
import dev.millrace.event.OrderColumns;
import dev.millrace.sink.StoredColumns;
import dev.millrace.sink.TableChange;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * What of an output's rows becomes what of a table, and the statements for it. Pure, serializable.
 *
 * <p>The rows of a batch come from sources: relations with the columns of the table and a letter
 * that tells whether the row is written ({@code c}) or removed ({@code d}).
 *
 * @param rows the columns of the output's rows
 * @param hasOperation whether the first of them is that letter; else all rows are written
 * @param key names of those that identify a row; none where {@link TableChange} needs none
 * @param change what a batch does to the rows that are there
 * @param guard where the position of each key's newest change is kept; {@code NONE} where rows come
 *     without one, or are not compared
 */
record PostgresPlan(
    String schemaName,
    String tableName,
    StructType rows,
    boolean hasOperation,
    List<String> key,
    TableChange change,
    Guard guard)
    implements Serializable {

  /** Positions of changes: partition and offset in Kafka, the highest LSN that was streamed. */
  static final List<StructField> POSITION =
      List.of(
          DataTypes.createStructField("millrace_partition", DataTypes.IntegerType, false),
          DataTypes.createStructField("millrace_offset", DataTypes.LongType, false),
          DataTypes.createStructField("millrace_lsn", DataTypes.LongType, true));

  /** The columns of a line between the operation and those of the output. */
  static final StructType STAGED_POSITION =
      new StructType(
          Stream.concat(
                  POSITION.stream(),
                  Stream.of(
                      DataTypes.createStructField(
                          "millrace_snapshot_lsn", DataTypes.LongType, true),
                      DataTypes.createStructField("millrace_tx", DataTypes.LongType, true),
                      DataTypes.createStructField(
                          "millrace_first_delete_tx", DataTypes.LongType, true),
                      DataTypes.createStructField(
                          "millrace_first_delete_lsn", DataTypes.LongType, true),
                      DataTypes.createStructField("millrace_unset", DataTypes.StringType, true)))
              .toArray(StructField[]::new));

  /** The letter of a row of a source. */
  static final String OPERATION = "millrace.op";

  private static final String WRITTEN = quoted(OPERATION) + " = 'c'";
  private static final String REMOVED = quoted(OPERATION) + " = 'd'";

  PostgresPlan {
    key = new ArrayList<>(key);
  }

  /** What an output does to its table. */
  static PostgresPlan of(OutputDefinition output, StructType rows, boolean isView) {
    PostgresSink sink = (PostgresSink) output.sink();
    boolean isGuarded = !isView && output.isOrdered() && OrderColumns.arePlaced(rows);
    TableChange change = isGuarded ? TableChange.MERGE : TableChange.of(output, isView);
    return new PostgresPlan(
        sink.schema(),
        sink.table(),
        rows,
        isView,
        change.key(output, rows),
        change,
        isGuarded ? sink.guard() : Guard.NONE);
  }

  /** Whether the position of a change decides whether it is stored. */
  boolean isGuarded() {
    return guard != Guard.NONE;
  }

  /** The columns of the output that are stored. */
  List<StructField> stored() {
    List<StructField> all =
        Arrays.asList(rows.fields()).subList(hasOperation ? 1 : 0, rows.length());
    return isGuarded() ? all.stream().filter(this::isStored).toList() : all;
  }

  private boolean isStored(StructField field) {
    return key.contains(field.name()) || StoredColumns.isStored(field.name());
  }

  /** The columns that the table needs. */
  List<StructField> columnsOfTable() {
    return guard == Guard.COLUMN
        ? Stream.concat(stored().stream(), POSITION.stream()).toList()
        : stored();
  }

  /** Where the stored columns are in a row. */
  int[] ordinals() {
    return IntStream.range(hasOperation ? 1 : 0, rows.length()).toArray();
  }

  /** The same for a row that is removed: -1 for columns that are not part of the key. */
  int[] ordinalsOfKey() {
    return Arrays.stream(ordinals())
        .map(ordinal -> key.contains(rows.fields()[ordinal].name()) ? ordinal : -1)
        .toArray();
  }

  /** Whether a column of the key may be null in the table. */
  boolean hasNullableKey() {
    return !isGuarded() && key.stream().anyMatch(name -> rows.apply(name).nullable());
  }

  // ------------------------------------------------------------------ statements

  String table() {
    return quoted(schemaName) + "." + quoted(tableName);
  }

  /** Creates the table, with its key. */
  String createTable() {
    String columns =
        columnsOfTable().stream()
            .map(field -> quoted(field.name()) + " " + createdType(field.dataType()))
            .collect(Collectors.joining(", "));
    return "CREATE TABLE %s (%s%s)"
        .formatted(table(), columns, key.isEmpty() ? "" : ", " + constraint());
  }

  /** Adds a column to the table. */
  String addColumn(StructField field) {
    return "ALTER TABLE %s ADD COLUMN %s %s"
        .formatted(table(), quoted(field.name()), createdType(field.dataType()));
  }

  /** Adds the key to the table. */
  String addConstraint() {
    return "ALTER TABLE %s ADD %s".formatted(table(), constraint());
  }

  private static String createdType(DataType type) {
    return PostgresTypes.created(type).orElseThrow();
  }

  private String constraint() {
    return "%s (%s)"
        .formatted(hasNullableKey() ? "UNIQUE NULLS NOT DISTINCT" : "PRIMARY KEY", names(key));
  }

  /**
   * Creates a source without rows, whose columns have the types that the table's have.
   *
   * @param kind {@code TEMPORARY} or {@code UNLOGGED}
   * @param options {@code ON COMMIT ...} with a blank before it, or nothing
   */
  String createSource(String kind, String source, String options) {
    String position =
        isGuarded()
            ? Arrays.stream(STAGED_POSITION.fields())
                .map(
                    field ->
                        "NULL::%s AS %s, ".formatted(createdType(field.dataType()), field.name()))
                .collect(Collectors.joining())
            : "";
    return "CREATE %s TABLE %s%s AS SELECT ''::\"char\" AS %s, %s%s FROM %s WITH NO DATA"
        .formatted(kind, source, options, quoted(OPERATION), position, columns(), table());
  }

  /** Fills a source. */
  String copy(String source) {
    // All columns, in the order in which the source was created.
    return "COPY %s FROM STDIN".formatted(source);
  }

  /** Removes all rows. */
  String deleteAll() {
    return "DELETE FROM " + table();
  }

  /** Removes the rows that a source tells, but those with a null in their key. */
  String delete(String source) {
    return "DELETE FROM %s AS t USING %s AS s WHERE s.%s AND %s"
        .formatted(table(), source, REMOVED, onKey("t.%1$s = s.%1$s"));
  }

  /** Removes the rows that a source tells with a null in their key, for which no index is used. */
  String deleteNulls(String source) {
    return "DELETE FROM %s AS t USING %s AS s WHERE s.%s AND (%s) AND %s"
        .formatted(
            table(),
            source,
            REMOVED,
            key.stream()
                .map(name -> "s." + quoted(name) + " IS NULL")
                .collect(Collectors.joining(" OR ")),
            onKey("t.%1$s IS NOT DISTINCT FROM s.%1$s"));
  }

  private String onKey(String condition) {
    return key.stream()
        .map(name -> condition.formatted(quoted(name)))
        .collect(Collectors.joining(" AND "));
  }

  /** Writes the rows of a source. */
  String write(String source) {
    String insert =
        "INSERT INTO %s (%s) SELECT %s FROM %s WHERE %s"
            .formatted(table(), columns(), columns(), source, WRITTEN);
    return change == TableChange.MERGE ? insert + onConflict() : insert;
  }

  String onConflict() {
    List<String> others =
        columnsOfTable().stream()
            .map(StructField::name)
            .filter(name -> !key.contains(name))
            .toList();
    return " ON CONFLICT (%s) DO %s"
        .formatted(
            names(key),
            others.isEmpty()
                ? "NOTHING"
                : "UPDATE SET "
                    + others.stream()
                        .map(name -> quoted(name) + " = excluded." + quoted(name))
                        .collect(Collectors.joining(", ")));
  }

  String columns() {
    return names(stored().stream().map(StructField::name).toList());
  }

  static String names(List<String> names) {
    return names.stream().map(PostgresPlan::quoted).collect(Collectors.joining(", "));
  }

  /** A name as SQL takes it. */
  static String quoted(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }
}
