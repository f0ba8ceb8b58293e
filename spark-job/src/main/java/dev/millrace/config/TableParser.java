package dev.millrace.config;

import dev.millrace.config.ColumnDefinition.TimeUnit;
import dev.millrace.config.SourceDefinition.Contents;
import dev.millrace.config.TableDefinition.OnError;
import dev.millrace.config.TableDefinition.TextEncoding;
import dev.millrace.error.UserErrors;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;

/** Reads {@code table}. */
final class TableParser {

  /** In place of a type that is wrong; no column can have it. */
  static final DataType UNKNOWN_TYPE = DataTypes.NullType;

  private static final List<TimeUnit> TIMESTAMP_UNITS =
      List.of(TimeUnit.SECONDS, TimeUnit.MILLIS, TimeUnit.MICROS, TimeUnit.NANOS, TimeUnit.ISO);

  private static final List<TimeUnit> DATE_UNITS = List.of(TimeUnit.DAYS, TimeUnit.ISO);

  private static final TableDefinition NO_TABLE =
      new TableDefinition(List.of(), TextEncoding.NONE, Set.of(), OnError.REJECT, List.of());

  private TableParser() {}

  static TableDefinition parse(Section pipeline, SourceDefinition source) {
    Section table = pipeline.section("table");
    if (!source.hasTable()) {
      if (pipeline.has("table")) {
        pipeline.problem(
            "table",
            UserErrors.tableNotAllowed(source.ownColumns().map(StructField::name).toList()));
      }
      return NO_TABLE;
    }
    List<ColumnDefinition> columns = columns(table, source);
    List<String> names = columns.stream().map(ColumnDefinition::name).toList();
    List<String> key = table.list("key", Values::text, List.of());
    TableDefinition definition =
        new TableDefinition(
            key,
            table.optional("text-encoding", Values.oneOf(TextEncoding.class), "none"),
            new LinkedHashSet<>(table.list("null-tokens", token -> token, List.of())),
            table.optional("on-error", Values.oneOf(OnError.class), "reject"),
            columns);
    if (!definition.isInferred()) {
      requireColumns(table, "key", key, names);
    }
    table.finish();
    return definition;
  }

  /** Reports names of a list that are no columns. */
  static void requireColumns(
      Section section, String key, List<String> names, Collection<String> columns) {
    for (String name : names) {
      if (!columns.contains(name)) {
        section.problem(key, UserErrors.unknownColumn(name, columns));
      }
    }
  }

  private static List<ColumnDefinition> columns(Section table, SourceDefinition source) {
    Section section = table.section("columns");
    if (!table.has("columns") && source.contents() == Contents.CHANGES) {
      table.absent("columns", "inferred from the messages' schema");
      return List.of();
    }
    if (section.isEmpty()) {
      table.problem("columns", UserErrors.noEntries("column"));
    }
    Map<String, String> taken = new HashMap<>();
    List<ColumnDefinition> columns = new ArrayList<>();
    for (Section column : section.sections()) {
      String name = column.name();
      checkName(section, name, taken, source);
      DataType type =
          column.required(
              "type", Values::dataType, UNKNOWN_TYPE, UserErrors.oneOf("", Values.typeNames()));
      columns.add(
          new ColumnDefinition(
              name, column.optional("from", Values::text, name), type, unit(column, type)));
      column.finish();
    }
    return columns;
  }

  private static void checkName(
      Section columns, String name, Map<String, String> taken, SourceDefinition source) {
    if (!Values.isColumnName(name)) {
      columns.problem(
          name, UserErrors.invalidValue("'" + name + "'", UserErrors.expectColumnName()));
    }
    // Spark's SQL does not tell upper from lower case.
    String first = taken.putIfAbsent(name.toLowerCase(Locale.ROOT), name);
    if (first != null) {
      columns.problem(name, UserErrors.duplicateColumn(first));
    }
    source
        .ownColumns()
        .map(StructField::name)
        .filter(name::equalsIgnoreCase)
        .forEach(own -> columns.problem(name, UserErrors.reservedColumn(own, name)));
  }

  private static TimeUnit unit(Section column, DataType type) {
    if (type.equals(DataTypes.TimestampType)) {
      return column.optional("unit", Values.oneOf(TIMESTAMP_UNITS, Values::spelling), "micros");
    }
    if (type.equals(DataTypes.DateType)) {
      return column.optional("unit", Values.oneOf(DATE_UNITS, Values::spelling), "days");
    }
    column
        .optional("unit", unit -> unit)
        .filter(unit -> !type.equals(UNKNOWN_TYPE))
        .ifPresent(unit -> column.problem("unit", UserErrors.unitNotAllowed(type.simpleString())));
    return TimeUnit.NONE;
  }
}
