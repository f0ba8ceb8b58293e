package dev.millrace.error;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.errors.CorruptRecordException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.spark.sql.execution.streaming.state.StateSchemaNotCompatible;

/**
 * The part of the catalogue for what a running pipeline meets: brokers, topics, folders,
 * checkpoints, queries that fail.
 */
public final class RunErrors {

  /**
   * What the error of a message begins with that ends its query ({@code table.on-error: fail});
   * then come its place and what is wrong with it.
   */
  public static final String STOPPED_AT = "stopped at ";

  private RunErrors() {}

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
            + " deliver everything again, move the folder away or name another (OUTPUT_DIR), or empty it with ./millrace reset"
            + " PIPELINE --delete-output.");
  }

  /** A folder that should hold the batches before this one and does not. */
  public static UserException missingOutput(String folder, long batch) {
    return runTime(
        null,
        "output folder "
            + folder
            + ": it is empty, but the checkpoint continues with batch "
            + batch
            + ", so what came before would be missing. Put the folder back, or name the one that was"
            + " written before (OUTPUT_DIR); or, to deliver everything again, remove the position"
            + " (./millrace reset PIPELINE).");
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
              + " SQL back; or, to start over, give the output another name.");
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
              + " table.on-error=reject sends it to the dead letters and continues.");
    }
    return runTime(
        cause,
        "output "
            + output
            + ": the query ended by an error: "
            + message
            + (isOutage(cause)
                ? " Once the cause is gone, start it again: it continues after the last whole batch."
                : " The position stays after the last whole batch. Where the cause is the data or the"
                    + " SQL, the same error comes back at every start: correct the SQL, or leave such"
                    + " rows out in it.")
            + " --debug shows where it happened.");
  }

  /** Whether a failure is of a network or a server, and so may not come back. */
  public static boolean isOutage(Throwable cause) {
    for (Throwable each = cause; each != null; each = each.getCause()) {
      if (each instanceof Outage) {
        return true;
      }
      // Not a URI's syntax, which is of that package, too.
      boolean isOfNetwork =
          each instanceof IOException && each.getClass().getPackageName().equals("java.net");
      // Retriable for a consumer, which has other replicas; a restart reads the same bytes.
      boolean isOfServer =
          each instanceof RetriableException && !(each instanceof CorruptRecordException);
      if (isOfNetwork || isOfServer || each instanceof TimeoutException) {
        return true;
      }
    }
    return false;
  }

  static UserException wrongInput(String problem) {
    return new UserException(UserException.WRONG_INPUT, List.of(problem), null);
  }

  /** A server that did not answer for as long as it was waited for. */
  static UserException outage(Throwable cause, String problem) {
    return runTime(new Outage(cause), problem);
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
        + field.replaceAll("\\p{Cc}", "?")
        + "' in "
        + topic
        + ": not declared, left out. \"./millrace infer\" proposes it.";
  }

  /** A line of progress: changes can't be told from others, so they are all delivered. */
  public static String unrecognisableChanges(String output, String topic) {
    return output
        + ": messages in "
        + topic
        + " lack the LSN, the source's time or a key, so source.deduplicate can't recognise them if"
        + " they are repeated, and delivers them. Have the connector add source.lsn and"
        + " source.ts_ms (docs/sources-and-sinks.md#repeated-changes).";
  }
}
