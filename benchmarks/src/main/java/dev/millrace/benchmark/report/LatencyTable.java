package dev.millrace.benchmark.report;

import dev.millrace.benchmark.latency.LatencyResult;
import dev.millrace.benchmark.statistics.Percentiles;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The result of {@code ./millrace benchmark latency} as Markdown. */
public final class LatencyTable {

  private static final String JOB = "millrace";

  private static final Map<String, String> TITLES =
      Map.of(
          JOB,
          "Millrace, exactly once",
          JOB + "-view",
          "Millrace, a view of the table, exactly once",
          "spark",
          "plain Spark, at least once");

  private LatencyTable() {}

  /** The table, with what it was measured on. */
  public static String of(
      List<LatencyResult> results,
      Machine machine,
      List<String> flags,
      String date,
      int seconds,
      int warmUpSeconds) {
    StringBuilder text = new StringBuilder();
    add(text, "# Latency, %s%n", date);
    add(
        text,
        "Milliseconds, p50 / p95 / p99, over the rows of %d s after %d s to warm up. Each row is"
            + " inserted into Postgres in a transaction of its own while Postgres keeps up. Every"
            + " contender is alone with Postgres, Kafka and Connect. A row is in the sink when a"
            + " reader sees it: a consumer with `read_committed`, a look into the folder every"
            + " 5 ms, a query by key every 2 ms (Cassandra, Postgres; every 25th row), the files of"
            + " new snapshots every 5 ms (Iceberg).%n",
        seconds,
        warmUpSeconds);
    add(
        text,
        "| sink | inserts/s | contender | commit to Debezium's topic | topic to sink | commit to"
            + " sink | rows |");
    add(text, "|---|---|---|---|---|---|---|");
    for (LatencyResult result : results) {
      add(
          text,
          "| %s | %,d | %s | %s | **%s** | %s | %,d |",
          result.sink(),
          result.rate(),
          TITLES.get(result.contender()),
          figures(result.topic()),
          figures(result.fromTopic()),
          figures(result.total()),
          result.total().count());
    }
    add(text, "");
    add(text, "Millrace against plain Spark, topic to sink; less than 1 is faster:%n");
    add(text, "| sink | inserts/s | p50 | p99 |");
    add(text, "|---|---|---|---|");
    for (LatencyResult result : results) {
      plain(result, results)
          .ifPresent(
              plain ->
                  add(
                      text,
                      "| %s | %,d | %.2f | %.2f |",
                      result.contender().equals(JOB)
                          ? result.sink()
                          : result.sink() + ", a view of the table",
                      result.rate(),
                      result.fromTopic().p50() / plain.fromTopic().p50(),
                      result.fromTopic().p99() / plain.fromTopic().p99()));
    }
    add(
        text,
        "%n%d cores of %s, %d GiB, which Postgres, Kafka, Connect and the measurement share."
            + " Commit %s.%n",
        machine.cores(),
        machine.processor(),
        machine.memoryGibibytes(),
        machine.commit());
    machine.versions().entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(version -> add(text, "- %s %s", version.getKey(), version.getValue()));
    add(
        text,
        "- Flags of the JVM: `%s`",
        String.join(
            " ",
            flags.stream()
                .filter(flag -> !flag.startsWith("--add-opens"))
                .filter(flag -> !flag.startsWith("-Dmillrace.home="))
                .toList()));
    return text.toString();
  }

  /** A result while the measurement runs. */
  public static String line(LatencyResult result) {
    return String.format(
        Locale.ROOT,
        "%-9s %-13s %,6d/s  commit to topic %s  topic to sink %s",
        result.sink(),
        result.contender(),
        result.rate(),
        figures(result.topic()),
        figures(result.fromTopic()));
  }

  private static Optional<LatencyResult> plain(LatencyResult result, List<LatencyResult> results) {
    return results.stream()
        .filter(other -> result.contender().startsWith(JOB))
        .filter(other -> other.contender().equals("spark"))
        .filter(other -> other.sink().equals(result.sink()) && other.rate() == result.rate())
        .findFirst();
  }

  private static String figures(Percentiles percentiles) {
    return String.format(
        Locale.ROOT,
        "%,.0f / %,.0f / %,.0f",
        percentiles.p50(),
        percentiles.p95(),
        percentiles.p99());
  }

  private static void add(StringBuilder text, String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
