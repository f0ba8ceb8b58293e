package dev.millrace.error;

import java.util.List;

/** The part of the catalogue for the sink {@code postgres}: settings, tables, rows, servers. */
public final class PostgresSinkErrors {

  private PostgresSinkErrors() {}

  // ------------------------------------------------------------------ configuration

  public static String expectTable() {
    return "Use SCHEMA.TABLE, both as Postgres spells them and without quotes, 63 bytes each at most:"
        + " public.orders.";
  }

  /** A column of a type that no table can have. */
  public static String unstorable(String column, String type) {
    return "Postgres has no type for the column '%s' (%s). Select CAST(%s AS STRING) AS %s instead."
        .formatted(column, type, column, column);
  }

  /** A result with a name twice. */
  public static String repeatedColumn(String column) {
    return "a table in Postgres can't have the column '%s' twice. Name one of the two otherwise, with AS."
        .formatted(column);
  }

  /** A name that the table has for positions. */
  public static String reservedColumn(String column) {
    return "the column '%s' has the name of one that the table keeps positions in. Name it otherwise, with AS, or set sinks.postgres.guard to side-table or none."
        .formatted(column);
  }

  public static String longColumnName(String column) {
    return "the name of the column '%s' is longer than Postgres' 63 bytes. Shorten it with AS."
        .formatted(column);
  }

  // ------------------------------------------------------------------ servers

  /** One line for the progress of a run. */
  public static String stillTrying(String place, Throwable cause, long seconds) {
    return "Postgres at %s can't be used now (%s); trying again in %d s"
        .formatted(place, RunErrors.rootMessage(cause), seconds);
  }

  /** One line for the progress of a run. */
  public static String answersAgain(String place) {
    return "Postgres at %s answers again".formatted(place);
  }

  /** One line for the progress of a run. */
  public static String closedUncleanly(String place, Throwable cause) {
    return "Postgres at %s: a session was not closed in order (%s)"
        .formatted(place, RunErrors.rootMessage(cause));
  }

  /** A server that did not come back in time. */
  public static UserException silent(String place, long seconds, Throwable cause) {
    return RunErrors.outage(
        cause,
        "Postgres at %s can't be used, also after retries for %d s (%s). Start it, correct sinks.postgres.url, or wait longer with sinks.postgres.retry-timeout."
            .formatted(place, seconds, RunErrors.rootMessage(cause)));
  }

  public static UserException wrongCredentials(String place, String user, Throwable cause) {
    return RunErrors.runTime(
        cause,
        "sinks.postgres.user: Postgres at %s does not let '%s' in (%s). Correct user and password; without sinks.postgres.password it is taken from PGPASSWORD, then from the password file (~/.pgpass)."
            .formatted(place, user, RunErrors.rootMessage(cause)));
  }

  public static UserException missingDatabase(String place, Throwable cause) {
    return RunErrors.runTime(
        cause,
        "sinks.postgres.url: %s (%s). Create the database, or name one that exists."
            .formatted(place, RunErrors.rootMessage(cause)));
  }

  public static UserException missingSchema(String schema, String place) {
    return RunErrors.runTime(
        null,
        "sinks.postgres.table: the database at %s has no schema '%s'. Run CREATE SCHEMA \"%s\", or name a schema that exists."
            .formatted(place, schema, schema.replace("\"", "\"\"")));
  }

  /** A user who may not do what Postgres has just refused. */
  public static UserException missingPrivilege(String place, String user, Throwable cause) {
    return RunErrors.runTime(
        cause,
        "%s: '%s' lacks a privilege (%s). %s"
            .formatted(place, user, RunErrors.rootMessage(cause), neededPrivileges()));
  }

  /** A user who may not do what the sink will have to. */
  public static UserException lackingPrivileges(
      String place, String user, List<String> privileges) {
    return RunErrors.runTime(
        null,
        "%s: '%s' lacks the privileges %s. %s"
            .formatted(place, user, String.join(", ", privileges), neededPrivileges()));
  }

  private static String neededPrivileges() {
    return "Grant USAGE and CREATE on the schema (for the sink's tables, and those of large batches),"
        + " SELECT, INSERT, UPDATE and DELETE on its table and on millrace_marks, TEMPORARY on the"
        + " database.";
  }

  public static UserException otherEncoding(String place, String encoding) {
    return RunErrors.runTime(
        null,
        "sinks.postgres.url: the database at %s has the encoding %s, which lacks characters that a result may have. Expected a database with the encoding UTF8."
            .formatted(place, encoding));
  }

  /** What Postgres answers to a statement that it refuses for good. */
  public static UserException refused(String place, Throwable cause) {
    return RunErrors.runTime(
        cause,
        "Postgres refuses to write to %s (%s). It does so at every start until the table, the output's SQL or the rows are changed."
            .formatted(place, RunErrors.rootMessage(cause)));
  }

  public static UserException refusedRead(String place, Throwable cause) {
    return RunErrors.runTime(
        cause, "%s can't be read (%s).".formatted(place, RunErrors.rootMessage(cause)));
  }

  /** What a sink holds can't be deleted. */
  public static UserException undeletable(String place, Throwable cause) {
    return RunErrors.runTime(
        cause,
        "%s can't be deleted (%s). Remove what depends on it, or delete its rows and its row of millrace_marks yourself."
            .formatted(place, RunErrors.rootMessage(cause)));
  }

  // ------------------------------------------------------------------ changes with a key

  /** Why a row is a dead letter. */
  public static String nullInKey() {
    return "although it is part of the key. Leave such rows out in the output's SQL (WHERE ... IS NOT NULL).";
  }

  /** Why a row is a dead letter. */
  public static String lacksUnsentValues() {
    return "Postgres did not send a value that the update left as it was (TOAST), and the table lacks the row that has it."
        + " The next change of this row with all of its values writes it. Take a new snapshot, or set REPLICA IDENTITY FULL on the source's table.";
  }

  /** A truncate, which concerns no key. */
  public static UserException truncated(String table, int partition, long offset) {
    return RunErrors.runTime(
        null,
        "The source's table was truncated (partition %d, offset %d), and a truncate can't be ordered among the changes of keys in table %s. Empty the table yourself (DELETE FROM %s), then continue with --set sinks.postgres.on-truncate=skip. A view (SQL that reads table.name) applies truncates."
            .formatted(partition, offset, table, table));
  }

  /** A table next to the target that is gone, or was never there. */
  public static UserException lostPositions(String place, String sideTable, long batch) {
    return RunErrors.runTime(
        null,
        "%s: the table %s, which has the positions of its keys, does not exist, but the checkpoint continues with batch %d. Expected the table that batch 0 made with the same sinks.postgres.guard. Restore it or the guard, or begin again with ./millrace reset PIPELINE --output OUTPUT --delete-output."
            .formatted(place, sideTable, batch));
  }

  // ------------------------------------------------------------------ tables

  public static UserException missingTable(String place, String statement) {
    return RunErrors.runTime(
        null,
        "sinks.postgres.table: %s does not exist. Create it, or let Millrace do so with sinks.postgres.create: if-missing. It would be: %s"
            .formatted(place, statement));
  }

  /** A table that should hold the batches before this one and does not exist. */
  public static UserException lostTable(String place, long batch) {
    return RunErrors.runTime(
        null,
        "sinks.postgres.table: %s does not exist, but the checkpoint continues with batch %d, so what came before would be missing. %s"
            .formatted(place, batch, deliverAgain()));
  }

  /** A table without the mark of the batches that it should hold. */
  public static UserException lostMark(String place, long batch) {
    return RunErrors.runTime(
        null,
        "sinks.postgres.table: millrace_marks knows nothing of %s, but the checkpoint continues with batch %d: it is another table, or was made again, so what came before would be missing. Name the former table; or: %s"
            .formatted(place, batch, deliverAgain()));
  }

  /** A table that is behind its checkpoint. */
  public static UserException missedBatches(String place, long stored, long next) {
    return RunErrors.runTime(
        null,
        "sinks.postgres.table: %s ends with batch %d, and the checkpoint continues with batch %d: the database is older than the checkpoint (restored from a backup?), so batches are missing. %s"
            .formatted(place, stored, next, deliverAgain()));
  }

  private static String deliverAgain() {
    return "To deliver the whole result of views again, run ./millrace rebuild PIPELINE; for every"
        + " other output, remove the position and what is left: ./millrace reset PIPELINE"
        + " --output OUTPUT --delete-output.";
  }

  /** A table with rows that Millrace has not written. */
  public static UserException foreignRows(String place, String quotedTable) {
    return RunErrors.runTime(
        null,
        "sinks.postgres.table: %s has rows that Millrace has not written, and would not be a copy of the result. Empty it (TRUNCATE %s), or name another table."
            .formatted(place, quotedTable));
  }

  /** A run whose mark was deleted. */
  public static UserException markDeleted(String place, long batch) {
    return RunErrors.runTime(
        null,
        "%s: its row of millrace_marks is gone, so batch %d is not delivered. It was deleted, or ./millrace reset was run meanwhile. Start the pipeline again: it reports what is missing."
            .formatted(place, batch));
  }

  /** A table and an output that do not fit, with every difference. */
  public static UserException tableDisagrees(String place, String output, List<String> problems) {
    return RunErrors.runTime(
        null,
        "output %s: %s does not fit: %s. Change the table or the output's SQL; a table that Millrace created is removed with ./millrace reset PIPELINE --output %s --delete-output."
            .formatted(output, place, String.join("; ", problems), output));
  }

  public static String notATable(String kind) {
    return "it is %s, and not a table".formatted(kind);
  }

  /**
   * A column that the table lacks.
   *
   * @param statement that adds it
   */
  public static String columnMissing(String column, String statement) {
    return "it lacks the column '%s' (%s)".formatted(column, statement);
  }

  public static String positionMissing(String column, String statement) {
    return "it lacks the column '%s', which keeps the position of a row's newest change (%s; or set sinks.postgres.guard: side-table, which keeps it in a table of its own)"
        .formatted(column, statement);
  }

  public static String typesDiffer(
      String column, String type, String found, List<String> expected) {
    return "the column '%s' is %s there; for the output's %s it has to be %s"
        .formatted(column, found, type, String.join(" or ", expected));
  }

  public static String generated(String column) {
    return "the column '%s' is generated there, and can't be written".formatted(column);
  }

  public static String requiredByTable(String column) {
    return "it has the column '%s', which is NOT NULL without a default and is not in the output"
        .formatted(column);
  }

  /**
   * A table without a unique key.
   *
   * @param statement that adds it
   */
  public static String keyMissing(List<String> key, String statement) {
    return "it has no unique constraint, valid and not deferrable, over exactly (%s) (%s)"
        .formatted(String.join(", ", key), statement);
  }

  /**
   * A unique key that takes two nulls for different.
   *
   * @param statement that adds another
   */
  public static String nullsDistinct(List<String> key, String statement) {
    return "its unique constraint over (%s) takes nulls for distinct, and the output's key may be null (%s)"
        .formatted(String.join(", ", key), statement);
  }

  public static String collation(String column) {
    return "the column '%s' of the key has a collation that takes different texts for equal"
        .formatted(column);
  }

  /** A key that may be null, in a Postgres that can't hold two such rows apart. */
  public static UserException tooOldForNulls(String place, List<String> key, String version) {
    return RunErrors.runTime(
        null,
        "%s: the key (%s) may be null, for which a table needs UNIQUE NULLS NOT DISTINCT, and Postgres has that from version 15 on; this is %s. Upgrade Postgres, or make the key a value in the output's SQL: GROUP BY coalesce(...)."
            .formatted(place, String.join(", ", key), version));
  }

  public static UserException longKey(String place, int columns, int most) {
    return RunErrors.runTime(
        null,
        "%s: the key of the result has %d columns, and an index in Postgres at most %d. Use fewer columns in GROUP BY or DISTINCT."
            .formatted(place, columns, most));
  }

  /** A table whose changes the pipeline itself may read. */
  public static UserException loop(
      String place, String publication, boolean hasAllTables, String sourceTable, String table) {
    return RunErrors.wrongInput(
        "sinks.postgres.table: %s is in the publication %s, and so is %s, which the pipeline reads: what the sink writes would come back as changes. %s"
            .formatted(
                place,
                publication,
                sourceTable,
                hasAllTables
                    ? "The publication has all tables of its database or of a schema, from which none"
                        + " can be left out: make one with a list (CREATE PUBLICATION ... FOR TABLE "
                        + sourceTable
                        + ") for the connector, or write to another database."
                    : "Run ALTER PUBLICATION %s DROP TABLE %s, or write to another table or database."
                        .formatted(publication, table)));
  }

  // ------------------------------------------------------------------ rows

  /** Why a row is a dead letter of the output, as the next ones; the value is shown before. */
  public static String unstorableText(String column) {
    return "which has the character U+0000 or bytes that are not UTF-8; Postgres stores neither. Remove them in the output's SQL: replace(%s, char(0), '')."
        .formatted(column);
  }

  public static String outOfRange(String column) {
    return "a day or time that Postgres can't hold (years from 4714 BC on). Correct it in the output's SQL, or select CAST(%s AS STRING)."
        .formatted(column);
  }

  public static String tooLong(String column, String type) {
    return "too long for the column's type %s. Shorten it in the output's SQL (left(%s, ...)), or run ALTER TABLE ... ALTER COLUMN ... TYPE text."
        .formatted(type, column);
  }

  public static String numberTooLarge(String column, String type) {
    return "too large or too exact for the column's type %s. Round it in the output's SQL (CAST(%s AS DECIMAL(...))), or widen the column (ALTER TABLE ... ALTER COLUMN ... TYPE numeric)."
        .formatted(type, column);
  }

  public static String requiredValue(String column) {
    return "which the table does not take (NOT NULL). Use coalesce(%s, ...) in the output's SQL, or run ALTER TABLE ... ALTER COLUMN ... DROP NOT NULL."
        .formatted(column);
  }

  public static String keyTooLong(List<String> columns, int bytes) {
    return "longer than the key (%s) may be: %,d bytes, for an entry of an index in Postgres. Use a shorter column as key, or a hash of it (sha2) in the output's SQL."
        .formatted(String.join(", ", columns), bytes);
  }

  /** A key that is not one. */
  public static UserException rowsOfOneKey(String place, List<String> key, Throwable cause) {
    return RunErrors.runTime(
        cause,
        "%s: a batch has two rows of one key (%s). Name the columns that identify a row (outputs.NAME.key)."
            .formatted(place, String.join(", ", key)));
  }
}
