package dev.millrace.source;

import dev.millrace.error.InferErrors;
import dev.millrace.event.PostgresTable;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;

/** Reads what Postgres knows of a table, and some of its rows. Driver only. */
public final class PostgresSample {

  private static final String COLUMNS =
      """
      SELECT a.attname,
             format_type(coalesce(nullif(t.typbasetype, 0), a.atttypid),
                         CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE a.atttypmod END),
             coalesce(e.typtype, t.typtype) = 'e'
      FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
      LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'
      WHERE a.attrelid = ?::regclass AND a.attnum > 0 AND NOT a.attisdropped
      ORDER BY a.attnum
      """;

  private static final String KEY =
      """
      SELECT a.attname
      FROM pg_index i
      CROSS JOIN unnest(i.indkey) WITH ORDINALITY AS k(attnum, place)
      JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
      WHERE i.indrelid = ?::regclass AND i.indisprimary
      ORDER BY k.place
      """;

  private static final String UNDEFINED_TABLE = "42P01";
  private static final String UNDEFINED_SCHEMA = "3F000";

  private PostgresSample() {}

  /**
   * Reads a table.
   *
   * @param url of JDBC, without a password
   * @param table with its schema before a dot; without one it is in {@code public}
   * @param most how many rows
   * @throws dev.millrace.error.UserException where Postgres can't be read or has no such table
   */
  public static PostgresTable read(
      String url, String user, String password, String table, int most) {
    Properties properties = new Properties();
    properties.setProperty("user", user);
    properties.setProperty("password", password);
    properties.setProperty("connectTimeout", Long.toString(KafkaSource.PATIENCE.toSeconds()));
    try (Connection connection = DriverManager.getConnection(url, properties)) {
      connection.setReadOnly(true);
      String relation = quoted(table);
      List<PostgresTable.Column> columns = columns(connection, relation);
      return new PostgresTable(
          columns, key(connection, relation), rows(connection, relation, columns.size(), most));
    } catch (SQLException e) {
      if (UNDEFINED_TABLE.equals(e.getSQLState()) || UNDEFINED_SCHEMA.equals(e.getSQLState())) {
        throw InferErrors.missingTable(table, url, e);
      }
      throw InferErrors.unreadablePostgres(url, user, e);
    }
  }

  private static List<PostgresTable.Column> columns(Connection connection, String relation)
      throws SQLException {
    List<PostgresTable.Column> columns = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(COLUMNS)) {
      statement.setString(1, relation);
      try (ResultSet found = statement.executeQuery()) {
        while (found.next()) {
          columns.add(
              new PostgresTable.Column(
                  found.getString(1), found.getString(2), found.getBoolean(3)));
        }
      }
    }
    return columns;
  }

  private static List<String> key(Connection connection, String relation) throws SQLException {
    List<String> key = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(KEY)) {
      statement.setString(1, relation);
      try (ResultSet found = statement.executeQuery()) {
        while (found.next()) {
          key.add(found.getString(1));
        }
      }
    }
    return key;
  }

  private static List<List<String>> rows(
      Connection connection, String relation, int columns, int most) throws SQLException {
    List<List<String>> rows = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet found =
            statement.executeQuery("SELECT * FROM %s LIMIT %d".formatted(relation, most))) {
      while (found.next()) {
        List<String> row = new ArrayList<>();
        for (int i = 1; i <= columns; i++) {
          row.add(found.getString(i));
        }
        rows.add(row);
      }
    }
    return rows;
  }

  private static String quoted(String table) {
    int dot = table.indexOf('.');
    String schema = dot < 0 ? "public" : table.substring(0, dot);
    return identifier(schema) + "." + identifier(table.substring(dot + 1));
  }

  private static String identifier(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }
}
