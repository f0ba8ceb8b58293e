package dev.millrace.error;

import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.apache.commons.lang3.StringUtils;
import org.apache.spark.sql.execution.streaming.state.StateSchemaNotCompatible;

/**
 * The part of the catalogue for what a running pipeline meets: SQL that can't be planned, brokers,
 * topics, folders, checkpoints, queries that fail.
 */
public final class RunErrors {

  /**
   * What the error of a message begins with that ends its query ({@code table.on-error: fail});
   * then come its place and what is wrong with it.
   */
  public static final String STOPPED_AT = "stopped at ";

  /** How Kafka's source ends the explanation of messages that it was to read and can't. */
  private static final String GONE_FROM_KAFKA = "not available in Kafka any more";

  private RunErrors() {}

  /** SQL that Spark can't analyse. */
  public static UserException invalidSql(String place, String problem, Throwable cause) {
    return new UserException(
        UserException.WRONG_INPUT, List.of(place + ": " + problem.strip()), cause);
  }

  /** {@code row_number()} and its kin over a stream. */
  public static UserException windowFunctionOnStream(String place) {
    return wrongInput(
        place
            + ": a row function (OVER ...) needs rows that are all there, which a stream's never"
            + " are. Add 'scope: batch' to the output to number the rows of each micro-batch.");
  }

  /** ORDER BY, LIMIT, joins, set operations and subqueries over a stream. */
  public static UserException needsOtherRows(String place) {
    return wrongInput(
        place
            + ": ORDER BY, LIMIT, joins (but with a lookup whose rows may be missing), UNION and its"
            + " kin, and subqueries need rows that are all there, which a stream's never are. Leave them out, or add 'scope: batch' to the"
            + " output to run the SQL on each micro-batch.");
  }

  /** SQL that does something other than to select. */
  public static UserException sqlCommand(String place, String relation) {
    return wrongInput(
        place
            + ": a statement that does something. Expected a query: SELECT ... FROM "
            + relation
            + ".");
  }

  /** SQL that does not read the rows of the source. */
  public static UserException sqlWithoutRelation(String place, String relation) {
    return wrongInput(
        place
            + ": the SQL does not read the relation '"
            + relation
            + "'. Expected a query: SELECT ... FROM "
            + relation
            + ".");
  }

  /** Mode complete for a query that keeps no result. */
  public static UserException completeWithoutAggregate(String place) {
    return wrongInput(
        place
            + ": 'mode: complete' delivers a whole result again and again, and only an aggregate"
            + " (GROUP BY) keeps one. Use 'mode: append'.");
  }

  /** An aggregate that goes on from batch to batch over a source that feeds none. */
  public static UserException noStateOver(String place, String kind, String reason) {
    return wrongInput(
        place
            + ": an aggregate that goes on from batch to batch is not possible over "
            + kind
            + ", as "
            + reason
            + ". Add 'scope: batch' to the output to aggregate each batch by itself.");
  }

  /** A key column that the SQL does not return. */
  public static UserException keyNotInResult(String place, String column, List<String> columns) {
    return wrongInput(
        place
            + ": the output's key names '"
            + column
            + "', which the SQL does not return. Use one of "
            + String.join(", ", columns)
            + ".");
  }

  /** A query that Spark refuses to start. */
  public static UserException refusedQuery(String place, String problem, Throwable cause) {
    return new UserException(
        UserException.WRONG_INPUT,
        List.of(
            place
                + ": "
                + problem.lines().findFirst().orElse("").strip()
                + ". Change the output's sql, mode or watermark."),
        cause);
  }

  /** A folder that can't be written. */
  public static UserException unwritableFolder(String what, String folder, Throwable cause) {
    return runTime(
        cause,
        what
            + " "
            + folder
            + ": can't be written ("
            + rootMessage(cause)
            + "). It has to be a folder that this user may write: change its rights, or name"
            + " another ("
            + (what.startsWith("checkpoint") ? "--checkpoints DIR" : "OUTPUT_DIR")
            + ").");
  }

  /** A folder for logs that can't be written. */
  public static UserException unwritableLog(String folder, Throwable cause) {
    return runTime(
        cause,
        "log-folder "
            + folder
            + ": can't be written ("
            + rootMessage(cause)
            + "). Change its rights, or name another with --set log-folder=DIR.");
  }

  /** A folder of batches that another checkpoint counts. */
  public static UserException foreignOutput(String folder, String found, String expected) {
    return runTime(
        null,
        "output folder "
            + folder
            + ": its batches belong to the checkpoint "
            + found
            + ", this run has the checkpoint "
            + expected
            + ". Delivering here would lose or repeat rows. Put the old checkpoint back; or, to"
            + " deliver everything again, move the folder away or name another (OUTPUT_DIR).");
  }

  /** A folder that should hold the batches before this one and does not. */
  public static UserException missingOutput(String folder, long batch) {
    return runTime(
        null,
        "output folder "
            + folder
            + ": it is empty, but the checkpoint goes on with batch "
            + batch
            + ", so what came before would be missing. Put the folder back, or name the one that was"
            + " written before (OUTPUT_DIR); or, to deliver everything again, name another"
            + " checkpoint folder (--checkpoints DIR).");
  }

  /** A run whose place another run has taken. */
  public static UserException overtaken(String folder, long batch) {
    return runTime(
        null,
        "output folder "
            + folder
            + ": another run of the same checkpoint has begun, so this one does not publish batch "
            + batch
            + ". Expected one run of a pipeline's output at a time. End one of the two.");
  }

  /** A topic that should hold the batches before this one and does not. */
  public static UserException missingTopicOutput(String topic, long batch) {
    return runTime(
        null,
        "sinks.kafka.topic: the checkpoint goes on with batch "
            + batch
            + ", but the topic "
            + topic
            + " is not the one that got what came before: it is another one, or was deleted and made"
            + " anew. Name the topic of before (OUTPUT_TOPIC); or, to deliver everything again, name"
            + " another checkpoint folder (--checkpoints DIR).");
  }

  /** A topic to which another checkpoint delivered the same output. */
  public static UserException foreignTopic(
      String topic, String output, String marksTopic, String found, String expected) {
    return runTime(
        null,
        "output "
            + output
            + ": the topic "
            + topic
            + " has its rows from the checkpoint "
            + found
            + ", this run has the checkpoint "
            + expected
            + ". Delivering again would repeat rows. Put the old checkpoint back; or, to deliver"
            + " everything again, name another topic (OUTPUT_TOPIC), or delete the topics "
            + topic
            + " and "
            + marksTopic
            + ".");
  }

  /** A Kafka sink whose topics can't be made or described. */
  public static UserException kafkaSinkUnusable(String topic, String servers, Throwable cause) {
    return runTime(
        cause,
        "sinks.kafka: the topic "
            + topic
            + " at "
            + servers
            + " can't be used ("
            + rootMessage(cause)
            + "). Expected a broker that answers and lets this user create and write topics.");
  }

  /**
   * A row that the producer or the broker refuses.
   *
   * @param bytes of the largest row that was to be written
   */
  public static UserException rowTooLarge(String output, String topic, int bytes, Throwable cause) {
    String said = rootMessage(cause);
    return runTime(
        cause,
        String.format(
            Locale.ROOT,
            "output %s: a row of %,d bytes is too large for the topic %s (%s). %s; or leave what is"
                + " large out of the output's sql. Nothing is lost: started again, the query goes on"
                + " after the last whole batch.",
            output,
            bytes,
            topic,
            StringUtils.stripEnd(said, ". "),
            said.contains("max.request.size")
                ? "Raise sinks.kafka.options.max.request.size, and the topic's max.message.bytes"
                    + " with it"
                : "Raise the topic's max.message.bytes"));
  }

  /**
   * A query that ended by an error.
   *
   * @param checkpoint where the output keeps its position
   */
  public static UserException queryFailed(String output, String checkpoint, Throwable cause) {
    for (Throwable each = cause; each != null; each = each.getCause()) {
      if (each instanceof UserException known) {
        return known;
      }
    }
    Throwable root = root(cause);
    if (root instanceof StateSchemaNotCompatible) {
      return runTime(
          cause,
          "output "
              + output
              + ": the SQL has changed and does not fit what was aggregated so far, in "
              + checkpoint
              + ". The columns of GROUP BY and the aggregates have to stay as they were. Put the old"
              + " SQL back; or, to begin anew, give the output another name.");
    }
    String message = rootMessage(cause);
    if (message.startsWith(STOPPED_AT)) {
      return runTime(
          cause,
          "output "
              + output
              + ": "
              + message
              + " The query ends at such a message because table.on-error is fail; --set"
              + " table.on-error=reject sends it to the dead letters and goes on.");
    }
    if (Objects.toString(root.getMessage(), "").contains(GONE_FROM_KAFKA)) {
      return runTime(
          cause,
          "output "
              + output
              + ": Kafka does not have the messages that come next after "
              + checkpoint
              + " ("
              + StringUtils.stripEnd(message, ". ")
              + "). The topic is another one, was made anew, or dropped them by its retention. Name"
              + " the topic that was read before; or, to go on with what is there, --set"
              + " source.kafka.options.failOnDataLoss=false; or, to begin anew, give the output"
              + " another name.");
    }
    return runTime(
        cause,
        "output "
            + output
            + ": the query ended by an error: "
            + message
            + " Nothing is lost: started again, it goes on after the last whole batch. --debug shows"
            + " where it happened.");
  }

  static UserException wrongInput(String problem) {
    return new UserException(UserException.WRONG_INPUT, List.of(problem), null);
  }

  static UserException runTime(Throwable cause, String problem) {
    return new UserException(UserException.RUN_TIME, List.of(problem), cause);
  }

  private static Throwable root(Throwable cause) {
    Throwable root = cause;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }

  /** The message of the innermost cause, or its name where it has none. */
  static String rootMessage(Throwable cause) {
    Throwable root = root(cause);
    return root.getMessage() == null
        ? root.getClass().getSimpleName()
        : root.getMessage().lines().findFirst().orElse("").strip();
  }

  /** A line of progress: rows have a field that the table does not declare. */
  public static String unknownField(String field, String topic) {
    return "unknown field '"
        + field.replaceAll("\\p{Cntrl}", "?")
        + "' in "
        + topic
        + ": not declared, left out. \"./millrace infer\" proposes it.";
  }
}
