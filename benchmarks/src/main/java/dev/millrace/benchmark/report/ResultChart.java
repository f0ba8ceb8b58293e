package dev.millrace.benchmark.report;

import dev.millrace.benchmark.measure.Case;
import dev.millrace.benchmark.measure.Measured;
import dev.millrace.benchmark.sinks.SinkMeasured;
import dev.millrace.benchmark.statistics.Spread;
import java.util.List;
import java.util.Locale;

/**
 * A result as a chart: a bar for each contender, as long as its median, with a whisker from the
 * slowest run to the fastest. It brings its own background, so that it can be read on any page.
 */
final class ResultChart {

  private static final int WIDTH = 980;
  private static final int LABEL_WIDTH = 500;
  private static final int FIGURE_WIDTH = 90;
  private static final int ROW = 30;
  private static final int BAR = 16;
  private static final int TOP = 56;
  private static final int MARGIN = 16;
  private static final int LENGTH = WIDTH - LABEL_WIDTH - FIGURE_WIDTH - MARGIN;

  private final StringBuilder svg = new StringBuilder();

  private ResultChart() {}

  /**
   * A contender.
   *
   * @param isJob whether it is this job
   */
  private record Bar(String label, Spread rowsPerSecond, boolean isJob) {}

  static String of(List<Measured> measured) {
    return new ResultChart()
        .draw(
            measured.stream()
                .map(
                    each ->
                        new Bar(
                            label(each.of()),
                            each.rowsPerSecond(),
                            each.of().name().startsWith("d")))
                .toList());
  }

  static String ofSinks(List<SinkMeasured> measured) {
    return new ResultChart()
        .draw(
            measured.stream()
                .map(
                    each ->
                        new Bar(
                            each.of().sink() + " · " + each.of().title(),
                            each.changesPerSecond(),
                            each.of().isJob()))
                .toList());
  }

  private String draw(List<Bar> bars) {
    int height = TOP + bars.size() * ROW + MARGIN;
    double longest = bars.stream().mapToDouble(each -> each.rowsPerSecond().max()).max().orElse(1);
    element(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\""
            + " font-family=\"system-ui, sans-serif\" font-size=\"13\" role=\"img\">",
        WIDTH, height, WIDTH, height);
    element("<title>Rows a second of each contender</title>");
    element(
        "<rect x=\"0.5\" y=\"0.5\" width=\"%d\" height=\"%d\" rx=\"6\" fill=\"#ffffff\""
            + " stroke=\"#d0d7de\"/>",
        WIDTH - 1, height - 1);
    element(
        "<text x=\"%d\" y=\"32\" font-size=\"16\" font-weight=\"600\" fill=\"#1f2328\">Rows a"
            + " second, more is better</text>",
        MARGIN);
    for (int i = 0; i < bars.size(); i++) {
      add(bars.get(i), TOP + i * ROW, LENGTH / longest);
    }
    element("</svg>");
    return svg.toString();
  }

  private void add(Bar bar, int top, double pixelsPerRow) {
    Spread rows = bar.rowsPerSecond();
    boolean isJob = bar.isJob();
    int middle = top + BAR / 2;
    element(
        "<text x=\"%d\" y=\"%d\" fill=\"#1f2328\"%s>%s</text>",
        MARGIN, top + 13, isJob ? " font-weight=\"600\"" : "", escaped(bar.label()));
    element(
        "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>",
        LABEL_WIDTH, top, rows.median() * pixelsPerRow, BAR, isJob ? "#0969da" : "#8c959f");
    element(
        "<path d=\"M%.1f %d H%.1f M%.1f %d v8 M%.1f %d v8\" stroke=\"#1f2328\" fill=\"none\"/>",
        LABEL_WIDTH + rows.min() * pixelsPerRow,
        middle,
        LABEL_WIDTH + rows.max() * pixelsPerRow,
        LABEL_WIDTH + rows.min() * pixelsPerRow,
        middle - 4,
        LABEL_WIDTH + rows.max() * pixelsPerRow,
        middle - 4);
    element(
        "<text x=\"%.1f\" y=\"%d\" fill=\"#1f2328\"%s>%s</text>",
        LABEL_WIDTH + rows.max() * pixelsPerRow + 8,
        top + 13,
        isJob ? " font-weight=\"600\"" : "",
        String.format(Locale.ROOT, "%,.0f", rows.median()));
  }

  private static String label(Case of) {
    StringBuilder label = new StringBuilder(of.name()).append(" · ").append(of.program().title());
    if (of.columns() > 0) {
      label.append(", ").append(of.columns()).append(" columns");
    }
    return label.toString();
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;");
  }

  private void element(String format, Object... values) {
    svg.append(values.length == 0 ? format : String.format(Locale.ROOT, format, values))
        .append('\n');
  }
}
