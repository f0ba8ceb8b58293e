package dev.millrace.benchmark.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;

/** What JMH found, as Markdown. */
public final class DecoderTable {

  private DecoderTable() {}

  /**
   * A line for each benchmark.
   *
   * @param results as JMH writes them with {@code -rf json -prof gc}
   * @param bytes the average length of a message
   */
  public static String of(JsonNode results, double bytes, Machine machine, String date) {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "# Decoder, %s%n%nOne core, messages of %,.0f bytes, by JMH. Commit %s, %s, %s.%n%n",
            date,
            bytes,
            machine.commit(),
            machine.processor(),
            machine.versions().get("Java")));
    text.append("| | rows/s | ± | MB/s | bytes allocated a row |\n|---|---|---|---|---|\n");
    for (JsonNode result : results) {
      String name = result.get("benchmark").asText();
      JsonNode score = result.get("primaryMetric");
      double rows = score.get("score").asDouble();
      text.append(
          String.format(
              Locale.ROOT,
              "| %s | **%,.0f** | %,.0f | %,.0f | %,.0f |%n",
              name.substring(name.lastIndexOf('.') + 1),
              rows,
              score.get("scoreError").asDouble(),
              rows * bytes / 1e6,
              allocated(result.get("secondaryMetrics"))));
    }
    return text.toString();
  }

  private static double allocated(JsonNode metrics) {
    for (String name : new String[] {"gc.alloc.rate.norm", "·gc.alloc.rate.norm"}) {
      if (metrics.has(name)) {
        return metrics.get(name).get("score").asDouble();
      }
    }
    return Double.NaN;
  }
}
