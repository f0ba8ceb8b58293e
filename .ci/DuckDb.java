import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;

/** Runs one SQL query on DuckDB, in memory, and prints its rows, values separated by tabs. */
final class DuckDb {

  private DuckDb() {}

  public static void main(String[] arguments) throws Exception {
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(arguments[0])) {
      int columns = rows.getMetaData().getColumnCount();
      while (rows.next()) {
        StringBuilder line = new StringBuilder(rows.getString(1));
        for (int column = 2; column <= columns; column++) {
          line.append('\t').append(rows.getString(column));
        }
        System.out.println(line);
      }
    }
  }
}
