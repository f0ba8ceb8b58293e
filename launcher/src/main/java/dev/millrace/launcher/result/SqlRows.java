package dev.millrace.launcher.result;

import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** What Postgres answers to a statement. */
public final class SqlRows {

  private SqlRows() {}

  /** The first rows in columns, values as Postgres writes them. */
  public static String table(ResultSet result, int maxRows) throws SQLException {
    ResultSetMetaData about = result.getMetaData();
    List<String> heading = new ArrayList<>();
    for (int column = 1; column <= about.getColumnCount(); column++) {
      heading.add(about.getColumnLabel(column));
    }
    List<List<String>> rows = new ArrayList<>();
    long count = 0;
    while (result.next()) {
      if (count++ < maxRows) {
        List<String> row = new ArrayList<>();
        for (int column = 1; column <= heading.size(); column++) {
          String value = result.getString(column);
          row.add(value == null ? "NULL" : value);
        }
        rows.add(row);
      }
    }
    return TextTable.withCount(heading, rows, count);
  }
}
