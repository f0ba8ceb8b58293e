package dev.millrace.benchmark.report;

import dev.millrace.benchmark.latency.LatencyResult;
import java.util.List;
import java.util.Locale;

/**
 * Latencies as a chart: a bar for each contender, sink and rate, from 0 to its p50 from the record
 * in Debezium's topic to the row in the sink, with a line on to the p99.
 */
public final class LatencyChart {

  private static final int WIDTH = 980;
  private static final int LABEL_WIDTH = 330;
  private static final int FIGURE_WIDTH = 130;
  private static final int ROW = 26;
  private static final int BAR = 14;
  private static final int TOP = 56;
  private static final int MARGIN = 16;
  private static final int LENGTH = WIDTH - LABEL_WIDTH - FIGURE_WIDTH - MARGIN;

  private LatencyChart() {}

  /** The chart as SVG, on a background of its own. */
  public static String of(List<LatencyResult> results) {
    StringBuilder svg = new StringBuilder();
    int height = TOP + results.size() * ROW + MARGIN;
    add(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\""
            + " font-family=\"system-ui, sans-serif\" font-size=\"13\" role=\"img\">",
        WIDTH,
        height,
        WIDTH,
        height);
    add(svg, "<title>Latency of each contender</title>");
    add(
        svg,
        "<rect x=\"0.5\" y=\"0.5\" width=\"%d\" height=\"%d\" rx=\"6\" fill=\"#ffffff\""
            + " stroke=\"#d0d7de\"/>",
        WIDTH - 1,
        height - 1);
    add(
        svg,
        "<text x=\"%d\" y=\"32\" font-size=\"16\" font-weight=\"600\" fill=\"#1f2328\">Milliseconds"
            + " from Debezium's topic to the sink: p50 (bar), p99 (line); less is better</text>",
        MARGIN);
    double longest =
        results.stream().mapToDouble(result -> result.fromTopic().p99()).max().orElse(1);
    for (int i = 0; i < results.size(); i++) {
      bar(svg, results.get(i), TOP + i * ROW, LENGTH / longest);
    }
    add(svg, "</svg>");
    return svg.toString();
  }

  private static void bar(
      StringBuilder svg, LatencyResult result, int top, double pixelsPerMillisecond) {
    boolean isJob = result.contender().startsWith("millrace");
    double end = LABEL_WIDTH + result.fromTopic().p99() * pixelsPerMillisecond;
    add(
        svg,
        "<text x=\"%d\" y=\"%d\" fill=\"#1f2328\"%s>%s · %,d/s · %s</text>",
        MARGIN,
        top + 12,
        isJob ? " font-weight=\"600\"" : "",
        result.sink(),
        result.rate(),
        isJob
            ? result.contender().equals("millrace") ? "Millrace" : "Millrace, a view"
            : "plain Spark");
    add(
        svg,
        "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>",
        LABEL_WIDTH,
        top,
        result.fromTopic().p50() * pixelsPerMillisecond,
        BAR,
        isJob ? "#0969da" : "#8c959f");
    add(
        svg,
        "<path d=\"M%d %d H%.1f m0 -4 v8\" stroke=\"#1f2328\" fill=\"none\"/>",
        LABEL_WIDTH,
        top + BAR / 2,
        end);
    add(
        svg,
        "<text x=\"%.1f\" y=\"%d\" fill=\"#1f2328\">%,.0f / %,.0f</text>",
        end + 8,
        top + 12,
        result.fromTopic().p50(),
        result.fromTopic().p99());
  }

  private static void add(StringBuilder svg, String format, Object... values) {
    svg.append(values.length == 0 ? format : String.format(Locale.ROOT, format, values))
        .append('\n');
  }
}
