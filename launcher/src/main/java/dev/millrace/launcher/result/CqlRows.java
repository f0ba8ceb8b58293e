package dev.millrace.launcher.result;

import com.datastax.oss.driver.api.core.cql.ColumnDefinition;
import com.datastax.oss.driver.api.core.cql.ResultSet;
import com.datastax.oss.driver.api.core.cql.Row;
import java.util.ArrayList;
import java.util.List;

/** What Cassandra answers to a statement. */
public final class CqlRows {

  private CqlRows() {}

  /** The first rows in columns, values as CQL writes them, texts without quotes. */
  public static String table(ResultSet result, int maxRows) {
    if (result.getColumnDefinitions().size() == 0) {
      return "done";
    }
    List<String> heading = new ArrayList<>();
    for (ColumnDefinition column : result.getColumnDefinitions()) {
      heading.add(column.getName().asInternal());
    }
    List<List<String>> rows = new ArrayList<>();
    long count = 0;
    for (Row row : result) {
      if (count++ < maxRows) {
        List<String> cells = new ArrayList<>();
        for (int column = 0; column < heading.size(); column++) {
          cells.add(cell(row, column));
        }
        rows.add(cells);
      }
    }
    return TextTable.withCount(heading, rows, count);
  }

  private static String cell(Row row, int column) {
    Object value = row.getObject(column);
    return value == null ? "NULL" : value.toString();
  }
}
