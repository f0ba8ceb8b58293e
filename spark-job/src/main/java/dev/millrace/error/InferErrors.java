package dev.millrace.error;

import java.util.List;
import java.util.Objects;

/** The part of the catalogue for tables that are inferred: by a run, and by {@code infer}. */
public final class InferErrors {

  private static final String BEGIN_ANEW =
      "To infer the table again, name another checkpoint folder (--checkpoints DIR).";

  private InferErrors() {}

  /** Messages from which nothing can be inferred for good. */
  public static UserException noSchema(String topic) {
    return new UserException(
        UserException.WRONG_INPUT,
        List.of(
            "table.columns: missing, and the messages of topic '"
                + topic
                + "' carry no schema to infer them from. Declare the columns ('./millrace infer"
                + " PIPELINE' proposes them), or set value.converter.schemas.enable=true and"
                + " key.converter.schemas.enable=true in the connector."),
        null);
  }

  /** Files from which nothing can be inferred, as they have columns of types that no table has. */
  public static UserException noColumnTypes(List<String> problems) {
    return new UserException(UserException.WRONG_INPUT, problems, null);
  }

  /** One of these columns. */
  public static String noColumnType(String file, String column, String type) {
    return "table.columns: can't be inferred from "
        + file
        + ": its column '"
        + column
        + "' is "
        + type
        + ", which no column of a table can be. Write the files without it, or as its JSON text.";
  }

  /** The file of an inferred table, there but not readable. */
  public static UserException unreadableFrozenTable(String file, Throwable cause) {
    return new UserException(
        UserException.RUN_TIME,
        List.of(
            file
                + ": the table that was inferred at the first start can't be read ("
                + Objects.toString(cause.getMessage(), cause.getClass().getSimpleName())
                + "). Give this user the right to read it, or put it back. "
                + BEGIN_ANEW),
        cause);
  }

  /** The file of an inferred table with something else in it. */
  public static UserException invalidFrozenTable(UserException problems) {
    return new UserException(
        UserException.RUN_TIME,
        problems.problems().stream()
            .map(
                problem ->
                    problem
                        + " The file holds the table that was inferred at the first start: put it back"
                        + " as it was. "
                        + BEGIN_ANEW)
            .toList(),
        problems);
  }

  /** Declared columns that are other than those that an earlier run inferred; all of them. */
  public static UserException contradictsFrozen(List<String> problems) {
    return new UserException(UserException.WRONG_INPUT, problems, null);
  }

  /** One of these columns. */
  public static String otherwiseFrozen(
      String column, String declared, String inferred, String file) {
    return "table.columns."
        + column
        + ": declared as "
        + declared
        + ", but the first start inferred "
        + inferred
        + " ("
        + file
        + "), and what was delivered since is of that type. Declare it so, or under another name; or,"
        + " to deliver everything again, name another checkpoint folder (--checkpoints DIR).";
  }

  /** A pipeline whose source has no messages with columns. */
  public static UserException noTopic(String kind) {
    return new UserException(
        UserException.WRONG_INPUT,
        List.of(
            "source.%s: its messages are not decoded, so there is nothing to infer. Name a pipeline with source.kafka and the format debezium-json or json."
                .formatted(kind)),
        null);
  }

  /** A topic without messages. */
  public static UserException emptySample(String topic) {
    return new UserException(
        UserException.RUN_TIME,
        List.of(
            "topic '"
                + topic
                + "' has no message to infer columns from. Wait for a first row, or name a table of"
                + " Postgres (--postgres JDBC-URL --table SCHEMA.TABLE)."),
        null);
  }

  /**
   * A topic with messages of which none has a row.
   *
   * @param read what was read, such as {@code 4 messages (without schemas)}
   * @param areChanges whether Debezium's changes were expected, not JSON objects
   */
  public static UserException noRows(String topic, String read, boolean areChanges) {
    return new UserException(
        UserException.RUN_TIME,
        List.of(
            areChanges
                ? "topic '%s' has no row to infer columns from: of the %s none is a Debezium change with a row. Wait for one, or, for messages that are JSON objects, set source.format to json."
                    .formatted(topic, read)
                : "topic '%s' has no row to infer columns from: of the %s none is a JSON object. Wait for one, or set source.format to what the messages are."
                    .formatted(topic, read)),
        null);
  }

  /** A table that Postgres does not have, or that this user may not see. */
  public static UserException missingTable(String table, String url, Throwable cause) {
    return new UserException(
        UserException.WRONG_INPUT,
        List.of(
            "--table: the database at "
                + url
                + " has no table '"
                + table
                + "'. Write SCHEMA.TABLE as Postgres spells it, such as public.orders."),
        cause);
  }

  /** A database that can't be read. */
  public static UserException unreadablePostgres(String url, String user, Throwable cause) {
    return new UserException(
        UserException.RUN_TIME,
        List.of(
            "--postgres: can't read "
                + url
                + " as "
                + user
                + " ("
                + Objects.toString(cause.getMessage(), "").lines().findFirst().orElse("").strip()
                + "). Expected jdbc:postgresql://HOST:PORT/DATABASE, a user that may read the table"
                + " (--user), and the password in PGPASSWORD."),
        cause);
  }

  /** {@code --postgres} without {@code --table}, or the other way round. */
  public static String postgresNeedsTable() {
    return "--postgres and --table belong together";
  }

  public static String expectSample() {
    return "--sample takes a whole number from 1 upwards";
  }

  public static String passwordInUrl() {
    return "--postgres: a password does not belong in the URL; set PGPASSWORD";
  }

  /** More than one place to infer from, or none. */
  public static String oneSource() {
    return "Name what to infer from: PIPELINE, or --topic, or --postgres and --table";
  }
}
