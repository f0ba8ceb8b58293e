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
      WITH RECURSIVE types AS (
        SELECT a.attname, a.attnum, a.attgenerated, a.atttypid AS type, a.atttypmod AS modifier
        FROM pg_attribute a
        WHERE a.attrelid = ?::regclass AND a.attnum > 0 AND NOT a.attisdropped
        UNION ALL
        SELECT d.attname, d.attnum, d.attgenerated, t.typbasetype,
               CASE WHEN t.typtypmod = -1 THEN d.modifier ELSE t.typtypmod END
        FROM types d JOIN pg_type t ON t.oid = d.type
        WHERE t.typtype = 'd')
      SELECT c.attname, format_type(c.type, c.modifier), coalesce(e.typtype, t.typtype) = 'e',
             c.attgenerated <> '', coalesce(e.typtype = 'd', false)
      FROM types c JOIN pg_type t ON t.oid = c.type
      LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'
      WHERE t.typtype <> 'd'
      ORDER BY c.attnum
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

  private static final String REPLICA_IDENTITY =
      """
      SELECT CASE c.relreplident
               WHEN 'f' THEN 'full' WHEN 'n' THEN 'nothing'
               WHEN 'i' THEN coalesce('index ' || i.relname, 'nothing') ELSE 'default' END
      FROM pg_class c
      LEFT JOIN pg_index x ON x.indrelid = c.oid AND x.indisreplident
      LEFT JOIN pg_class i ON i.oid = x.indexrelid
      WHERE c.oid = ?::regclass
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
    try (Connection connection = connect(url, user, password)) {
      String relation = quoted(table);
      List<PostgresTable.Column> columns = columns(connection, relation);
      return new PostgresTable(
          columns,
          key(connection, relation),
          replicaIdentity(connection, relation),
          rows(connection, relation, columns.size(), most));
    } catch (SQLException e) {
      if (UNDEFINED_TABLE.equals(e.getSQLState()) || UNDEFINED_SCHEMA.equals(e.getSQLState())) {
        throw InferErrors.missingTable(table, url, e);
      }
      throw InferErrors.unreadablePostgres(url, user, e);
    }
  }

  /** Opens a session that only reads; the caller closes it. */
  static Connection connect(String url, String user, String password) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", user);
    properties.setProperty("password", password);
    properties.setProperty("connectTimeout", Long.toString(KafkaSource.TIMEOUT.toSeconds()));
    // The driver connects in a thread of its own then: the wait ends, and an interrupt ends it.
    properties.setProperty("loginTimeout", "30");
    Connection connection = DriverManager.getConnection(url, properties);
    connection.setReadOnly(true);
    return connection;
  }

  static List<PostgresTable.Column> columns(Connection connection, String relation)
      throws SQLException {
    List<PostgresTable.Column> columns = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(COLUMNS)) {
      statement.setString(1, relation);
      try (ResultSet found = statement.executeQuery()) {
        while (found.next()) {
          columns.add(
              new PostgresTable.Column(
                  found.getString(1),
                  found.getString(2),
                  found.getBoolean(3),
                  found.getBoolean(4),
                  found.getBoolean(5)));
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

  static String replicaIdentity(Connection connection, String relation) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(REPLICA_IDENTITY)) {
      statement.setString(1, relation);
      try (ResultSet found = statement.executeQuery()) {
        found.next();
        return found.getString(1);
      }
    }
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

  /** A table as SQL spells it; without a schema it is in {@code public}. */
  static String quoted(String table) {
    int dot = table.indexOf('.');
    String schema = dot < 0 ? "public" : table.substring(0, dot);
    return identifier(schema) + "." + identifier(table.substring(dot + 1));
  }

  private static String identifier(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }
}
