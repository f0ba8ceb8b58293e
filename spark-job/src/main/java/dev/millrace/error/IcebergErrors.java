package dev.millrace.error;

import java.util.List;

/** The part of the catalogue for the sink {@code iceberg}: settings, tables, rows, catalogs. */
public final class IcebergErrors {

  private IcebergErrors() {}

  // ------------------------------------------------------------------ configuration

  public static String expectTable() {
    return "Use NAMESPACE.TABLE, without quotes: analytics.bookings, or analytics.rides.bookings.";
  }

  public static String expectTransform() {
    return "Use a column, years(COLUMN), months(COLUMN), days(COLUMN), hours(COLUMN), 'bucket(N, COLUMN)' or"
        + " 'truncate(N, COLUMN)'; in a list in brackets, what has a comma needs quotes.";
  }

  /** A catalog that is not a folder, and without an address. */
  public static String missingUri(String catalog) {
    return catalog.equals("jdbc")
        ? "is missing, and catalog: jdbc needs it. Use the JDBC URL of the catalog's database:"
            + " jdbc:postgresql://localhost:5432/iceberg."
        : "is missing, and catalog: rest needs it. Use the address of the service:"
            + " http://localhost:8181.";
  }

  /** A property of a catalog that has a key of its own. */
  public static String ownOption(String option) {
    return "'%s' can't be an option. Use the sink's own keys: catalog, warehouse, uri, user, password."
        .formatted(option);
  }

  /** A column of a type that no table can have. */
  public static String unstorable(String column, String type) {
    return "Iceberg has no type for the column '%s' (%s). Select CAST(%s AS STRING) AS %s instead."
        .formatted(column, type, column, column);
  }

  /** A result with a name twice. */
  public static String repeatedColumn(String column) {
    return "a table of Iceberg can't have the column '%s' twice; upper and lower case count as the same. Name one of the two otherwise, with AS."
        .formatted(column);
  }

  public static String partitionColumnMissing(String column, List<String> columns) {
    return "sinks.iceberg.partition-by names the column '%s', which the result does not have. Use one of %s."
        .formatted(column, String.join(", ", columns));
  }

  /** A job without Iceberg's jar. */
  public static UserException missingRuntime(Throwable cause) {
    return RunErrors.runTime(
        cause,
        "sink iceberg: Iceberg's classes are missing, which are not part of millrace.jar. ./millrace brings them; with spark-submit add --packages org.apache.iceberg:iceberg-spark-runtime-3.5_2.12:1.11.0, or put that jar into Spark's folder jars.");
  }

  // ------------------------------------------------------------------ catalogs

  /** One line for the progress of a run. */
  public static String stillTrying(String place, Throwable cause, long seconds) {
    return "the catalog of Iceberg at %s can't be used now (%s); trying again in %d s"
        .formatted(place, RunErrors.rootMessage(cause), seconds);
  }

  /** One line for the progress of a run. */
  public static String answersAgain(String place) {
    return "the catalog of Iceberg at %s answers again".formatted(place);
  }

  /** One line for the progress of a run. */
  public static String closedUncleanly(String place, Throwable cause) {
    return "the catalog of Iceberg at %s was not closed in order (%s)"
        .formatted(place, RunErrors.rootMessage(cause));
  }

  /** A catalog that did not come back in time. */
  public static UserException silent(String place, long seconds, Throwable cause) {
    return RunErrors.outage(
        cause,
        "%s can't be used, also after retries for %d s (%s). Start the catalog's server, correct sinks.iceberg.uri, or wait longer with sinks.iceberg.retry-timeout."
            .formatted(place, seconds, RunErrors.rootMessage(cause)));
  }

  public static UserException wrongCredentials(String place, Throwable cause) {
    return RunErrors.runTime(
        cause,
        "%s: the catalog rejects the credentials (%s). Correct sinks.iceberg.user and sinks.iceberg.password, or for a service sinks.iceberg.options (token, credential)."
            .formatted(place, RunErrors.rootMessage(cause)));
  }

  public static UserException unreadable(String place, Throwable cause) {
    return RunErrors.runTime(
        cause,
        "%s: a file can't be read or written (%s). Correct sinks.iceberg.warehouse, or give this process access to it."
            .formatted(place, RunErrors.rootMessage(cause)));
  }

  public static UserException refused(String place, Throwable cause) {
    return RunErrors.runTime(
        cause,
        "%s: the catalog refuses (%s). Correct sinks.iceberg.catalog, .uri, .warehouse or .options."
            .formatted(place, RunErrors.rootMessage(cause)));
  }

  public static UserException undeletable(String place, Throwable cause) {
    return RunErrors.runTime(
        cause,
        "%s can't be deleted (%s). Start the catalog's server or correct its place, and reset again."
            .formatted(place, RunErrors.rootMessage(cause)));
  }

  // ------------------------------------------------------------------ tables

  public static UserException missingTable(String place) {
    return RunErrors.runTime(
        null,
        "%s does not exist. Create it, or let Millrace do so: sinks.iceberg.create=if-missing."
            .formatted(place));
  }

  /** A table that is gone. */
  public static UserException lostTable(String place, long firstBatch) {
    return RunErrors.runTime(null, "%s is gone, %s".formatted(place, continues(firstBatch)));
  }

  /** A table whose mark is gone. */
  public static UserException lostMark(String place, long firstBatch) {
    return RunErrors.runTime(
        null, "%s has no mark of a batch, %s".formatted(place, continues(firstBatch)));
  }

  /** A table that was rolled back. */
  public static UserException missedBatches(String place, long batch, long firstBatch) {
    return RunErrors.runTime(
        null, "%s ends with batch %d, %s".formatted(place, batch, continues(firstBatch)));
  }

  private static String continues(long firstBatch) {
    return "and the checkpoint continues with batch "
        + firstBatch
        + ": what is between would be missing. For a view run ./millrace rebuild PIPELINE, which delivers its whole"
        + " result again; for any output start over with ./millrace reset PIPELINE --output OUTPUT --delete-output.";
  }

  /** A table with rows that Millrace has not written. */
  public static UserException foreignRows(String place, String table) {
    return RunErrors.runTime(
        null,
        "sinks.iceberg.table: %s has rows that Millrace has not written, and would not be a copy of the result. Empty it (DELETE FROM %s), or name another table."
            .formatted(place, table));
  }

  /** A run whose mark is gone. */
  public static UserException markDeleted(String place, long batch) {
    return RunErrors.runTime(
        null,
        "%s: the mark of the batch before is gone, so batch %d is not delivered. ./millrace reset was run meanwhile, or the table was rolled back to what it was before the pipeline. Start the pipeline again: it reports what is missing."
            .formatted(place, batch));
  }

  /** A table that was rolled back below the run that writes it. */
  public static UserException rolledBack(String place, long found, long batch) {
    return RunErrors.runTime(
        null,
        "%s ends with batch %d, so batch %d is not delivered: it was rolled back meanwhile. Start the pipeline again: it reports what is missing."
            .formatted(place, found, batch));
  }

  /** A column of a key by which rows can't be found. */
  public static String keyType(String column, String type) {
    return "the column '%s' (%s) of the key can't identify a row of a table of Iceberg, which finds rows by whole numbers, decimals, texts, booleans, days, times and bytes. Make it one of these in the output's SQL, as in GROUP BY CAST(%s AS STRING)."
        .formatted(column, type, column);
  }

  /** A key by which rows can't be found. */
  public static UserException keyTypes(String output, List<String> objections) {
    return RunErrors.wrongInput("output %s: %s".formatted(output, String.join(" ", objections)));
  }

  /** A table and an output that do not fit, with every difference. */
  public static UserException tableDisagrees(String place, String output, List<String> problems) {
    return RunErrors.runTime(
        null,
        "output %s: %s does not fit: %s. Change the table or the output's SQL; a table that Millrace created is removed with ./millrace reset PIPELINE --output %s --delete-output."
            .formatted(output, place, String.join("; ", problems), output));
  }

  public static String columnMissing(String column, String type) {
    return "it lacks the column '%s' (%s), which create: if-missing would add"
        .formatted(column, type);
  }

  public static String typesDiffer(String column, String type, String found, String expected) {
    return "the column '%s' is %s there; for the output's %s it has to be %s or a type that holds all its values"
        .formatted(column, found, type, expected);
  }

  public static String requiredByTable(String column) {
    return "it has the column '%s', which takes no null and is not in the output".formatted(column);
  }

  public static String firstVersion() {
    return "it has version 1 of the format, without deletes by key (ALTER TABLE ... SET TBLPROPERTIES ('format-version' = '2'))";
  }

  public static String otherPartitions(String found) {
    return "its partitions are %s, and not those of sinks.iceberg.partition-by".formatted(found);
  }

  public static String partitionsOutsideOfKey(String found, List<String> key) {
    return "its partitions %s do not follow from the key (%s), or were others before, and it never had none: rows to delete would not be found. Use a table that Millrace creates"
        .formatted(found, String.join(", ", key));
  }

  // ------------------------------------------------------------------ rows

  /** Why a row is a dead letter of the output; the value is shown before. */
  public static String requiredValue(String column) {
    return "which the table does not take (a required column). Use coalesce(%s, ...) in the output's SQL, or run ALTER TABLE ... ALTER COLUMN ... DROP NOT NULL."
        .formatted(column);
  }

  /** A key that is not one. */
  public static UserException rowsOfOneKey(String place, List<String> key) {
    return RunErrors.runTime(
        null,
        "%s: a batch has two rows of one key (%s). Name the columns that identify a row (outputs.NAME.key)."
            .formatted(place, String.join(", ", key)));
  }
}
