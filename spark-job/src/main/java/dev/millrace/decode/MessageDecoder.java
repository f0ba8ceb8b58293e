package dev.millrace.decode;

import static dev.millrace.decode.MessageFields.ADDED;
import static dev.millrace.decode.MessageFields.AFTER;
import static dev.millrace.decode.MessageFields.BEFORE;
import static dev.millrace.decode.MessageFields.DELETED;
import static dev.millrace.decode.MessageFields.OPERATION;
import static dev.millrace.decode.MessageFields.PAYLOAD;
import static dev.millrace.decode.MessageFields.SCHEMA;
import static dev.millrace.decode.MessageFields.SOURCE;

import dev.millrace.config.TableDefinition;
import dev.millrace.config.TableDefinition.MissingField;
import dev.millrace.config.TableDefinition.OnError;
import dev.millrace.decode.column.ColumnReader;
import dev.millrace.decode.column.ColumnReaders;
import dev.millrace.decode.column.PlaceholderText;
import dev.millrace.decode.column.TextRules;
import dev.millrace.decode.json.FieldNames;
import dev.millrace.event.ChangeColumns;
import dev.millrace.event.MessageColumns;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.ToIntFunction;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * How the messages of one table become rows: the table's definition, compiled for one query.
 *
 * <p>Made on the driver, immutable, serialized to the executors, where each task takes a {@link
 * MessageReader} of its own from it.
 *
 * <p>Every declared column of every message is read and validated, regardless of what the query
 * needs: all queries over a table reject the same messages. Only the needed ones are put into rows.
 *
 * <p>So it is with the old row: a table that has {@link ChangeColumns#BEFORE} has it read and
 * validated in every envelope, and a message is rejected for a value of it, whether or not a query
 * needs it; a table without it has the old row passed over. A value that Debezium put a placeholder
 * for is null and named in {@link ChangeColumns#UNCHANGED}, but in a column of the key it can't be
 * read; in the old row it is null.
 *
 * <p>A row without a value in a column of the table's key is rejected, regardless of {@code
 * on-error} states: no sink can tell it from another. A null in the key is a null, a missing field,
 * a null token, or a value that can't be read.
 *
 * <p>Unless the table's replica identity is the whole row, a delete tells its key and nothing else:
 * what its message has for the other columns was invented by the connector, and is passed over; so
 * is the old row of an update.
 *
 * <p>With {@link OnError#NULL} a value that can't be read is null; a message that can't be read is
 * rejected all the same. {@link OnError#FAIL} rejects like {@link OnError#REJECT}: to end the query
 * is the business of whoever sees the reject.
 */
public final class MessageDecoder implements Serializable {

  private static final long serialVersionUID = 1L;

  private static final List<String> MESSAGE_FIELDS =
      List.of(ADDED + OPERATION, DELETED, OPERATION, BEFORE, AFTER, SOURCE, SCHEMA, PAYLOAD);

  private final MessageForm form;
  private final StructType rowType;
  private final FieldNames names;
  private final FieldNames sourceNames;
  private final ReadableColumn[] tableColumns;
  private final ReadableColumn[] keyColumns;
  private final ReadableColumn[] otherColumns;
  private final ReadableColumn[][] envelopeColumns;
  private final ReadableColumn[][] unwrappedColumns;
  private final int operationTarget;
  private final int unchangedTarget;
  private final int placeholdersTarget;
  private final int beforeTarget;
  private final ReadableColumn[] beforeColumns;
  private final int beforeSize;
  private final boolean hasWholeOldRow;
  private final boolean isNullOnError;
  private final boolean isMissingRejected;

  /**
   * A column, and where it is read from.
   *
   * @param slot of its field in the names of the object that it is in
   * @param target its ordinal in the row, -1 where it is not needed
   */
  record ReadableColumn(ColumnReader reader, int slot, boolean isKey, int target)
      implements Serializable {}

  /**
   * Compiles a table's definition.
   *
   * @param neededColumns names of the relation's columns; those of {@link MessageColumns#POSITION}
   *     may be among them, they are not the decoder's business
   * @throws IllegalArgumentException for a name that is none of these, for a table's column with
   *     the name of another or of a change's column, and for a type that can't be decoded
   */
  public MessageDecoder(TableDefinition table, Set<String> neededColumns) {
    this(MessageForm.DEBEZIUM, table, neededColumns);
  }

  /**
   * The same for messages of another form; a {@link MessageForm#ROW} has the table's columns only.
   * One that is {@link MessageForm#isKeyed known by its key} is an update, a tombstone a delete,
   * which is skipped unless {@link ChangeColumns#OP} is needed.
   */
  public MessageDecoder(MessageForm form, TableDefinition table, Set<String> neededColumns) {
    this.form = form;
    StructType own = table.rowType();
    List<StructField> columns = new ArrayList<>(List.of(own.fields()));
    if (form != MessageForm.ROW) {
      columns.addAll(ChangeColumns.DECODED);
      if (table.hasBefore()) {
        columns.add(DataTypes.createStructField(ChangeColumns.BEFORE, own, true));
      }
      if (neededColumns.contains(ChangeColumns.PLACEHOLDERS)) {
        columns.add(
            DataTypes.createStructField(
                ChangeColumns.PLACEHOLDERS,
                DataTypes.createArrayType(DataTypes.StringType, false),
                true));
      }
    }
    requireKnown(columns, neededColumns, table);
    this.rowType =
        DataTypes.createStructType(
            columns.stream().filter(column -> neededColumns.contains(column.name())).toList());
    List<SourceColumn> envelope = SourceColumn.ofEnvelope();
    List<SourceColumn> unwrapped = SourceColumn.ofUnwrapped();
    List<String> fields = new ArrayList<>();
    table.columns().forEach(column -> fields.add(column.from()));
    fields.addAll(MESSAGE_FIELDS);
    unwrapped.forEach(column -> column.readers().forEach(reader -> fields.add(reader.field())));
    this.names = new FieldNames(fields);
    this.sourceNames =
        new FieldNames(
            envelope.stream()
                .flatMap(column -> column.readers().stream())
                .map(ColumnReader::field)
                .toList());
    List<String> ownNames = List.of(own.fieldNames());
    this.tableColumns = columns(table, this::target);
    this.beforeTarget = target(ChangeColumns.BEFORE);
    this.hasWholeOldRow = table.replicaIdentity().hasWholeRow();
    this.beforeSize = own.size();
    this.beforeColumns =
        table.hasBefore()
            ? Arrays.stream(
                    oldRow(columns(table, name -> beforeTarget < 0 ? -1 : ownNames.indexOf(name))))
                .filter(column -> hasWholeOldRow || table.key().contains(column.reader().name()))
                .toArray(ReadableColumn[]::new)
            : new ReadableColumn[0];
    this.keyColumns =
        Arrays.stream(tableColumns).filter(ReadableColumn::isKey).toArray(ReadableColumn[]::new);
    this.otherColumns =
        Arrays.stream(tableColumns)
            .filter(column -> !column.isKey())
            .toArray(ReadableColumn[]::new);
    this.envelopeColumns = columns(envelope, sourceNames);
    this.unwrappedColumns = columns(unwrapped, names);
    this.operationTarget = target(ChangeColumns.OP);
    this.unchangedTarget = target(ChangeColumns.UNCHANGED);
    this.placeholdersTarget = target(ChangeColumns.PLACEHOLDERS);
    this.isNullOnError = table.onError() == OnError.NULL;
    this.isMissingRejected = table.missingField() == MissingField.REJECT;
  }

  private ReadableColumn[] columns(TableDefinition table, ToIntFunction<String> target) {
    TextRules rules = rules(table);
    return table.columns().stream()
        .map(
            column ->
                new ReadableColumn(
                    ColumnReaders.of(column, rules.with(column)),
                    names.slot(column.from()),
                    table.key().contains(column.name()),
                    target.applyAsInt(column.name())))
        .toArray(ReadableColumn[]::new);
  }

  /** The old row is data like any other: no sink stores it by its key. */
  private static ReadableColumn[] oldRow(ReadableColumn[] columns) {
    return Arrays.stream(columns)
        .map(column -> new ReadableColumn(column.reader(), column.slot(), false, column.target()))
        .toArray(ReadableColumn[]::new);
  }

  /** Only Debezium sends placeholders. */
  private TextRules rules(TableDefinition table) {
    TextRules rules = TextRules.of(table);
    return form == MessageForm.DEBEZIUM
        ? rules
        : new TextRules(rules.encoding(), rules.nullTokens(), PlaceholderText.NONE);
  }

  MessageForm form() {
    return form;
  }

  /** The needed columns: those of the table in declared order, then the change's own. */
  public StructType rowType() {
    return rowType;
  }

  /** The fields that matter at the top of a message and in its rows. */
  FieldNames names() {
    return names;
  }

  /** The fields that matter in an envelope's {@code source}. */
  FieldNames sourceNames() {
    return sourceNames;
  }

  ReadableColumn[] tableColumns() {
    return tableColumns;
  }

  ReadableColumn[] keyColumns() {
    return keyColumns;
  }

  /** The table's columns that are not part of its key. */
  ReadableColumn[] otherColumns() {
    return otherColumns;
  }

  ReadableColumn[][] envelopeColumns() {
    return envelopeColumns;
  }

  ReadableColumn[][] unwrappedColumns() {
    return unwrappedColumns;
  }

  int operationTarget() {
    return operationTarget;
  }

  int unchangedTarget() {
    return unchangedTarget;
  }

  int placeholdersTarget() {
    return placeholdersTarget;
  }

  /** Whether a delete has every column of the deleted row; else its key is all that is known. */
  boolean hasWholeOldRow() {
    return hasWholeOldRow;
  }

  /** How many columns the old row has, whether they are read or not. */
  int beforeSize() {
    return beforeSize;
  }

  /** The table's columns that the old row tells; none where the table has no column for it. */
  ReadableColumn[] beforeColumns() {
    return beforeColumns;
  }

  int beforeTarget() {
    return beforeTarget;
  }

  /** Whether a row must have every declared field. */
  boolean isMissingRejected() {
    return isMissingRejected;
  }

  /** Whether a value that can't be read becomes null; else its message is rejected. */
  boolean isNullOnError() {
    return isNullOnError;
  }

  /** The needed columns, as a query's plan shows them. */
  @Override
  public String toString() {
    return Arrays.toString(rowType.fieldNames());
  }

  private ReadableColumn[][] columns(List<SourceColumn> columns, FieldNames fields) {
    return columns.stream()
        .map(
            column ->
                column.readers().stream()
                    .map(
                        reader ->
                            new ReadableColumn(
                                reader, fields.slot(reader.field()), false, target(column.name())))
                    .toArray(ReadableColumn[]::new))
        .toArray(ReadableColumn[][]::new);
  }

  private int target(String column) {
    return Arrays.asList(rowType.fieldNames()).indexOf(column);
  }

  private static void requireKnown(
      List<StructField> columns, Set<String> neededColumns, TableDefinition table) {
    Set<String> names = new HashSet<>();
    for (StructField column : columns) {
      if (!names.add(column.name())) {
        throw new IllegalArgumentException("two columns are named " + column.name());
      }
    }
    if (!names.containsAll(table.key())) {
      throw new IllegalArgumentException("no such key columns in the table: " + table.key());
    }
    MessageColumns.POSITION.forEach(column -> names.add(column.name()));
    if (!names.containsAll(neededColumns)) {
      Set<String> unknown = new HashSet<>(neededColumns);
      unknown.removeAll(names);
      throw new IllegalArgumentException("no such columns in the table: " + unknown);
    }
  }
}
