package dev.millrace.error;

import java.util.Collection;
import java.util.List;

/** The part of the catalogue for Cassandra: its settings, tables that do not fit, servers gone. */
public final class CassandraErrors {

  private CassandraErrors() {}

  // ------------------------------------------------------------------ configuration

  public static String expectName() {
    return "Use a name that CQL takes without quotes: a small letter, then small letters, digits and"
        + " underscores, 48 at most.";
  }

  public static String expectClustering() {
    return "Use a column, with 'asc' or 'desc' behind it or nothing: [timestamp desc, id].";
  }

  public static String expectReload() {
    return "Use a duration such as 30s, 10m or 2h, or never.";
  }

  public static String notADriverOption() {
    return "no option of Cassandra's driver: they begin with 'basic.' or 'advanced.', such as"
        + " basic.request.timeout.";
  }

  public static String readsItsOwnTable(String table) {
    return "would write to " + table + ", the table that is read. Name another.";
  }

  /** Why a table feeds no result that continues from batch to batch. */
  public static String readWhole() {
    return "each run reads the whole table again";
  }

  /** A trigger for a pipeline that ends by itself. */
  public static String endsByItself() {
    return "has no effect: a run reads the table once and ends. Remove the key.";
  }

  // ------------------------------------------------------------------ servers

  /** One line for the progress of a run. */
  public static String stillTrying(String place, Throwable cause, long seconds) {
    return "Cassandra at %s does not answer (%s); trying again in %d s"
        .formatted(place, RunErrors.rootMessage(cause), seconds);
  }

  /** One line for the progress of a run. */
  public static String nodeDown(String node) {
    return "Cassandra at %s is gone; requests wait and are tried again".formatted(node);
  }

  /** One line for the progress of a run. */
  public static String nodeUp(String node) {
    return "Cassandra at %s answers again".formatted(node);
  }

  /** A cluster that did not come back in time. */
  public static UserException silent(String key, String place, long seconds, Throwable cause) {
    return RunErrors.outage(
        cause,
        "Cassandra at "
            + place
            + ": no answer within "
            + seconds
            + " s ("
            + RunErrors.rootMessage(cause)
            + "). Start it (./millrace stack up --cassandra), name another with"
            + " CASSANDRA_CONTACT_POINTS, or wait longer with "
            + key
            + ".retry-timeout.");
  }

  /** A cluster that answers, each time with an error. */
  public static UserException failing(String place, long seconds, Throwable cause) {
    return RunErrors.outage(
        cause,
        "Cassandra at %s: answers with an error, also after retries for %d s (%s). It answers so at every start until the cause is removed: the log of the server names it. Change the server's settings, the table or the rows accordingly."
            .formatted(place, seconds, RunErrors.rootMessage(cause)));
  }

  /** Settings of the driver that it refuses. */
  public static UserException unusable(String place, Throwable cause) {
    return RunErrors.runTime(
        cause,
        "Cassandra at "
            + place
            + ": can't be used ("
            + RunErrors.rootMessage(cause)
            + "). Expected a cluster that takes these credentials and this datacenter.");
  }

  /** A datacenter that the cluster does not have. */
  public static UserException otherDatacenter(
      String key, String place, String datacenter, Collection<String> found) {
    return RunErrors.runTime(
        null,
        key
            + ".local-datacenter: Cassandra at "
            + place
            + " has no datacenter '"
            + datacenter
            + "'. Use "
            + String.join(" or ", found)
            + ".");
  }

  /** A wait that was broken off. */
  public static UserException interrupted(String place, Throwable cause) {
    return RunErrors.runTime(cause, "Cassandra at " + place + ": interrupted.");
  }

  // ------------------------------------------------------------------ tables that are read

  public static UserException noKeyspaceToRead(String key, String place, String keyspace) {
    return RunErrors.runTime(
        null,
        key
            + ".keyspace: Cassandra at "
            + place
            + " has no keyspace '"
            + keyspace
            + "'. Name one that is there; ./millrace cql \"DESCRIBE KEYSPACES\" lists them.");
  }

  /**
   * A table that does not exist.
   *
   * @param tables those of the keyspace
   */
  public static UserException noTableToRead(
      String key, String place, String table, Collection<String> tables) {
    return RunErrors.runTime(
        null,
        key
            + ".table: Cassandra at "
            + place
            + " has no table "
            + table
            + ". Its keyspace has "
            + (tables.isEmpty() ? "none" : String.join(", ", tables))
            + ".");
  }

  /** Columns of types that SQL has nothing for. */
  public static UserException unreadableColumns(String key, String table, List<String> columns) {
    return RunErrors.runTime(
        null,
        key
            + ".table: SQL has no type for columns of "
            + table
            + ": "
            + String.join(", ", columns)
            + ".");
  }

  /** Two columns whose names differ but in case. */
  public static UserException columnsAlike(String key, String table, String column) {
    return RunErrors.runTime(
        null,
        key
            + ".table: "
            + table
            + " has two columns '"
            + column
            + "' that differ but in case, which SQL does not tell apart.");
  }

  /** A cluster whose ring is of other tokens. */
  public static UserException otherPartitioner(String key, String place, String partitioner) {
    return RunErrors.runTime(
        null,
        key
            + ": Cassandra at "
            + place
            + " distributes rows by "
            + partitioner
            + ". Expected Murmur3Partitioner, its default.");
  }

  public static UserException refusedRead(String table, Throwable cause) {
    return RunErrors.runTime(
        cause, "Cassandra refuses to read " + table + " (" + RunErrors.rootMessage(cause) + ").");
  }

  /** A number with more digits than SQL's have. */
  public static UserException unreadableValue(String table, String column, Throwable cause) {
    return RunErrors.runTime(
        cause,
        "a value of '"
            + column
            + "' of "
            + table
            + " does not fit SQL's type ("
            + RunErrors.rootMessage(cause)
            + ").");
  }

  // ------------------------------------------------------------------ keyspaces and tables

  public static UserException missingKeyspace(String keyspace, String place) {
    return RunErrors.runTime(
        null,
        "sinks.cassandra.keyspace: Cassandra at "
            + place
            + " has no keyspace '"
            + keyspace
            + "'. Create it, or let Millrace do so with sinks.cassandra.create: if-missing.");
  }

  public static UserException missingTable(String table, String place, String statement) {
    return RunErrors.runTime(
        null,
        "sinks.cassandra.table: Cassandra at "
            + place
            + " has no table "
            + table
            + ". Create it, or let Millrace do so with sinks.cassandra.create: if-missing. It would"
            + " be: "
            + statement);
  }

  /** A table that should hold the batches before this one and does not exist. */
  public static UserException lostTable(String table, long batch) {
    return RunErrors.runTime(
        null,
        "sinks.cassandra.table: there is no table "
            + table
            + ", but the checkpoint continues with batch "
            + batch
            + ", so what came before would be missing. Name the table that was written before; or, to"
            + " deliver everything again, name another checkpoint folder (--checkpoints DIR).");
  }

  /** A table and an output that do not fit, with every column that differs. */
  public static UserException tableDisagrees(String table, String output, List<String> problems) {
    return RunErrors.runTime(
        null,
        "output "
            + output
            + ": the table "
            + table
            + " does not fit: "
            + String.join("; ", problems)
            + ". Change the output's SQL or key, or the table.");
  }

  public static String columnMissing(String column, String type) {
    return "the output's column '%s' (%s) is none of the table".formatted(column, type);
  }

  public static String typesDiffer(String column, String type, String cql) {
    return "the output's column '%s' is %s, the table's is %s".formatted(column, type, cql);
  }

  public static String keyColumnMissing(String column, String cql) {
    return "the output lacks '%s' (%s), which is part of the table's primary key"
        .formatted(column, cql);
  }

  public static String keysDiffer(List<String> ofOutput, List<String> ofTable) {
    return "changes are stored by the key %s, and the table's primary key is %s"
        .formatted(ofOutput, ofTable);
  }

  /** A column that no type of Cassandra can hold. */
  public static String unstorable(String column, String type) {
    return "Cassandra has no type for the column '%s' (%s). Select its fields one by one, or as text with to_json(%s)."
        .formatted(column, type, column);
  }

  /** A type of text for a column that is none. */
  public static String typeOfText(String column, String type, String cql) {
    return "sinks.cassandra.types makes '%s' %s, which takes a text, and the column is %s. Remove the type, or cast the column to string."
        .formatted(column, cql, type);
  }

  public static String unknownClustering(String column) {
    return "sinks.cassandra.clustering names '%s', which the SQL does not return."
        .formatted(column);
  }

  // ------------------------------------------------------------------ rows

  /** Why a row is a dead letter of the output, as the next five; the value is shown before. */
  public static String nullInKey(String column) {
    return "part of the primary key, which has no nulls. Leave such rows out in the output's SQL"
        + " (WHERE %s IS NOT NULL), or give them a value.".formatted(column);
  }

  public static String emptyKey(String column) {
    return "the partition key, which must not be empty. Leave such rows out in the output's SQL"
        + " (WHERE %s <> ''), or give them a value.".formatted(column);
  }

  public static String keyTooLong(List<String> columns, int bytes) {
    return "longer than the key (%s) may be: %,d bytes. Use a shorter column as key, or a hash of it (sha2) in the output's SQL."
        .formatted(String.join(", ", columns), bytes);
  }

  public static String notOfType(String column, String cql) {
    return "which is not a value of %s. Correct it in the output's SQL, or store '%s' as text."
        .formatted(cql, column);
  }

  public static String rowTooLarge(long bytes) {
    return "it is larger than a message that the server takes (%,d bytes). Leave what is large out of the output's SQL, or raise native_transport_max_message_size, and commitlog_segment_size with it, in cassandra.yaml."
        .formatted(bytes);
  }

  public static UserException truncated(String table, String place) {
    return RunErrors.runTime(
        null,
        "the source's table was truncated ("
            + place
            + "), and a truncate can't be ordered among the writes of other keys. Empty the table"
            + " yourself (TRUNCATE "
            + table
            + "), then continue with --set sinks.cassandra.on-truncate=skip.");
  }

  public static UserException keyIsNull(String table, String column, String place) {
    return RunErrors.runTime(
        null,
        "a row without a value for '"
            + column
            + "', part of the primary key of "
            + table
            + " ("
            + place
            + "). Leave such rows out in the output's SQL: WHERE "
            + column
            + " IS NOT NULL.");
  }

  public static UserException unstorableValue(
      String table, String column, String cql, String place, Throwable cause) {
    return RunErrors.runTime(
        cause,
        "a value of '"
            + column
            + "' does not fit "
            + cql
            + " of "
            + table
            + " ("
            + RunErrors.rootMessage(cause)
            + ", "
            + place
            + "). Leave such rows out in the output's SQL.");
  }

  public static UserException refusedWrite(String table, Throwable cause) {
    return RunErrors.runTime(
        cause,
        "Cassandra refuses to write to " + table + " (" + RunErrors.rootMessage(cause) + ").");
  }

  /** Where a row comes from, for messages. */
  public static String place(String topic, int partition, long offset) {
    return "topic %s, partition %d, offset %d".formatted(topic, partition, offset);
  }

  /** The same where nobody knows. */
  public static String unknownPlace() {
    return "place unknown, as the output's SQL leaves out topic, partition and offset";
  }
}
