package dev.millrace.decode;

import static dev.millrace.decode.MessageFields.ADDED;
import static dev.millrace.decode.MessageFields.AFTER;
import static dev.millrace.decode.MessageFields.BEFORE;
import static dev.millrace.decode.MessageFields.DELETED;
import static dev.millrace.decode.MessageFields.OPERATION;
import static dev.millrace.decode.MessageFields.PAYLOAD;
import static dev.millrace.decode.MessageFields.SCHEMA;
import static dev.millrace.decode.MessageFields.SOURCE;

import dev.millrace.decode.MessageDecoder.ReadableColumn;
import dev.millrace.decode.column.ColumnReader;
import dev.millrace.decode.column.InvalidValue;
import dev.millrace.decode.json.FieldNames;
import dev.millrace.decode.json.JsonScanner;
import dev.millrace.decode.json.MalformedJson;
import dev.millrace.decode.json.ObjectSpans;
import dev.millrace.decode.json.UnknownNames;
import dev.millrace.decode.json.Utf8;
import dev.millrace.error.data.DataError;
import dev.millrace.error.data.DataErrors;
import dev.millrace.error.data.ValueFault;
import io.debezium.data.Envelope.Operation;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * Reads the messages of one task, one after the other. Not thread-safe: each task has its own.
 *
 * <p>A message is scanned once, whole and strictly, which gives the place of every value that may
 * be of interest. Only then is it known which shape it has, since Debezium writes an envelope's
 * {@code op} last; and then the values of one object, the row, are read from their places:
 *
 * <pre>
 *   {"id":1,...,"__op":"u"}                      an unwrapped row: it has `__op`
 *   {"before":..,"after":{"id":1,...},"op":"u"}  an envelope: `op`, and `before` or `after`, each an
 *                                                object or null; no `__op`
 *   {"schema":..,"payload":{...}}                either of them, with schemas.enable=true: the
 *                                                schema is passed over
 * </pre>
 *
 * <p>So a table may have columns that are named {@code op}, {@code after} or {@code payload}.
 *
 * <p>With {@link MessageForm#ROW} a message is none of these but the row itself. Where messages are
 * known by their keys, the key's columns come from the message's key, and the value may repeat
 * them:
 *
 * <pre>
 *   {"id":1}   {"id":1,"fare":20}   u, id 1, fare 20
 *   1          {"fare":20}          the same
 *   1          null                 d, id 1
 * </pre>
 */
public final class MessageReader {

  private static final byte[] TRUE = "true".getBytes(StandardCharsets.US_ASCII);

  private static final Map<Operation, UTF8String> CODES =
      Collections.unmodifiableMap(
          new EnumMap<>(
              Arrays.stream(Operation.values())
                  .collect(
                      Collectors.toMap(
                          Function.identity(),
                          operation -> UTF8String.fromString(operation.code())))));

  private final MessageDecoder decoder;
  private final JsonScanner json = new JsonScanner();
  private final ColumnReader.Scratch scratch = new ColumnReader.Scratch();
  private final ObjectSpans top;
  private final ObjectSpans before;
  private final ObjectSpans after;
  private final ObjectSpans source;
  private final ObjectSpans key;
  private final UnknownNames topUnknown;
  private final UnknownNames rowUnknown;
  private final List<UTF8String> unchanged = new ArrayList<>();
  private final List<UTF8String> placeholders = new ArrayList<>();
  private final int addedOperation;
  private final int deleted;
  private final int envelopeOperation;
  private final int beforeSlot;
  private final int afterSlot;
  private final int sourceSlot;
  private final int schemaSlot;
  private final int payloadSlot;

  /** A reader for one task. */
  public static MessageReader of(MessageDecoder decoder) {
    return new MessageReader(decoder, false);
  }

  /** A reader that names every field that is not declared, in every message that has one. */
  public static MessageReader strict(MessageDecoder decoder) {
    return new MessageReader(decoder, true);
  }

  private MessageReader(MessageDecoder decoder, boolean isStrict) {
    this.decoder = decoder;
    this.topUnknown = new UnknownNames(isStrict);
    this.rowUnknown = new UnknownNames(isStrict);
    FieldNames names = decoder.names();
    this.top = new ObjectSpans(names, topUnknown);
    this.before = new ObjectSpans(names, rowUnknown);
    this.after = new ObjectSpans(names, rowUnknown);
    this.source = new ObjectSpans(decoder.sourceNames());
    this.key = new ObjectSpans(names);
    this.addedOperation = names.slot(ADDED + OPERATION);
    this.deleted = names.slot(DELETED);
    this.envelopeOperation = names.slot(OPERATION);
    this.beforeSlot = names.slot(BEFORE);
    this.afterSlot = names.slot(AFTER);
    this.sourceSlot = names.slot(SOURCE);
    this.schemaSlot = names.slot(SCHEMA);
    this.payloadSlot = names.slot(PAYLOAD);
  }

  /**
   * What a message states.
   *
   * @param key the message's key, may be null
   * @param value the message's value, null for a tombstone; rows refer to it, so it must not change
   * @return (outcome, error, row, unknown), as {@link Decode#column} describes it; never null
   */
  public InternalRow read(byte[] key, byte[] value) {
    if (decoder.form().isKeyed()) {
      return readByKey(key, value);
    }
    if (value == null) {
      return Outcome.skipped();
    }
    if (decoder.form() == MessageForm.ROW) {
      return readAsRow(value);
    }
    if (value.length == 0) {
      return Outcome.rejected(DataErrors.emptyMessage());
    }
    try {
      clear();
      json.reset(value, 0, value.length);
      scanFields(top, true);
      json.close();
      if (isWrappedWithSchema(top)) {
        if (!top.hasValue(payloadSlot)) {
          return Outcome.skipped();
        }
        int start = top.start(payloadSlot);
        int end = top.end(payloadSlot);
        clear();
        json.reset(value, start, end);
        scanFields(top, true);
      }
      InternalRow row = new GenericInternalRow(readRow(key, value));
      boolean isUnwrapped = top.kind(addedOperation) != JsonScanner.ABSENT;
      return Outcome.change(row, (isUnwrapped ? topUnknown : rowUnknown).take());
    } catch (MalformedJson e) {
      return Outcome.rejected(DataErrors.invalidJson(e.fault(), value, e.position()));
    } catch (Rejected e) {
      return Outcome.rejected(e.error());
    }
  }

  private InternalRow readAsRow(byte[] value) {
    if (value.length == 0) {
      return Outcome.rejected(DataErrors.emptyValue());
    }
    try {
      clear();
      json.reset(value, 0, value.length);
      scanFields(top, false);
      json.close();
      Object[] row = new Object[decoder.rowType().size()];
      readColumns(decoder.tableColumns(), top, value, row);
      return Outcome.change(new GenericInternalRow(row), topUnknown.take());
    } catch (MalformedJson e) {
      return Outcome.rejected(DataErrors.notAnObject(e.fault(), value, e.position()));
    } catch (Rejected e) {
      return Outcome.rejected(e.error());
    }
  }

  /** A row that its message's key tells; a tombstone is its end. */
  private InternalRow readByKey(byte[] messageKey, byte[] value) {
    try {
      Object[] row = new Object[decoder.rowType().size()];
      Object[] keyValues = keyValues(messageKey);
      for (int i = 0; i < keyValues.length; i++) {
        ReadableColumn column = decoder.keyColumns()[i];
        if (column.target() >= 0) {
          row[column.target()] = keyValues[i];
        }
      }
      boolean hasOperation = decoder.operationTarget() >= 0;
      if (hasOperation) {
        row[decoder.operationTarget()] =
            CODES.get(value == null ? Operation.DELETE : Operation.UPDATE);
      }
      if (value == null) {
        return hasOperation ? Outcome.change(new GenericInternalRow(row), null) : Outcome.skipped();
      }
      if (value.length == 0) {
        return Outcome.rejected(DataErrors.emptyValue());
      }
      clear();
      json.reset(value, 0, value.length);
      scanFields(top, false);
      json.close();
      requireSameKey(messageKey, keyValues, value);
      readColumns(decoder.otherColumns(), top, value, row);
      return Outcome.change(new GenericInternalRow(row), topUnknown.take());
    } catch (MalformedJson e) {
      return Outcome.rejected(DataErrors.notAnObject(e.fault(), value, e.position()));
    } catch (Rejected e) {
      return Outcome.rejected(e.error());
    }
  }

  /** What the message's key tells of each column of the table's key, none of it null. */
  private Object[] keyValues(byte[] message) throws Rejected {
    ReadableColumn[] columns = decoder.keyColumns();
    boolean isText = decoder.form() == MessageForm.ROW_BY_TEXT_KEY;
    if (message == null) {
      throw new Rejected(DataErrors.messageWithoutKey(keyFields(columns), isText));
    }
    Object[] values = new Object[columns.length];
    if (isText) {
      if (!Utf8.isValid(message, 0, message.length)) {
        throw new Rejected(DataErrors.keyNotText(columns[0].reader().name(), message));
      }
      values[0] = keyValue(columns[0].reader(), JsonScanner.STRING, 0, message.length, message);
      return values;
    }
    try {
      json.reset(message, 0, message.length);
      boolean isObject = json.peek() == '{';
      if (isObject) {
        key.clear();
        scanFields(key, false);
        json.close();
        boolean isWrapped =
            key.fieldCount() == 2
                && key.kind(schemaSlot) == JsonScanner.OBJECT
                && key.kind(payloadSlot) != JsonScanner.ABSENT;
        if (isWrapped) {
          int start = key.start(payloadSlot);
          int end = key.end(payloadSlot);
          isObject = key.kind(payloadSlot) == JsonScanner.OBJECT;
          if (isObject) {
            key.clear();
            json.reset(message, start, end);
            scanFields(key, false);
          } else if (columns.length == 1) {
            values[0] = keyValue(columns[0].reader(), key.kind(payloadSlot), start, end, message);
            return values;
          }
        }
      } else if (columns.length == 1) {
        byte kind = json.value();
        json.close();
        values[0] =
            keyValue(columns[0].reader(), kind, json.valueStart(), json.valueEnd(), message);
        return values;
      }
      if (!isObject) {
        throw new Rejected(DataErrors.keyNotAnObject(keyFields(columns), message));
      }
    } catch (MalformedJson e) {
      throw new Rejected(
          DataErrors.unreadableMessageKey(keyFields(columns), e.fault(), message, e.position()));
    }
    for (int i = 0; i < columns.length; i++) {
      ReadableColumn column = columns[i];
      int slot = column.slot();
      if (!key.hasValue(slot)) {
        throw new Rejected(
            DataErrors.messageKeyWithoutColumn(
                column.reader().name(), column.reader().field(), message));
      }
      values[i] =
          keyValue(column.reader(), key.kind(slot), key.start(slot), key.end(slot), message);
    }
    return values;
  }

  private static List<String> keyFields(ReadableColumn[] columns) {
    return Arrays.stream(columns).map(column -> column.reader().field()).toList();
  }

  private Object keyValue(ColumnReader reader, byte kind, int start, int end, byte[] message)
      throws Rejected {
    Object value;
    try {
      value = reader.read(kind, message, start, end, scratch);
    } catch (InvalidValue e) {
      throw new Rejected(reader.messageKeyError(e, message));
    }
    if (value == null) {
      throw new Rejected(DataErrors.nullMessageKey(reader.name(), message));
    }
    return value;
  }

  /** Refuses a value that tells another key than its message's key does. */
  private void requireSameKey(byte[] messageKey, Object[] keyValues, byte[] value) throws Rejected {
    for (int i = 0; i < keyValues.length; i++) {
      ReadableColumn column = decoder.keyColumns()[i];
      int slot = column.slot();
      if (top.kind(slot) == JsonScanner.ABSENT) {
        continue;
      }
      Object repeated =
          top.hasValue(slot) ? readValue(column.reader(), true, top, slot, value) : null;
      if (!Objects.deepEquals(keyValues[i], repeated)) {
        throw new Rejected(
            DataErrors.contradictoryKey(
                column.reader().name(),
                column.reader().field(),
                messageKey,
                value,
                top.start(slot),
                top.end(slot)));
      }
    }
  }

  private void clear() {
    top.clear();
    before.clear();
    after.clear();
    source.clear();
    topUnknown.clear();
    rowUnknown.clear();
    unchanged.clear();
    placeholders.clear();
  }

  /** Notes where the values of an object stand; at the top those of the objects in it, too. */
  private void scanFields(ObjectSpans spans, boolean isTop) throws MalformedJson {
    if (!json.openObject()) {
      return;
    }
    do {
      int slot = spans.passField(json, scratch.text);
      ObjectSpans inner = isTop && slot >= 0 ? inner(slot) : null;
      if (inner != null && json.peek() == '{') {
        int start = json.position();
        scanFields(inner, false);
        spans.put(slot, JsonScanner.OBJECT, start, json.position());
      } else {
        byte kind = json.value();
        spans.put(slot, kind, json.valueStart(), json.valueEnd());
      }
    } while (json.hasNextField());
  }

  private ObjectSpans inner(int slot) {
    if (slot == afterSlot) {
      return after;
    }
    if (slot == beforeSlot) {
      return before;
    }
    return slot == sourceSlot ? source : null;
  }

  private boolean isWrappedWithSchema(ObjectSpans spans) {
    return spans.fieldCount() == 2
        && isObjectOrNull(spans.kind(schemaSlot))
        && isObjectOrNull(spans.kind(payloadSlot));
  }

  private Object[] readRow(byte[] key, byte[] value) throws Rejected {
    Object[] row = new Object[decoder.rowType().size()];
    Operation operation;
    if (top.kind(addedOperation) != JsonScanner.ABSENT) {
      operation = operation(addedOperation, value);
      requireAgreement(operation, value);
      switch (operation) {
        case CREATE, UPDATE, READ -> readColumns(decoder.tableColumns(), top, value, row);
        case DELETE -> readDeleted(top, true, key, value, row);
        default -> {
          // A truncate concerns no row.
        }
      }
      readSource(decoder.unwrappedColumns(), top, value, row);
    } else if (isEnvelope()) {
      operation = operation(envelopeOperation, value);
      switch (operation) {
        case CREATE, UPDATE, READ -> {
          if (top.kind(afterSlot) != JsonScanner.OBJECT) {
            throw new Rejected(DataErrors.missingRow(operation.code()));
          }
          readColumns(decoder.tableColumns(), after, value, row);
        }
        case DELETE ->
            readDeleted(before, top.kind(beforeSlot) == JsonScanner.OBJECT, key, value, row);
        default -> {
          // A truncate concerns no row.
        }
      }
      readBefore(operation, value, row);
      readSource(decoder.envelopeColumns(), source, value, row);
    } else {
      throw new Rejected(DataErrors.missingOperation(value));
    }
    if (decoder.operationTarget() >= 0) {
      row[decoder.operationTarget()] = CODES.get(operation);
    }
    if (decoder.unchangedTarget() >= 0 && !unchanged.isEmpty()) {
      row[decoder.unchangedTarget()] = new GenericArrayData(unchanged.toArray());
    }
    if (decoder.placeholdersTarget() >= 0 && !placeholders.isEmpty()) {
      row[decoder.placeholdersTarget()] = new GenericArrayData(placeholders.toArray());
    }
    return row;
  }

  /**
   * Reads a deleted row: whole if Postgres logs it so, else its key, since the connector invents
   * the rest.
   *
   * @param hasRow whether the message has anything of the row
   */
  private void readDeleted(
      ObjectSpans spans, boolean hasRow, byte[] key, byte[] value, Object[] row) throws Rejected {
    if (hasRow && decoder.hasWholeOldRow()) {
      readColumns(decoder.tableColumns(), spans, value, row);
    } else if (hasRow && decoder.keyColumns().length > 0) {
      readColumns(decoder.keyColumns(), spans, value, row);
    } else {
      readKey(key, row);
    }
    // Of a row that is gone no value stands.
    unchanged.clear();
    placeholders.clear();
  }

  private void readBefore(Operation operation, byte[] value, Object[] row) throws Rejected {
    boolean isKnown = decoder.hasWholeOldRow() || operation == Operation.DELETE;
    if (decoder.beforeColumns().length == 0
        || top.kind(beforeSlot) != JsonScanner.OBJECT
        || !isKnown) {
      return;
    }
    int unchangedInRow = unchanged.size();
    int placeholdersInRow = placeholders.size();
    Object[] old = new Object[decoder.beforeSize()];
    readColumns(decoder.beforeColumns(), before, value, old);
    unchanged.subList(unchangedInRow, unchanged.size()).clear();
    placeholders.subList(placeholdersInRow, placeholders.size()).clear();
    if (decoder.beforeTarget() >= 0) {
      row[decoder.beforeTarget()] = new GenericInternalRow(old);
    }
  }

  private boolean isEnvelope() {
    byte old = top.kind(beforeSlot);
    byte current = top.kind(afterSlot);
    return top.kind(envelopeOperation) != JsonScanner.ABSENT
        && (old == JsonScanner.ABSENT || isObjectOrNull(old))
        && (current == JsonScanner.ABSENT || isObjectOrNull(current))
        && (old != JsonScanner.ABSENT || current != JsonScanner.ABSENT);
  }

  private Operation operation(int slot, byte[] value) throws Rejected {
    int start = top.start(slot);
    int end = top.end(slot);
    boolean isCode = top.kind(slot) == JsonScanner.STRING && end == start + 1;
    return switch (isCode ? value[start] : 0) {
      case 'c' -> Operation.CREATE;
      case 'u' -> Operation.UPDATE;
      case 'd' -> Operation.DELETE;
      case 'r' -> Operation.READ;
      case 't' -> Operation.TRUNCATE;
      default -> throw new Rejected(DataErrors.unknownOperation(value, start, end));
    };
  }

  private void requireAgreement(Operation operation, byte[] value) throws Rejected {
    byte kind = top.kind(deleted);
    if (kind <= JsonScanner.NULL) {
      return;
    }
    scratch.text.set(value, top.start(deleted), top.end(deleted));
    boolean isDeleted = scratch.text.isEqualTo(TRUE);
    if (isDeleted != (operation == Operation.DELETE)) {
      throw new Rejected(DataErrors.contradictoryOperation(operation.code(), isDeleted));
    }
  }

  private void readKey(byte[] message, Object[] row) throws Rejected {
    if (message == null || message.length == 0) {
      throw new Rejected(DataErrors.deleteWithoutKey());
    }
    try {
      key.clear();
      json.reset(message, 0, message.length);
      scanFields(key, false);
      json.close();
      if (isWrappedWithSchema(key) && key.hasValue(payloadSlot)) {
        int start = key.start(payloadSlot);
        int end = key.end(payloadSlot);
        key.clear();
        json.reset(message, start, end);
        scanFields(key, false);
      }
    } catch (MalformedJson e) {
      throw new Rejected(DataErrors.invalidKey(e.fault(), message, e.position()));
    }
    if (decoder.keyColumns().length == 0) {
      readColumns(columnsOfKey(), key, message, row);
      return;
    }
    for (ReadableColumn column : decoder.keyColumns()) {
      if (!key.hasValue(column.slot())) {
        ColumnReader reader = column.reader();
        throw new Rejected(DataErrors.keyWithoutColumn(reader.name(), reader.field(), message));
      }
    }
    readColumns(decoder.keyColumns(), key, message, row);
  }

  /** The columns that the message's key tells, of a table whose key nobody has declared. */
  private ReadableColumn[] columnsOfKey() throws Rejected {
    ReadableColumn[] columns =
        Arrays.stream(decoder.tableColumns())
            .filter(column -> key.hasValue(column.slot()))
            .toArray(ReadableColumn[]::new);
    if (columns.length == 0) {
      throw new Rejected(DataErrors.deleteWithoutKey());
    }
    return columns;
  }

  private void readColumns(
      ReadableColumn[] columns, ObjectSpans spans, byte[] message, Object[] row) throws Rejected {
    for (ReadableColumn column : columns) {
      ColumnReader reader = column.reader();
      int slot = column.slot();
      if (spans.hasValue(slot)) {
        Object value = readValue(reader, column.isKey(), spans, slot, message);
        if (column.isKey() && value == null) {
          throw new Rejected(
              DataErrors.nullTokenInKey(
                  reader.name(), reader.field(), message, spans.start(slot), spans.end(slot)));
        }
        if (value == ColumnReader.UNCHANGED) {
          UTF8String name = UTF8String.fromString(reader.name());
          unchanged.add(name);
          placeholders.add(name);
        } else if (column.target() >= 0) {
          row[column.target()] = value;
        }
      } else if (decoder.isMissingRejected() && spans.kind(slot) == JsonScanner.ABSENT) {
        throw new Rejected(DataErrors.missingField(reader.name(), reader.field()));
      } else if (column.isKey()) {
        throw new Rejected(DataErrors.rowWithoutKey(reader.name(), reader.field()));
      } else if (decoder.unchangedTarget() >= 0 && spans.kind(slot) == JsonScanner.ABSENT) {
        // Not sent is not null: a generated column, for one, keeps its value in Postgres.
        unchanged.add(UTF8String.fromString(reader.name()));
      }
    }
  }

  private void readSource(
      ReadableColumn[][] columns, ObjectSpans spans, byte[] message, Object[] row) throws Rejected {
    for (ReadableColumn[] fields : columns) {
      for (ReadableColumn field : fields) {
        if (spans.hasValue(field.slot())) {
          Object value = readValue(field.reader(), false, spans, field.slot(), message);
          if (field.target() >= 0) {
            row[field.target()] = value;
          }
          break;
        }
      }
    }
  }

  /** The value; {@link ColumnReader#UNCHANGED} in the place of one that was not sent. */
  private Object readValue(
      ColumnReader reader, boolean isKey, ObjectSpans spans, int slot, byte[] message)
      throws Rejected {
    byte kind = spans.kind(slot);
    int start = spans.start(slot);
    int end = spans.end(slot);
    try {
      Object value = reader.read(kind, message, start, end, scratch);
      if (isKey && value == ColumnReader.UNCHANGED) {
        throw new InvalidValue(ValueFault.UNAVAILABLE);
      }
      return value;
    } catch (InvalidValue e) {
      if (decoder.isNullOnError() && !isKey) {
        return null;
      }
      DataError error = reader.error(e, isKey, kind, message, start, end);
      throw new Rejected(error);
    }
  }

  private static boolean isObjectOrNull(byte kind) {
    return kind == JsonScanner.OBJECT || kind == JsonScanner.NULL;
  }
}
