package dev.millrace.decode;

import static dev.millrace.decode.MessageFields.ADDED;
import static dev.millrace.decode.MessageFields.AFTER;
import static dev.millrace.decode.MessageFields.BEFORE;
import static dev.millrace.decode.MessageFields.DELETED;
import static dev.millrace.decode.MessageFields.OPERATION;
import static dev.millrace.decode.MessageFields.PAYLOAD;
import static dev.millrace.decode.MessageFields.SCHEMA;
import static dev.millrace.decode.MessageFields.SOURCE;

import dev.millrace.config.ColumnDefinition;
import dev.millrace.config.TableDefinition;
import dev.millrace.config.TableDefinition.OnError;
import dev.millrace.event.ChangeColumns;
import dev.millrace.event.MessageColumns;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * How the messages of one table become rows: the table's definition, compiled for one query.
 *
 * <p>Made on the driver, immutable, serialized to the executors, where each task takes a {@link
 * MessageReader} of its own from it.
 *
 * <p>Every declared column of every message is read and validated, whatever the query needs: all
 * queries over a table reject the same messages. Only the needed ones are put into rows.
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
  private final List<TableColumn> tableColumns;
  private final List<TableColumn> keyColumns;
  private final List<ReadableSourceColumn> envelopeColumns;
  private final List<ReadableSourceColumn> unwrappedColumns;
  private final int operationTarget;
  private final boolean isNullOnError;

  /**
   * A column of the table.
   *
   * @param slot of its field in {@link #names()}
   * @param target its ordinal in the row, -1 where it is not needed
   */
  record TableColumn(ColumnReader reader, int slot, int target) implements Serializable {}

  /**
   * A column about the change's origin, with a slot for each of its readers.
   *
   * @param target its ordinal in the row, -1 where it is not needed
   */
  record ReadableSourceColumn(SourceColumn column, List<Integer> slots, int target)
      implements Serializable {}

  /**
   * Compiles a table's definition.
   *
   * @param neededColumns names of the table's columns and of {@link ChangeColumns#DECODED}; names
   *     of {@link MessageColumns#POSITION} may be among them, they are not the decoder's business
   * @throws IllegalArgumentException for a name that is none of these, for a table's column with
   *     the name of another or of a change's column, and for a type that can't be decoded
   */
  public MessageDecoder(TableDefinition table, Set<String> neededColumns) {
    this(MessageForm.DEBEZIUM, table, neededColumns);
  }

  /**
   * The same for messages of another form; a {@link MessageForm#ROW} has the table's columns only.
   */
  public MessageDecoder(MessageForm form, TableDefinition table, Set<String> neededColumns) {
    this.form = form;
    List<StructField> columns = new ArrayList<>();
    for (ColumnDefinition column : table.columns()) {
      columns.add(DataTypes.createStructField(column.name(), column.type(), true));
    }
    if (form == MessageForm.DEBEZIUM) {
      columns.addAll(ChangeColumns.DECODED);
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
    this.tableColumns =
        table.columns().stream()
            .map(
                column ->
                    new TableColumn(
                        ColumnReader.of(column, table.textEncoding(), table.nullTokens()),
                        names.slot(column.from()),
                        target(column.name())))
            .toList();
    this.keyColumns =
        tableColumns.stream()
            .filter(column -> table.key().contains(column.reader().name()))
            .toList();
    this.envelopeColumns = envelope.stream().map(column -> resolve(column, sourceNames)).toList();
    this.unwrappedColumns = unwrapped.stream().map(column -> resolve(column, names)).toList();
    this.operationTarget = target(ChangeColumns.OP);
    this.isNullOnError = table.onError() == OnError.NULL;
  }

  MessageForm form() {
    return form;
  }

  /** The needed columns: those of the table in declared order, then the change's own. */
  public StructType rowType() {
    return rowType;
  }

  /** A reader for one task. */
  public MessageReader newReader() {
    return new MessageReader(this);
  }

  /** The fields that matter at the top of a message and in its rows. */
  FieldNames names() {
    return names;
  }

  /** The fields that matter in an envelope's {@code source}. */
  FieldNames sourceNames() {
    return sourceNames;
  }

  List<TableColumn> tableColumns() {
    return tableColumns;
  }

  List<TableColumn> keyColumns() {
    return keyColumns;
  }

  List<ReadableSourceColumn> envelopeColumns() {
    return envelopeColumns;
  }

  List<ReadableSourceColumn> unwrappedColumns() {
    return unwrappedColumns;
  }

  int operationTarget() {
    return operationTarget;
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

  private ReadableSourceColumn resolve(SourceColumn column, FieldNames fields) {
    return new ReadableSourceColumn(
        column,
        column.readers().stream().map(reader -> fields.slot(reader.field())).toList(),
        target(column.name()));
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
