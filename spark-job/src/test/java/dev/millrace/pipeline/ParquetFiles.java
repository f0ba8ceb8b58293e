package dev.millrace.pipeline;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads an output's files with DuckDB: a reader that knows nothing of Spark. */
public final class ParquetFiles {

  private ParquetFiles() {}

  /**
   * The rows of {@code sql}, in which {@code rows} stands for the files of {@code folder}, with the
   * batch that each row came in as the column {@code batch}.
   */
  public static List<Map<String, Object>> query(Path folder, String sql) throws SQLException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    String files =
        "read_parquet('%s/batch=*/**/*.parquet', hive_partitioning = true)".formatted(folder);
    try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duckdb.createStatement();
        ResultSet result =
            statement.executeQuery("WITH rows AS (SELECT * FROM %s) %s".formatted(files, sql))) {
      List<Map<String, Object>> rows = new ArrayList<>();
      while (result.next()) {
        Map<String, Object> row = new LinkedHashMap<>();
        for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
          row.put(result.getMetaData().getColumnLabel(i), result.getObject(i));
        }
        rows.add(row);
      }
      return rows;
    }
  }
}
