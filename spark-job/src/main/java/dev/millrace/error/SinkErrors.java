package dev.millrace.error;

import java.util.List;

/** The part of the catalogue for results that a sink can't hold. */
public final class SinkErrors {

  private SinkErrors() {}

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

  /** A result for text files that is not one column of text. */
  public static String notOneText(List<String> columns) {
    return "text files hold one string column, and the result has %s. Select one, such as"
            .formatted(String.join(", ", columns))
        + " to_json(struct(*)) AS value.";
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
}
