package dev.millrace.sink.console;

import java.util.ArrayList;
import java.util.List;

/** Lays rows of text out as a table that fits a terminal. */
public final class TextTable {

  private static final int MAX_CELL = 32;

  private TextTable() {}

  /**
   * A table of at most {@code width} characters a line. Columns that do not fit are left out and
   * named below the table; a cell that is too long ends with an ellipsis. A line feed or another
   * control character in a cell is shown as a space.
   */
  public static String render(List<String> names, List<String[]> rows, int width) {
    List<Integer> widths = new ArrayList<>();
    int used = 0;
    for (int column = 0; column < names.size(); column++) {
      int cell = Math.min(MAX_CELL, names.get(column).length());
      for (String[] row : rows) {
        cell = Math.max(cell, cell(row[column]).length());
      }
      int separator = column == 0 ? 1 : 3;
      if (column > 0 && used + separator + cell > width) {
        break;
      }
      widths.add(cell);
      used += separator + cell;
    }
    StringBuilder table = new StringBuilder();
    appendLine(table, names.toArray(String[]::new), widths);
    for (int column = 0; column < widths.size(); column++) {
      table.append(column == 0 ? "-" : "-+-").append("-".repeat(widths.get(column)));
    }
    table.append('\n');
    rows.forEach(row -> appendLine(table, row, widths));
    if (widths.size() < names.size()) {
      List<String> leftOut = names.subList(widths.size(), names.size());
      table
          .append(leftOut.size())
          .append(leftOut.size() == 1 ? " more column: " : " more columns: ")
          .append(String.join(", ", leftOut))
          .append('\n');
    }
    return table.toString();
  }

  private static void appendLine(StringBuilder table, String[] cells, List<Integer> widths) {
    StringBuilder line = new StringBuilder();
    for (int column = 0; column < widths.size(); column++) {
      String text = cell(cells[column]);
      line.append(column == 0 ? " " : " | ")
          .append(text)
          .append(" ".repeat(widths.get(column) - text.length()));
    }
    table.append(line.toString().stripTrailing()).append('\n');
  }

  private static String cell(String value) {
    String text = value == null ? "null" : value.replaceAll("[\\p{Cc}\\p{Zl}\\p{Zp}]", " ");
    return text.length() <= MAX_CELL ? text : text.substring(0, MAX_CELL - 1) + "…";
  }
}
