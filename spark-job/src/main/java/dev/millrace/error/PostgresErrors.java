package dev.millrace.error;

import java.util.Collection;
import java.util.List;
import java.util.Objects;

/** The part of the catalogue for the database behind a topic of changes. */
public final class PostgresErrors {

  private PostgresErrors() {}

  /** A pipeline that does not tell which table of Postgres it reads. */
  public static UserException unknownTable(String pipeline) {
    return RunErrors.wrongInput(
        String.format(
            "pipeline %s: it does not name a table of Postgres. Expected a topic of Debezium's changes,"
                + " PREFIX.SCHEMA.TABLE, or source.postgres.table.",
            pipeline));
  }

  /** A comparison with a database that the pipeline does not name. */
  public static UserException noDatabase(String pipeline) {
    return RunErrors.wrongInput(
        String.format(
            "pipeline %s: it does not name the database to compare with. Set source.postgres"
                + " (url, user, password, table), for example --set"
                + " source.postgres.url=jdbc:postgresql://localhost:5432/business_db.",
            pipeline));
  }

  /** SQL of a view that Postgres does not run. */
  public static UserException queryFailed(String view, String database, Throwable cause) {
    return new UserException(
        UserException.RUN_TIME,
        List.of(
            String.format(
                "view %s: Postgres (%s) can't run its SQL: %s. './millrace sql --view PIPELINE' prints the"
                    + " view of the table that it was run over. What Spark and Postgres spell"
                    + " differently can't be compared, nor rows with values that the pipeline"
                    + " rejects.",
                view, database, Causes.message(cause))),
        cause);
  }

  /** Views that are not what Postgres has. */
  public static UserException different(Collection<String> views, String database) {
    return new UserException(
        UserException.RUN_TIME,
        List.of(
            String.format(
                "%s: not what Postgres (%s) has. While changes are on their way both differ: wait for them"
                    + " with --wait 60s. Rows that are dead letters are missing from the views."
                    + " If neither is the reason, build the state again: ./millrace rebuild PIPELINE.",
                String.join(", ", views), database)),
        null);
  }

  public static String expectUrl() {
    return "Use a JDBC URL without a password, jdbc:postgresql://HOST:PORT/DATABASE.";
  }

  public static String notChanges() {
    return "only a topic of Debezium's changes has a database behind it. Remove it, or set"
        + " source.format: debezium-json.";
  }

  /** What a run warns of. */
  public static String warning(PostgresFinding finding) {
    return "warning: Postgres, " + finding;
  }

  /** A database that a run can't check; it delivers what is in Kafka all the same. */
  public static String unchecked(String place, Throwable cause) {
    return "warning: source.postgres: can't check "
        + place
        + " ("
        + Objects.toString(cause.getMessage(), "").lines().findFirst().orElse("").strip()
        + "). The run continues without. Correct url, user and password, or remove the section.";
  }

  /** Findings because of which a run would deliver what Postgres never held. */
  public static UserException wrongData(List<PostgresFinding> findings) {
    return new UserException(
        UserException.WRONG_INPUT,
        findings.stream().map(finding -> "source.postgres: " + finding).toList(),
        null);
  }

  /** What a keyed sink can't know of a column. */
  public static String nullWhenUnchanged(String output, String column, String type) {
    return "warning: output '%s', column '%s' (%s): a long value that an update does not touch arrives as null, and the sink removes it. Run ALTER TABLE ... REPLICA IDENTITY FULL and set table.replica-identity: full."
        .formatted(output, column, type);
  }

  /** A keyed sink that can't tell a value that was not sent from null. */
  public static String withoutUnchanged(String output) {
    return "warning: output '%s': its SQL leaves out the column 'unchanged', so a value that an update did not send is removed from the sink. Select 'unchanged', too."
        .formatted(output);
  }

  // ------------------------------------------------------------------ findings

  public static PostgresFinding missingTable(String table) {
    return missing(
        "table " + table,
        "there is no such table.",
        "the table whose changes the topic has",
        "Write it as SCHEMA.TABLE, as Postgres spells it.");
  }

  public static PostgresFinding walLevel(String level) {
    return missing(
        "wal_level",
        "it is %s, so no change can be streamed.".formatted(level),
        "logical",
        "Run ALTER SYSTEM SET wal_level = logical and restart Postgres.");
  }

  public static PostgresFinding inventedRows(String table, String actual) {
    return new PostgresFinding(
        true,
        "table " + table,
        "its replica identity is '%s', and the pipeline declares full: deletes would have '', 0, false and 1970-01-01 that nobody wrote."
            .formatted(actual),
        "table.replica-identity: " + actual,
        "Declare it so, or run ALTER TABLE %s REPLICA IDENTITY FULL.".formatted(table));
  }

  public static PostgresFinding wholeRowsIgnored(String table, String declared) {
    return missing(
        "table " + table,
        "its replica identity is 'full', and the pipeline declares %s: of a delete only the key is read."
            .formatted(declared),
        "table.replica-identity: full",
        "Declare it so to have the deleted row.");
  }

  public static PostgresFinding noIdentity(String table) {
    return missing(
        "table " + table,
        "it has no replica identity, so Postgres refuses updates and deletes once it is published.",
        "a primary key, or REPLICA IDENTITY FULL",
        "Give it a primary key, or run ALTER TABLE %s REPLICA IDENTITY FULL.".formatted(table));
  }

  public static PostgresFinding keyOutsideIdentity(
      String table, Collection<String> key, Collection<String> identity) {
    return new PostgresFinding(
        true,
        "table " + table,
        "table.key has %s, which a delete does not tell: the connector invents 0 or '' for it."
            .formatted(String.join(", ", key)),
        "a key within the replica identity (%s)".formatted(String.join(", ", identity)),
        "Declare those columns as table.key, or run ALTER TABLE %s REPLICA IDENTITY FULL."
            .formatted(table));
  }

  public static PostgresFinding missingPublication(String publication) {
    return missing(
        "publication " + publication,
        "there is no such publication.",
        "the connector's publication.name",
        "Correct source.postgres.publication, or create it.");
  }

  public static PostgresFinding notPublished(String table, String publication) {
    return missing(
        "table " + table,
        "it is not in %s: a snapshot has its rows, and no change ever follows."
            .formatted(publication),
        "the table in the publication",
        "Run ALTER PUBLICATION ... ADD TABLE %s.".formatted(table));
  }

  public static PostgresFinding notViaRoot(String table, String publication) {
    return missing(
        "table " + table,
        "it is partitioned, and publication %s sends changes under the names of its partitions: the topic of the table gets no message after the snapshot, and a run on it reports no lag for ever."
            .formatted(publication),
        "publish_via_partition_root = true",
        "Run ALTER PUBLICATION %s SET (publish_via_partition_root = true).".formatted(publication));
  }

  public static PostgresFinding viaRoot(String table, String root, String publication) {
    return missing(
        "table " + table,
        "it is a partition of %s, under whose name publication %s sends its changes."
            .formatted(root, publication),
        "the topic of " + root,
        "Read that topic.");
  }

  public static PostgresFinding operationsLeftOut(String publication, Collection<String> missing) {
    return missing(
        "publication " + publication,
        "it leaves out every %s.".formatted(String.join(", ", missing)),
        "publish = 'insert, update, delete, truncate'",
        "Run ALTER PUBLICATION %s SET (publish = 'insert, update, delete, truncate')."
            .formatted(publication));
  }

  public static PostgresFinding rowFilter(String table, String publication, String filter) {
    return missing(
        "table " + table,
        "publication %s has its rows only WHERE %s; a snapshot has them all."
            .formatted(publication, filter),
        "no row filter",
        "Run ALTER PUBLICATION %s SET TABLE ... without WHERE, or filter in SQL."
            .formatted(publication));
  }

  public static PostgresFinding columnsLeftOut(
      String table, String publication, Collection<String> columns) {
    return missing(
        "table " + table,
        "publication %s leaves out %s: in the snapshot only, then listed in 'unchanged'."
            .formatted(publication, String.join(", ", columns)),
        "every declared column in the publication",
        "Run ALTER PUBLICATION %s SET TABLE ... with these columns.".formatted(publication));
  }

  public static PostgresFinding generatedColumn(String table, String column) {
    return missing(
        "column %s.%s".formatted(table, column),
        "it is generated: in the snapshot only, then listed in 'unchanged'.",
        "a column that is streamed",
        "Leave it out, and compute it in the output's SQL.");
  }

  public static PostgresFinding nameColumn(String table, String column) {
    return missing(
        "column %s.%s".formatted(table, column),
        "the connector streams null for the type name, and sends values in the snapshot only.",
        "text",
        "Run ALTER TABLE %s ALTER COLUMN %s TYPE text.".formatted(table, column));
  }

  public static PostgresFinding unchangedAsNull(String table, String column, String type) {
    return missing(
        "column %s.%s".formatted(table, column),
        "a long value of type %s that an update does not touch arrives as null.".formatted(type),
        "REPLICA IDENTITY FULL",
        "Run ALTER TABLE %s REPLICA IDENTITY FULL and set table.replica-identity: full."
            .formatted(table));
  }

  public static PostgresFinding enumDomain(String domain, String base) {
    return missing(
        "domain " + domain,
        "it is over the enum %s: Debezium before 3.7 fails with a NullPointerException, whichever table it captures."
            .formatted(base),
        "Debezium 3.7, or no domain over an enum in the database",
        "Upgrade the connector, or use the enum itself.");
  }

  public static PostgresFinding children(String table, Collection<String> children) {
    return missing(
        "table " + table,
        "other tables inherit from it (%s): the snapshot has their rows, the stream does not."
            .formatted(String.join(", ", children)),
        "a table without children",
        "Filter the rows of the snapshot (snapshot.select.statement.overrides with FROM ONLY), or"
            + " read the topics of the children, too.");
  }

  public static PostgresFinding unlogged(String table) {
    return missing(
        "table " + table,
        "it is unlogged, so no change of it is ever streamed.",
        "a logged table",
        "Run ALTER TABLE %s SET LOGGED and add it to the publication.".formatted(table));
  }

  public static PostgresFinding missingSlot(String slot) {
    return missing(
        "slot " + slot,
        "there is no such replication slot.",
        "the connector's slot.name",
        "Register the connector, or correct source.postgres.slot.");
  }

  public static PostgresFinding inactiveSlot(String slot, String lag) {
    return missing(
        "slot " + slot,
        "no connector reads it; %s of the log wait for one.".formatted(lag),
        "an active slot",
        "Look at the connector's state in Kafka Connect (GET /connectors/NAME/status).");
  }

  public static PostgresFinding lostSlot(String slot, String status) {
    return missing(
        "slot " + slot,
        "its log is gone (wal_status %s): changes were lost.".formatted(status),
        "wal_status reserved or extended",
        "Drop the slot, register the connector again with a new snapshot, and raise"
            + " max_slot_wal_keep_size.");
  }

  private static PostgresFinding missing(String where, String what, String expected, String fix) {
    return new PostgresFinding(false, where, what, expected, fix);
  }
}
