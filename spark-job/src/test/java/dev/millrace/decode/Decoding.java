package dev.millrace.decode;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.config.ColumnDefinition;
import dev.millrace.config.TableDefinition;
import dev.millrace.error.data.DataError;
import dev.millrace.event.ChangeColumns;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructType;

/** A decoder without Spark around it, and what it gives as plain values. */
public final class Decoding {

  private final MessageDecoder decoder;
  private final MessageReader reader;

  private Decoding(MessageDecoder decoder) {
    this.decoder = decoder;
    this.reader = MessageReader.of(decoder);
  }

  public static Decoding of(TableDefinition table) {
    return new Decoding(new MessageDecoder(table, Tables.allColumns(table)));
  }

  /** The same with {@link ChangeColumns#PLACEHOLDERS}, which only a table's state asks for. */
  static Decoding withPlaceholders(TableDefinition table) {
    Set<String> columns = new LinkedHashSet<>(Tables.allColumns(table));
    columns.add(ChangeColumns.PLACEHOLDERS);
    return new Decoding(new MessageDecoder(table, columns));
  }

  /** Of messages that are the table's rows themselves. */
  public static Decoding ofRows(TableDefinition table) {
    Set<String> columns =
        table.columns().stream().map(ColumnDefinition::name).collect(Collectors.toSet());
    return new Decoding(new MessageDecoder(MessageForm.ROW, table, columns));
  }

  /** Of messages that their keys tell: the table's columns, and the operation. */
  static Decoding byKey(MessageForm form, TableDefinition table) {
    Set<String> columns =
        table.columns().stream().map(ColumnDefinition::name).collect(Collectors.toSet());
    columns.add(ChangeColumns.OP);
    return ofForm(form, table, columns);
  }

  static Decoding ofForm(MessageForm form, TableDefinition table, Set<String> columns) {
    return new Decoding(new MessageDecoder(form, table, columns));
  }

  /** The message's outcome: (outcome, error, row) as Spark shows them. */
  public Row decode(byte[] key, byte[] value) {
    InternalRow decoded = reader.read(key, value);
    StructType type = Outcome.type(decoder.rowType());
    return (Row) CatalystTypeConverters.convertToScala(decoded, type);
  }

  public Row decode(String value) {
    return decode(null, value.getBytes(UTF_8));
  }

  /** The row of a message that must be a change. */
  public Row change(byte[] key, byte[] value) {
    Row decoded = decode(key, value);
    if (!decoded.getString(0).equals(Outcome.CHANGE)) {
      throw new AssertionError("no change: " + decoded);
    }
    return decoded.getStruct(2);
  }

  public Row change(String value) {
    return change(null, value.getBytes(UTF_8));
  }

  /** The error of a message that must be rejected. */
  public DataError reject(byte[] key, byte[] value) {
    Row decoded = decode(key, value);
    if (!decoded.getString(0).equals(Outcome.REJECTED)) {
      throw new AssertionError("not rejected: " + decoded);
    }
    Row error = decoded.getStruct(1);
    return new DataError(
        DataError.Code.valueOf(error.getString(0)), error.getString(1), error.getString(2));
  }

  public DataError reject(String value) {
    return reject(null, value.getBytes(UTF_8));
  }
}
