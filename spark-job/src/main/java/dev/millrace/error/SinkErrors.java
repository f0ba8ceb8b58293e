package dev.millrace.error;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.apache.commons.lang3.StringUtils;

/** The part of the catalogue for sinks: what they can't hold, and topics that they can't use. */
public final class SinkErrors {

  private SinkErrors() {}

  // ------------------------------------------------------------------ sinks that are away

  /** One line for the progress of a run. */
  public static String detached(String view, long batch, Throwable cause) {
    return "%s: its sink is detached from batch %d on, as it is away (%s); the other views continue"
        .formatted(view, batch, RunErrors.rootMessage(cause));
  }

  /** One line for the progress of a run. */
  public static String stillDetached(String view, Throwable cause) {
    return "%s: its sink can't be attached yet (%s); trying again"
        .formatted(view, RunErrors.rootMessage(cause));
  }

  /** One line for the progress of a run. */
  public static String attached(String view, long batch) {
    return "%s: its sink is back and gets the whole result with batch %d".formatted(view, batch);
  }

  /** One line for the progress of a run. */
  public static String detachedUncleanly(String view, Throwable cause) {
    return "%s: its sink was not closed in order (%s)"
        .formatted(view, RunErrors.rootMessage(cause));
  }

  /** A run to the end of what is there that has left out sinks. */
  public static UserException stillDetached(Collection<String> views) {
    return RunErrors.runTime(
        null,
        "%s: the sink is detached, so it lacks what the run has read. The state has it: once the sink's server answers, start the pipeline again, which delivers the whole result."
            .formatted(String.join(", ", views)));
  }

  // ------------------------------------------------------------------ contents

  /** A sink has a batch that its run has not committed,. */
  public static UserException aheadOfCheckpoint(String view, String sink, long batch) {
    return RunErrors.runTime(
        null,
        "%s: %s has a batch that is not committed; the checkpoint is at batch %d. A run ended in between"
                .formatted(view, sink, batch)
            + ": start the pipeline again, which completes the batch, and verify then. If it runs, try"
            + " again with --wait 60s.");
  }

  /** Views whose sinks hold something else than the state has. */
  public static UserException differentFromView(Collection<String> views) {
    return RunErrors.runTime(
        null,
        String.join(", ", views)
            + ": the sink does not hold what the view has. Of a table in Cassandra that is so while a"
            + " batch is written: wait for it with --wait 60s. Rows that a sink can't store are dead"
            + " letters, and missing there. If neither is the reason, another writer has changed the"
            + " sink: after ./millrace rebuild PIPELINE the next batch delivers the whole result.");
  }

  /** An output without a key whose sink keeps one row of each key. */
  public static String needsKey(String kind) {
    return "missing. The sink "
        + kind
        + " keeps the newest row of each key: name the columns that identify a row, such as [id].";
  }

  /**
   * A column of a type that a file format does not know.
   *
   * @param type as SQL writes it
   * @param instead an expression that the format can hold
   */
  public static String unholdable(String format, String column, String type, String instead) {
    return "%s files can't hold the column '%s', a %s. Select %s AS %s instead."
        .formatted(format, column, type, instead, column);
  }

  /** A topic of a view whose partitions became more: a key's records would be in two of them. */
  public static UserException partitionsAdded(
      String topic, String output, int partitions, int found) {
    return RunErrors.wrongInput(
        String.format(
            "topic '%s' has %d partitions, and had %d when the view '%s' was first delivered: a key would"
                + " get records in another partition than before, and both would stay. Use another topic (sinks.kafka.topic),"
                + " which gets the whole result; or delete this one with './millrace reset"
                + " PIPELINE --output %s --delete-output' and run again.",
            topic, found, partitions, output, output));
  }

  /** A result for text files that is not one column of text. */
  public static String notOneText(List<String> columns) {
    return "text files hold one string column, and the result has %s. Select one, such as"
            .formatted(String.join(", ", columns))
        + " to_json(struct(*)) AS value.";
  }

  /** A result for CSV in which a row may be an empty line. */
  public static String emptyLine(String column) {
    return "csv files can't hold a result of one column that may be null, '%s': a row with null is an"
            .formatted(column)
        + " empty line, which readers skip. Select one more column, or coalesce(%s, '') AS %s."
            .formatted(column, column);
  }

  /** A result with a name twice. */
  public static String repeatedColumn(String format, String column) {
    return "%s files can't hold the column '%s' twice; upper and lower case are the same. Name one of"
            .formatted(format, column)
        + " the two otherwise, with AS.";
  }

  /** A folder by a column that is not there. */
  public static String missingPartitionColumn(String format, String column, List<String> columns) {
    return "sinks.%s.partition-by names '%s', which the result does not have. Use one of %s."
        .formatted(format, column, String.join(", ", columns));
  }

  /** The console is a pipe that nobody reads any more, or a file on a full disk. */
  public static UserException closedConsole(String output) {
    return RunErrors.runTime(
        null,
        "output "
            + output
            + ": the sink console can't write to standard output: it is closed, or its disk is full."
            + " The batch is shown again at the next start.");
  }

  /** An empty text by which no folder can be named. */
  public static String emptyPartitionValue(String column, String folderOfNulls) {
    return "an empty text, which no folder of partition-by can be named by: it would be in the folder"
        + " of nulls (%s). Write it as null (nullif(%s, '')) or as another text in the output's SQL."
            .formatted(folderOfNulls, column);
  }

  /** A text that readers take for null. */
  public static String partitionValueOfNulls(String column, String folderOfNulls) {
    return "which names the folder of nulls of partition-by, so every reader takes it for null. Write"
        + " it as null (nullif(%s, '%s')) or as another text in the output's SQL."
            .formatted(column, folderOfNulls);
  }

  /** A character that no file system takes. */
  public static String partitionValueWithNul(String column) {
    return "which has the character U+0000, and the names of folders can't have it. Remove it in the output's SQL: replace(%s, char(0), '')."
        .formatted(column);
  }

  /** A column by whose values no folder can be named. */
  public static String partitionColumnOfType(
      String format, String column, String type, String expression) {
    return "sinks.%s.partition-by names '%s', a column of %s, by which no folder can be named. Select %s under a name of its own, and use that."
        .formatted(format, column, type, expression);
  }

  /** Files that would be left without columns. */
  public static String partitionByAll(String format) {
    return "sinks.%s.partition-by names every column of the result, and nothing would be left for the files. Leave one out."
        .formatted(format);
  }

  /** A text with a character that the files' encoding lacks. */
  public static String textOfOtherEncoding(String column, String encoding) {
    return "which has a character that %s lacks. Set sinks.csv.options.encoding to UTF-8, or replace it in the output's SQL (translate(%s, ...))."
        .formatted(encoding, column);
  }

  /** A text that is too long for the name of a folder. */
  public static String longPartitionValue(String column, int bytes) {
    return "too long for a folder of partition-by: its name, with '%s=' and special characters as %%XX, may have %d bytes. Shorten it in the output's SQL, or do not partition by it."
        .formatted(column, bytes);
  }

  /** A date or time that ORC changes. */
  public static String dateThatOrcLacks(String column) {
    return "which ORC can't store: its calendar lacks the days from 1582-10-05 to 1582-10-14, and a"
        + " time in the last second before 1970 is read back a second later. Use the sink parquet,"
        + " or cast(%s AS STRING).".formatted(column);
  }

  /** A row whose record is larger than the producer sends. */
  public static String recordTooLarge(long bytes) {
    return "its record is larger than max.request.size (%,d bytes). Leave what is large out of the output's sql, or raise sinks.kafka.options.max.request.size, and the topic's max.message.bytes with it."
        .formatted(bytes);
  }

  /** A row whose record is larger than the topic takes. */
  public static String recordTooLargeForTopic(long bytes) {
    return "its record, compressed, is larger than the topic's max.message.bytes (%,d bytes). Leave what is large out of the output's sql, or raise the topic's max.message.bytes."
        .formatted(bytes);
  }

  /** A topic that is not to be created. */
  public static UserException missingTopic(String topic, String servers) {
    return RunErrors.runTime(
        null,
        "sinks.kafka.topic: the broker at "
            + servers
            + " has no topic '"
            + topic
            + "'. Create it, or let Millrace do so with sinks.kafka.create: if-missing.");
  }

  /** A record of Kafka without its parts. */
  public static String notARecord(String column, List<String> columns) {
    return "sinks.kafka.format is raw, which takes the columns key and value, strings or binary, and"
        + " the result has no such '%s' among %s. Select it, or use format: json."
            .formatted(column, String.join(", ", columns));
  }

  /** A topic that should hold the batches before this one and does not. */
  public static UserException missingTopicOutput(String topic, long batch) {
    return RunErrors.runTime(
        null,
        "sinks.kafka.topic: the checkpoint continues with batch "
            + batch
            + ", but the topic "
            + topic
            + " is not the one that got what came before: it is another one, or was deleted and"
            + " created again. Name the former topic (OUTPUT_TOPIC); or, to deliver all again, remove"
            + " the position and what is left (./millrace reset PIPELINE --delete-output).");
  }

  /** A topic to which another checkpoint delivered the same output. */
  public static UserException foreignTopic(
      String topic, String output, String marksTopic, String found, String expected) {
    return RunErrors.runTime(
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
            + " (./millrace reset PIPELINE --delete-output).");
  }

  /** A Kafka sink whose topics can't be made or described. */
  public static UserException kafkaSinkUnusable(String topic, String servers, Throwable cause) {
    return RunErrors.runTime(
        cause,
        "sinks.kafka: the topic "
            + topic
            + " at "
            + servers
            + " can't be used ("
            + RunErrors.rootMessage(cause)
            + "). Expected a broker that answers and lets this user create and write topics.");
  }

  /**
   * A row that the producer or the broker refuses.
   *
   * @param bytes of the largest row that was to be written
   */
  public static UserException rowTooLarge(String output, String topic, int bytes, Throwable cause) {
    String said = RunErrors.rootMessage(cause);
    return RunErrors.runTime(
        cause,
        String.format(
            Locale.ROOT,
            "output %s: a row of %,d bytes is too large for the topic %s (%s). %s; or leave what is"
                + " large out of the output's sql (and finish the batch with --accept"
                + " new-definition). Until then every start ends here; the position stays after"
                + " the last whole batch.",
            output,
            bytes,
            topic,
            StringUtils.stripEnd(said, ". "),
            said.contains("max.request.size")
                ? "Raise sinks.kafka.options.max.request.size, and the topic's max.message.bytes"
                    + " with it"
                : "Raise the topic's max.message.bytes"));
  }

  /** A topic of a view that deletes records by age or size. */
  public static UserException topicNotCompacted(String topic, String output, String policy) {
    return RunErrors.wrongInput(
        String.format(
            "topic '%s' has cleanup.policy=%s, so it would lose rows of the view '%s'. Set"
                + " cleanup.policy=compact, or use another topic.",
            topic, policy, output));
  }

  /** A table that another checkpoint or output writes. */
  public static UserException foreignTable(
      String sink, String place, String pipeline, String output, String found, String expected) {
    return RunErrors.runTime(
        null,
        "sinks.%s.table: %s belongs to output '%s' of pipeline '%s' with the checkpoint %s; this run has the checkpoint %s. Delivering there would mix two results. Put the old checkpoint back, or name another table; or delete what is there (./millrace reset PIPELINE --output %s --delete-output)."
            .formatted(sink, place, output, pipeline, found, expected, output));
  }

  /** A run whose place another run has taken. */
  public static UserException overtaken(String place, String owner, long batch) {
    return RunErrors.runTime(
        null,
        "%s: another run of the same checkpoint has taken it over (%s), so this one does not deliver batch %d. Expected one run of a pipeline's output at a time. End one of the two."
            .formatted(place, owner, batch));
  }
}
