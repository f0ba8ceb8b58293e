package dev.millrace.error;

import java.util.List;

/** The part of the catalogue for dead letters that are listed, exported and replayed. */
public final class DeadLetterErrors {

  private static final String EXPORT = "./millrace dead-letters PIPELINE --export FILE";

  private DeadLetterErrors() {}

  /** A sink that does not keep dead letters. */
  public static UserException nothingKept(String kind) {
    return wrongInput(
        "dead-letters.sink: the sink '"
            + kind
            + "' keeps nothing that could be listed. Use parquet or kafka.",
        null);
  }

  /** A folder of dead letters that can't be read. */
  public static UserException unreadableFolder(String folder, Throwable cause) {
    return new UserException(
        UserException.RUN_TIME,
        List.of(
            "dead-letters folder "
                + folder
                + ": can't be read ("
                + RunErrors.rootMessage(cause)
                + "). Name the folder that the job wrote (OUTPUT_DIR, dead-letters.path), and let this"
                + " user read it."),
        cause);
  }

  /** A table that the first run is to infer, which has not been yet. */
  public static UserException tableNotKnown() {
    return wrongInput(
        "table.columns: not known before the first run has inferred them. Run the pipeline once, or"
            + " declare them (./millrace infer PIPELINE).",
        null);
  }

  /** A file of exported dead letters that can't be written. */
  public static UserException unwritableExport(String file, Throwable cause) {
    return wrongInput(
        file
            + ": can't be written ("
            + RunErrors.rootMessage(cause)
            + "). Name a file in a folder that this user may write.",
        cause);
  }

  /** A file of corrected dead letters that can't be read. */
  public static UserException unreadableExport(String file, Throwable cause) {
    return wrongInput(
        file + ": can't be read (" + RunErrors.rootMessage(cause) + "). Write one with " + EXPORT,
        cause);
  }

  /** A pipeline without a topic for corrected messages. */
  public static UserException noReplayTopic() {
    return wrongInput(
        "source.kafka.replay-topic: missing. Name the topic through which corrected messages come"
            + " back; it is made where there is none.",
        null);
  }

  /** A pipeline whose source has no messages. */
  public static UserException noMessages(String source) {
    return wrongInput(
        "source: '" + source + "' gives rows, no messages. Expected a source.kafka.", null);
  }

  /** The lines of a file that can't be sent, all of them. */
  public static UserException notSent(List<String> problems) {
    return new UserException(UserException.WRONG_INPUT, problems, null);
  }

  /**
   * Kafka has not taken corrected messages.
   *
   * @param sent how many were sent before
   */
  public static UserException replayFailed(String topic, int sent, Throwable cause) {
    return new UserException(
        UserException.RUN_TIME,
        List.of(
            "source.kafka.replay-topic: Kafka did not take the messages for %s (%s); %s. Remove the cause, and run the command again: what was sent is left out."
                .formatted(
                    topic,
                    RunErrors.rootMessage(cause),
                    sent == 0 ? "nothing was sent" : "%,d were sent before".formatted(sent))),
        cause);
  }

  /** A problem of one line. */
  public static String atLine(String file, int line, String problem) {
    return file + ":" + line + ": " + problem;
  }

  public static String notJson(String problem) {
    return "not a line of JSON: " + problem + ". Write one object a line, as " + EXPORT + " does.";
  }

  public static String withoutPosition() {
    return "topic, partition or offset is missing. Leave them as they were exported: they say which"
        + " message is corrected.";
  }

  public static String invalidTimestamp(String text) {
    return "timestamp: invalid value '" + text + "'. Leave it as it was exported.";
  }

  public static String eitherTextOrBase64(String text, String base64) {
    return "expected either " + text + " or " + base64 + ". Write null for none.";
  }

  public static String notBase64(String field) {
    return field
        + ": not base64. Write the bytes in base64, or text as the field without 'Base64'.";
  }

  public static String foreignTopic(String topic, List<String> topics) {
    return "the message is of the topic '"
        + topic
        + "', which the pipeline does not read. Expected "
        + String.join(" or ", topics)
        + ".";
  }

  public static String repeated(String position, int firstLine) {
    return position + " stands on line " + firstLine + " already. Remove one of the two.";
  }

  public static String stillRejected(String position, String code, String message) {
    return position + " is still rejected, " + code + ": " + message;
  }

  /** A row, and not a message, which could be replayed. */
  public static String ofOutput() {
    return "a row that the sink of an output can't store, and not a message. Change the output's SQL"
        + " and let the source send its row again, or remove the line.";
  }

  public static String noChange(String position) {
    return position + " has no value: a tombstone changes nothing. Remove the line.";
  }

  private static UserException wrongInput(String problem, Throwable cause) {
    return new UserException(UserException.WRONG_INPUT, List.of(problem), cause);
  }
}
