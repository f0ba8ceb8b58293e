package dev.millrace.config.parse;

import dev.millrace.config.ColumnDefinition;
import dev.millrace.config.ColumnDefinition.DecimalEncoding;
import dev.millrace.config.ColumnDefinition.TimeUnit;
import dev.millrace.config.ColumnType;
import dev.millrace.config.KafkaSourceDefinition;
import dev.millrace.config.KafkaSourceDefinition.KeyForm;
import dev.millrace.config.ReplicaIdentity;
import dev.millrace.config.SourceDefinition;
import dev.millrace.config.SourceDefinition.Contents;
import dev.millrace.config.TableDefinition;
import dev.millrace.config.TableDefinition.MissingField;
import dev.millrace.config.TableDefinition.OnError;
import dev.millrace.config.TextEncoding;
import dev.millrace.config.Values;
import dev.millrace.error.TableErrors;
import dev.millrace.error.UserErrors;
import dev.millrace.event.ChangeColumns;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;

/** Reads {@code table}. */
final class TableParser {

  /** Instead of a type that is wrong; no column can have it. */
  static final ColumnType UNKNOWN_TYPE =
      new ColumnType(ColumnType.Kind.STRING, DataTypes.NullType, null);

  private static final List<TimeUnit> TIMESTAMP_UNITS =
      List.of(TimeUnit.SECONDS, TimeUnit.MILLIS, TimeUnit.MICROS, TimeUnit.NANOS, TimeUnit.ISO);

  private static final List<TimeUnit> DATE_UNITS = List.of(TimeUnit.DAYS, TimeUnit.ISO);

  private static final List<TimeUnit> TIME_UNITS =
      List.of(TimeUnit.MILLIS, TimeUnit.MICROS, TimeUnit.NANOS, TimeUnit.ISO);

  /** A lookup is taken as a whole or not at all. */
  private static final List<OnError> LOOKUP_ERRORS = List.of(OnError.REJECT, OnError.NULL);

  private static final TableDefinition NO_TABLE =
      new TableDefinition(List.of(), TextEncoding.NONE, Set.of(), OnError.REJECT, List.of());

  private TableParser() {}

  static TableDefinition parse(Section pipeline, SourceDefinition source) {
    Section table = pipeline.section("table");
    if (!source.hasTable()) {
      if (pipeline.has("table")) {
        pipeline.problem(
            "table",
            TableErrors.tableNotAllowed(source.ownColumns().map(StructField::name).toList()));
      }
      return NO_TABLE;
    }
    Section section = table.section("columns");
    Optional<String> name = table.optional("name", Values::relationName);
    List<String> key = table.list("key", Values::text, List.of());
    TextEncoding textEncoding =
        table.optional("text-encoding", Values.oneOf(TextEncoding.class), "none");
    List<String> nullTokens = table.list("null-tokens", token -> token, List.of());
    OnError onError = table.optional("on-error", Values.oneOf(OnError.class), "reject");
    MissingField missingField =
        table.optional("missing-field", Values.oneOf(MissingField.class), "null");
    boolean hasBefore = table.optional("before", Values::bool, "false");
    if (hasBefore && source.contents() != Contents.CHANGES) {
      table.problem("before", TableErrors.beforeNotAllowed());
    }
    ReplicaIdentity replicaIdentity =
        table.optional("replica-identity", ReplicaIdentity::parse, "default");
    if (table.has("replica-identity") && source.contents() != Contents.CHANGES) {
      table.problem("replica-identity", TableErrors.replicaIdentityNotAllowed());
    }
    String placeholder =
        table.optional(
            "unavailable-value-placeholder", Values::text, TableDefinition.UNAVAILABLE_VALUE);
    if (!table.has("columns") && source.inferredFrom().isPresent()) {
      table.absent("columns", "inferred from " + source.inferredFrom().get());
    } else if (section.isEmpty()) {
      table.problem("columns", UserErrors.noEntries("column"));
    }
    List<String> reserved =
        Stream.of(
                source.ownColumns().map(StructField::name),
                source.stateColumns().stream().map(StructField::name),
                hasBefore ? Stream.of(ChangeColumns.BEFORE) : Stream.<String>empty())
            .flatMap(names -> names)
            .toList();
    List<ColumnDefinition> columns = columns(section, reserved);
    if (!columns.isEmpty()) {
      requireColumns(table, "key", key, columns.stream().map(ColumnDefinition::name).toList());
    }
    name.filter(chosen -> chosen.equalsIgnoreCase(source.relationName()))
        .ifPresent(chosen -> table.problem("name", TableErrors.reservedRelation(chosen)));
    if (name.isPresent() && !source.hasRowKeys()) {
      table.problem(
          "name",
          source.contents() == Contents.JSON
              ? TableErrors.viewsNeedMessageKeys()
              : TableErrors.viewsNeedChanges());
    } else if (name.isPresent() && key.isEmpty() && table.has("columns")) {
      table.problem("key", TableErrors.viewsNeedKey());
    }
    if (source instanceof KafkaSourceDefinition kafka && kafka.messageKey().isPresent()) {
      if (name.isEmpty()) {
        table.problem("name", TableErrors.keysNeedName());
      }
      if (kafka.messageKey().get() == KeyForm.TEXT && key.size() > 1) {
        table.problem("key", TableErrors.textIsOneColumn(key));
      }
    }
    table.finish();
    return new TableDefinition(
        name,
        key,
        textEncoding,
        Set.copyOf(nullTokens),
        onError,
        missingField,
        placeholder,
        hasBefore,
        replicaIdentity,
        columns);
  }

  /** The columns of a lookup, in {@code schema}; and what its values may be, next to it. */
  static TableDefinition parseLookup(Section lookup) {
    Section schema = lookup.section("schema");
    if (schema.isEmpty()) {
      lookup.problem("schema", UserErrors.noEntries("column"));
    }
    return new TableDefinition(
        List.of(),
        TextEncoding.NONE,
        Set.copyOf(lookup.list("null-tokens", token -> token, List.of())),
        lookup.optional("on-error", Values.oneOf(LOOKUP_ERRORS, Values::spelling), "reject"),
        columns(schema, List.of()));
  }

  /** Reports names of a list that are not columns. */
  static void requireColumns(
      Section section, String key, List<String> names, Collection<String> columns) {
    for (String name : names) {
      if (!columns.contains(name)) {
        section.problem(key, TableErrors.unknownColumn(name, columns));
      }
    }
  }

  private static List<ColumnDefinition> columns(Section section, List<String> reserved) {
    Map<String, String> taken = new HashMap<>();
    List<ColumnDefinition> columns = new ArrayList<>();
    for (Section column : section.sections()) {
      String name = column.name();
      checkName(section, name, taken, reserved);
      ColumnType type =
          column.required(
              "type", ColumnType::parse, UNKNOWN_TYPE, UserErrors.oneOf("", ColumnType.names()));
      columns.add(
          new ColumnDefinition(
              name,
              column.optional("from", Values::text, name),
              type,
              unit(column, type),
              decimalEncoding(column, type),
              column.optional("text-encoding", Values.oneOf(TextEncoding.class)),
              nullTokens(column)));
      column.finish();
    }
    return columns;
  }

  private static void checkName(
      Section columns, String name, Map<String, String> taken, List<String> reserved) {
    if (!Values.isColumnName(name)) {
      columns.problem(
          name, UserErrors.invalidValue("'" + name + "'", TableErrors.expectColumnName()));
    }
    // Spark's SQL does not tell upper from lower case.
    String first = taken.putIfAbsent(name.toLowerCase(Locale.ROOT), name);
    if (first != null) {
      columns.problem(name, TableErrors.duplicateColumn(first));
    }
    reserved.stream()
        .filter(name::equalsIgnoreCase)
        .forEach(own -> columns.problem(name, TableErrors.reservedColumn(own, name)));
  }

  private static TimeUnit unit(Section column, ColumnType type) {
    return switch (type.scalarKind()) {
      case TIMESTAMP ->
          column.optional("unit", Values.oneOf(TIMESTAMP_UNITS, Values::spelling), "micros");
      case DATE -> column.optional("unit", Values.oneOf(DATE_UNITS, Values::spelling), "days");
      case TIME -> column.optional("unit", Values.oneOf(TIME_UNITS, Values::spelling), "micros");
      case TIMETZ -> {
        refuse(column, "unit", type, TableErrors.unitNotAllowed(type.name()));
        yield TimeUnit.ISO;
      }
      default -> {
        refuse(column, "unit", type, TableErrors.unitNotAllowed(type.name()));
        yield TimeUnit.NONE;
      }
    };
  }

  private static DecimalEncoding decimalEncoding(Section column, ColumnType type) {
    if (type.scalarKind() == ColumnType.Kind.DECIMAL) {
      return column.optional("encoding", Values.oneOf(DecimalEncoding.class), "text");
    }
    refuse(column, "encoding", type, TableErrors.encodingNotAllowed(type.name()));
    return DecimalEncoding.TEXT;
  }

  private static void refuse(Section column, String key, ColumnType type, String problem) {
    column
        .optional(key, text -> text)
        .filter(text -> !type.equals(UNKNOWN_TYPE))
        .ifPresent(text -> column.problem(key, problem));
  }

  private static Optional<Set<String>> nullTokens(Section column) {
    column.allow("null-tokens");
    return column.has("null-tokens")
        ? Optional.of(Set.copyOf(column.list("null-tokens", token -> token, List.of())))
        : Optional.empty();
  }
}
