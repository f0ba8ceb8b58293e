package dev.millrace.benchmark.latency;

import dev.millrace.benchmark.statistics.Percentiles;

/**
 * What was measured of one contender at one rate.
 *
 * @param topic from the commit in Postgres to the record in Debezium's topic
 * @param fromTopic from that record to the row in the sink
 * @param total from the commit to the row in the sink
 */
public record LatencyResult(
    String sink,
    String contender,
    int rate,
    Percentiles topic,
    Percentiles fromTopic,
    Percentiles total) {

  private static final String FIRST_WORD = "latency";

  String toLine() {
    return String.join(
        " ",
        FIRST_WORD,
        sink,
        contender,
        Integer.toString(rate),
        topic.toLine(),
        fromTopic.toLine(),
        total.toLine());
  }

  /** Whether a line of the probe's output is a result. */
  public static boolean isIn(String line) {
    return line.startsWith(FIRST_WORD + " ");
  }

  /** The result in a line that {@link #isIn} accepts. */
  public static LatencyResult parse(String line) {
    String[] words = line.split(" ", -1);
    return new LatencyResult(
        words[1],
        words[2],
        Integer.parseInt(words[3]),
        Percentiles.parse(words, 4),
        Percentiles.parse(words, 9),
        Percentiles.parse(words, 14));
  }
}
