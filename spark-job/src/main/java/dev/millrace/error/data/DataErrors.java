package dev.millrace.error.data;

import dev.millrace.error.data.DataError.Code;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The catalogue of what can be wrong with a message: every text of a dead letter is made here.
 *
 * <p>A text states what was found, what was expected and how to fix it. Where the message is in
 * Kafka is known to the caller, not here.
 */
public final class DataErrors {

  private static final int MAX_SHOWN_CHARACTERS = 80;
  private static final String ADD_OPERATION =
      "Set transforms.unwrap.add.fields=op,source.lsn,source.ts_ms,source.txId,source.snapshot in"
          + " the connector.";

  private static final String KEY_CURE =
      "Name in table.key columns that always have a value (NOT NULL or PRIMARY KEY in Postgres), or"
          + " find out why the producer sends none.";

  private DataErrors() {}

  public static DataError emptyMessage() {
    return new DataError(
        Code.EMPTY_MESSAGE,
        null,
        "The message's value is empty: 0 bytes, where a tombstone would have none at all. Debezium"
            + " writes no such message; look for another producer on the topic.");
  }

  /**
   * The message's value is not a JSON object.
   *
   * @param position of the first byte that breaks the rules
   */
  public static DataError invalidJson(JsonFault fault, byte[] message, int position) {
    return new DataError(
        fault.code(),
        null,
        "Cannot read the message's value as a JSON object: "
            + fault(fault, message, position)
            + ". Set value.converter=org.apache.kafka.connect.json.JsonConverter in the connector,"
            + " and look for other producers on the topic.");
  }

  /** A value without bytes where each is to be the JSON of a row. */
  public static DataError emptyValue() {
    return new DataError(
        Code.EMPTY_MESSAGE,
        null,
        "The message's value is empty: 0 bytes. Expected a JSON object; look for its producer.");
  }

  /** A row whose field of a column of {@code table.key} is null or missing. */
  public static DataError rowWithoutKey(String column, String field) {
    return new DataError(
        Code.INVALID_KEY,
        column,
        "Cannot tell the row from others: the field \"%s\" of the column %s, which is part of table.key, is null or missing. %s"
            .formatted(field, column, KEY_CURE));
  }

  /**
   * A row whose value of a column of {@code table.key} is a null token.
   *
   * @param start where the text begins in {@code message}, without its quotes
   */
  public static DataError nullTokenInKey(
      String column, String field, byte[] message, int start, int end) {
    return new DataError(
        Code.INVALID_KEY,
        column,
        "Cannot tell the row from others: the field \"%s\" of the column %s, which is part of table.key, is %s, a null token. Set null-tokens: [] on the column if the text is a value. %s"
            .formatted(field, column, shown(message, start, end), KEY_CURE));
  }

  /**
   * A value that is to be the JSON of a row and is not a JSON object.
   *
   * @param position of the first byte that breaks the rules
   */
  public static DataError notAnObject(JsonFault fault, byte[] message, int position) {
    return new DataError(
        fault.code(),
        null,
        "Cannot read the value as a JSON object: "
            + fault(fault, message, position)
            + ". Expected the JSON object of one row; look for its producer.");
  }

  /** The message's key is not a JSON object, and a delete without an old row needs it. */
  public static DataError invalidKey(JsonFault fault, byte[] key, int position) {
    return new DataError(
        Code.INVALID_KEY,
        null,
        "Cannot read the message's key as a JSON object: "
            + fault(fault, key, position)
            + ". A delete without its old row is known by its key alone: run ALTER TABLE ..."
            + " REPLICA IDENTITY FULL, or set"
            + " key.converter=org.apache.kafka.connect.json.JsonConverter in the connector.");
  }

  public static DataError deleteWithoutKey() {
    return new DataError(
        Code.INVALID_KEY,
        null,
        "Cannot tell which row was deleted: the message has no key with a column of the table, and"
            + " no old row that Postgres sent whole. Run ALTER TABLE ... REPLICA IDENTITY FULL and"
            + " set table.replica-identity: full, or give the table a primary key.");
  }

  /** The key of a delete lacks a column of the table's key. */
  public static DataError keyWithoutColumn(String column, String field, byte[] key) {
    return new DataError(
        Code.INVALID_KEY,
        column,
        "Cannot tell which row was deleted: the message has no old row (`before`), and its key "
            + shown(key, 0, key.length)
            + " has no value for \""
            + field
            + "\". Declare in table.key the columns that Debezium puts into the key, or run ALTER"
            + " TABLE ... REPLICA IDENTITY FULL.");
  }

  /** A JSON message without a key, where its key tells which row it is. */
  public static DataError messageWithoutKey(List<String> fields, boolean isText) {
    return new DataError(
        Code.INVALID_KEY,
        null,
        "Cannot tell which row the message is: it has no key. Expected "
            + (isText ? "the text of " + fields.get(0) : expectedKey(fields))
            + " (source.kafka.key). Have its producer set the key.");
  }

  /** A message's key that is to be JSON, and is not. */
  public static DataError unreadableMessageKey(
      List<String> fields, JsonFault fault, byte[] key, int position) {
    return new DataError(
        Code.INVALID_KEY,
        null,
        "Cannot read the message's key as JSON: "
            + fault(fault, key, position)
            + ". Expected "
            + expectedKey(fields)
            + ". Correct the producer's key serializer; for a key that is plain text set"
            + " source.kafka.key: text.");
  }

  /** A message's key that is to be an object, as the table's key has several columns. */
  public static DataError keyNotAnObject(List<String> fields, byte[] key) {
    return new DataError(
        Code.INVALID_KEY,
        null,
        "Cannot tell which row the message is: its key is "
            + shown(key, 0, key.length)
            + ". Expected "
            + expectedKey(fields)
            + ". Correct the producer's key, or table.key.");
  }

  /** A message's key that is to be text, and is not. */
  public static DataError keyNotText(String column, byte[] key) {
    return new DataError(
        Code.INVALID_KEY,
        column,
        "Cannot read column "
            + column
            + " from the message's key: its "
            + key.length
            + " bytes are not UTF-8. Correct the producer's key serializer (StringSerializer writes"
            + " text).");
  }

  /** A message's key that lacks a column of the table's key, or has null in it. */
  public static DataError messageKeyWithoutColumn(String column, String field, byte[] key) {
    return new DataError(
        Code.INVALID_KEY,
        column,
        "Cannot tell which row the message is: its key "
            + shown(key, 0, key.length)
            + " has no value for \""
            + field
            + "\". Name in table.key the columns that the messages' keys have, or correct the"
            + " producer's key.");
  }

  /** A message's key whose value of a column can't be read. */
  public static DataError invalidMessageKey(
      ValueFault fault, String column, String type, String unit, byte[] key) {
    return new DataError(
        Code.INVALID_KEY,
        column,
        "Cannot read column "
            + column
            + " from the message's key: found "
            + shown(key, 0, key.length)
            + ", expected "
            + expected(type, unit)
            + "; "
            + fault.description()
            + ". "
            + fault.keyFix());
  }

  /** A message's key that is null, or a null token. */
  public static DataError nullMessageKey(String column, byte[] key) {
    return new DataError(
        Code.INVALID_KEY,
        column,
        "Cannot tell which row the message is: column "
            + column
            + " of its key "
            + shown(key, 0, key.length)
            + " is null. Set null-tokens: [] on the column if the text is a value, or correct the"
            + " producer's key.");
  }

  /**
   * A row that repeats a column of its message's key with another value.
   *
   * @param start where the row's value begins in {@code message}, a string's without its quotes
   */
  public static DataError contradictoryKey(
      String column, String field, byte[] key, byte[] message, int start, int end) {
    return new DataError(
        Code.INVALID_KEY,
        column,
        "Cannot tell which row the message is: its key is "
            + shown(key, 0, key.length)
            + ", and the field \""
            + field
            + "\" of its value is "
            + shown(message, start, end)
            + ". Correct the producer, or leave the field out of the value.");
  }

  private static String expectedKey(List<String> fields) {
    String object = "a JSON object with the fields " + String.join(", ", fields);
    return fields.size() == 1 ? "the JSON value of " + fields.get(0) + " or " + object : object;
  }

  public static DataError missingOperation(byte[] message) {
    return new DataError(
        Code.MISSING_OPERATION,
        null,
        "Cannot tell which operation made this message: it has neither `__op` nor, as an envelope,"
            + " `op` with `before` or `after` in "
            + shown(message, 0, message.length)
            + ". "
            + ADD_OPERATION);
  }

  public static DataError unknownOperation(byte[] message, int start, int end) {
    return new DataError(
        Code.INVALID_OPERATION,
        null,
        "Cannot take operation "
            + shown(message, start, end)
            + ": expected \"c\", \"u\", \"d\", \"r\" or \"t\". Take the messages that change no row"
            + " off the topic with skipped.operations or a filter in the connector.");
  }

  /** {@code __op} and {@code __deleted} contradict one another. */
  public static DataError contradictoryOperation(String operation, boolean isDeleted) {
    return new DataError(
        Code.INVALID_OPERATION,
        null,
        "Cannot tell whether the row was deleted: `__op` is \""
            + operation
            + "\" and `__deleted` is "
            + isDeleted
            + ". Debezium never writes both; look for another producer on the topic or for a"
            + " transform that overwrites one of them.");
  }

  public static DataError missingRow(String operation) {
    return new DataError(
        Code.MISSING_ROW,
        null,
        "Cannot find the row: `after` of an operation \""
            + operation
            + "\" is null or absent. Look for a transform in the connector that drops it.");
  }

  /**
   * A value can't be stored in its column.
   *
   * @param isKey whether the column is part of {@code table.key}, which has no nulls
   * @param type as pipeline files spell it
   * @param unit of a date, a time or a timestamp, as pipeline files spell it; ignored for others
   * @param start where the value begins in {@code message}, its quotes included
   */
  public static DataError invalidValue(
      ValueFault fault,
      boolean isKey,
      String column,
      String field,
      String type,
      String unit,
      byte[] message,
      int start,
      int end) {
    return new DataError(
        fault.code(),
        column,
        "Cannot read column "
            + column
            + " from field \""
            + field
            + "\": found "
            + shown(message, start, end)
            + ", expected "
            + expected(type, unit)
            + "; "
            + fault.description()
            + ". "
            + (isKey ? fault.keyFix() : fault.fix()));
  }

  /** A declared field that a row lacks, where the table requires that it must not. */
  public static DataError missingField(String column, String field) {
    return new DataError(
        Code.MISSING_FIELD,
        column,
        "Cannot read column "
            + column
            + ": the row has no field \""
            + field
            + "\". Remove the column from the pipeline if it was dropped or renamed in Postgres, or"
            + " set table.missing-field=null.");
  }

  private static String expected(String type, String unit) {
    if (type.startsWith("decimal")) {
      return type
          + " as a number or its text (decimal.handling.mode=string in the connector; precise needs"
          + " encoding: base64)";
    }
    if (type.equals("date") || type.equals("time") || type.equals("timestamp")) {
      return unit.equals("iso")
          ? type + " as ISO 8601 text (unit: iso)"
          : type + " as a whole number (unit: " + unit + "; ISO 8601 text needs unit: iso)";
    }
    return type;
  }

  private static String fault(JsonFault fault, byte[] message, int position) {
    int start = Math.max(0, position - MAX_SHOWN_CHARACTERS / 2);
    int end = Math.min(message.length, start + MAX_SHOWN_CHARACTERS);
    return fault.description()
        + " at byte "
        + position
        + " of "
        + message.length
        + ", near "
        + shown(message, start, end);
  }

  /** Bytes as a line a person can read: shortened, and nothing in it moves the cursor. */
  private static String shown(byte[] bytes, int start, int end) {
    // Four bytes at most make one character.
    int shownEnd = Math.min(end, start + 4 * MAX_SHOWN_CHARACTERS);
    String text = new String(bytes, start, shownEnd - start, StandardCharsets.UTF_8);
    StringBuilder line = new StringBuilder(MAX_SHOWN_CHARACTERS + 8).append('`');
    int characters = 0;
    int index = 0;
    while (index < text.length() && characters < MAX_SHOWN_CHARACTERS) {
      int character = text.codePointAt(index);
      if (Character.isISOControl(character)) {
        line.append(String.format("\\x%02x", character));
      } else {
        line.appendCodePoint(character);
      }
      index += Character.charCount(character);
      characters++;
    }
    boolean isShortened = index < text.length() || shownEnd < end;
    return line.append(isShortened ? "...`" : "`").toString();
  }
}
