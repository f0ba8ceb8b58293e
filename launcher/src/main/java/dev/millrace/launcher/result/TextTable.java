package dev.millrace.launcher.result;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Rows in columns for a terminal. */
public final class TextTable {

  private static final int MAX_WIDTH = 60;

  private TextTable() {}

  /**
   * A heading, a rule and a line for each row, without a line break at the end. Line breaks in a
   * cell become {@code \n}; a cell of more than 60 characters ends in an ellipsis, except in the
   * last column.
   */
  public static String of(List<String> heading, List<List<String>> rows) {
    List<List<String>> all = new ArrayList<>();
    all.add(heading);
    rows.forEach(
        row -> all.add(IntStream.range(0, row.size()).mapToObj(i -> cell(row, i)).toList()));
    int[] widths =
        IntStream.range(0, heading.size())
            .map(i -> all.stream().mapToInt(row -> row.get(i).length()).max().orElse(0))
            .toArray();
    List<String> lines = all.stream().map(row -> line(row, widths)).collect(Collectors.toList());
    lines.add(1, IntStream.of(widths).mapToObj("-"::repeat).collect(Collectors.joining("  ")));
    return String.join(System.lineSeparator(), lines);
  }

  /**
   * The same, and below it how many rows the result has.
   *
   * @param rows the first ones, or all
   */
  static String withCount(List<String> heading, List<List<String>> rows, long count) {
    String shown = rows.size() < count ? ", the first %d shown".formatted(rows.size()) : "";
    return "%s%n(%d %s%s)".formatted(of(heading, rows), count, count == 1 ? "row" : "rows", shown);
  }

  private static String cell(List<String> row, int column) {
    // What is in a table must not steer the terminal.
    String oneLine =
        row.get(column).replace("\n", "\\n").replace("\r", "\\r").replaceAll("\\p{Cc}", "?");
    boolean isLast = column == row.size() - 1;
    return isLast || oneLine.length() <= MAX_WIDTH
        ? oneLine
        : oneLine.substring(0, MAX_WIDTH - 1) + "…";
  }

  private static String line(List<String> row, int[] widths) {
    return IntStream.range(0, row.size())
        .mapToObj(i -> row.get(i) + " ".repeat(widths[i] - row.get(i).length()))
        .collect(Collectors.joining("  "))
        .stripTrailing();
  }
}
