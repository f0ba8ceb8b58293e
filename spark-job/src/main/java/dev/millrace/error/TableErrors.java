package dev.millrace.error;

import java.util.Collection;

/** The part of the catalogue for {@code table} and its columns. */
public final class TableErrors {

  private TableErrors() {}

  public static String expectColumnName() {
    return "Use letters, digits and underscores, no digit first.";
  }

  public static String expectDecimal() {
    return "Use decimal(PRECISION,SCALE), the precision from 1 to 38, the scale not above it.";
  }

  public static String reservedColumn(String own, String column) {
    return "the name is taken: every change has a column '"
        + own
        + "'. Use another name, with 'from: "
        + column
        + "' for the field.";
  }

  public static String duplicateColumn(String first) {
    return "SQL does not tell this name from '" + first + "'. Rename one of the two.";
  }

  public static String reservedRelation(String name) {
    return "'" + name + "' is the relation of the source's rows. Use another name for the table.";
  }

  public static String viewsNeedChanges() {
    return "only Debezium's changes, and JSON messages with a key, make a table that SQL can read."
        + " Remove the name, and use the relation of the source.";
  }

  public static String viewsNeedMessageKeys() {
    return "the rows of JSON messages are known by the messages' keys. Set source.kafka.key: json"
        + " (an object with the fields of table.key, or the value of its one column) or text (the"
        + " value of its one column as text); or remove the name, and use the relation messages.";
  }

  public static String keysNeedName() {
    return "source.kafka.key is for SQL over the rows that the table has now, which needs its name."
        + " Add table.name, or remove source.kafka.key.";
  }

  public static String textIsOneColumn(Collection<String> key) {
    return "source.kafka.key: text is the value of one column, and the key has "
        + key.size()
        + ": "
        + String.join(", ", key)
        + ". Use source.kafka.key: json, with an object of these fields as the message's key.";
  }

  public static String viewsNeedKey() {
    return "a table that SQL reads needs its key: name the columns of its primary key, for example"
        + " [id].";
  }

  public static String unitNotAllowed(String type) {
    return withArticle(type) + " has no unit. Remove it.";
  }

  public static String encodingNotAllowed(String type) {
    return withArticle(type)
        + " has no encoding, only a decimal has. Remove it, or write text-encoding for what its"
        + " text is wrapped in.";
  }

  public static String beforeNotAllowed() {
    return "only Debezium's changes have an old row. Remove it, or set source.format: debezium-json.";
  }

  public static String expectReplicaIdentity() {
    return "Use default, full, nothing or 'index NAME', as the table has it in Postgres"
        + " ('./millrace infer --postgres' finds it out).";
  }

  public static String replicaIdentityNotAllowed() {
    return "only Debezium's changes have one. Remove it, or set source.format: debezium-json.";
  }

  public static String expectArray() {
    return "Use array<TYPE>, such as array<int>.";
  }

  public static String arrayOfArrays() {
    return "Debezium does not send arrays of arrays. Use array<TYPE> of a type that is not an array.";
  }

  public static String unknownColumn(String column, Collection<String> columns) {
    return "no column '" + column + "'. " + UserErrors.oneOf(column, columns);
  }

  public static String watermarkNeedsTimestamp(String column, String type) {
    return "the column '" + column + "' is a " + type + ". Use a timestamp.";
  }

  public static String tableNotAllowed(Collection<String> columns) {
    return "the rows of this source have columns of their own"
        + (columns.isEmpty() ? "" : ": " + String.join(", ", columns))
        + ". Remove the table.";
  }

  private static String withArticle(String noun) {
    return ("aeio".indexOf(noun.charAt(0)) < 0 ? "a " : "an ") + noun;
  }
}
