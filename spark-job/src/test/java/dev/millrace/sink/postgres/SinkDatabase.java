package dev.millrace.sink.postgres;

import dev.millrace.stack.LocalStack;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** A database of a stack's Postgres that only sinks write to, as any other session reads it. */
record SinkDatabase(LocalStack stack, String name) {

  /** The database, made where it is missing. */
  static SinkDatabase of(LocalStack stack, String name) throws SQLException {
    try (Connection connection = stack.connect();
        Statement statement = connection.createStatement()) {
      if (!statement
          .executeQuery("SELECT 1 FROM pg_database WHERE datname = '" + name + "'")
          .next()) {
        statement.execute("CREATE DATABASE " + name);
      }
    }
    return new SinkDatabase(stack, name);
  }

  String url() {
    return stack.jdbcUrl().replaceAll("/[^/]*$", "/" + name);
  }

  String user() {
    return stack.connections().postgresUser();
  }

  String password() {
    return stack.connections().postgresPassword();
  }

  Connection connect() throws SQLException {
    return DriverManager.getConnection(url(), user(), password());
  }

  void execute(String sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** The rows of a query, the values of each with bars between. */
  List<String> rows(String sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet found = statement.executeQuery(sql)) {
      List<String> rows = new ArrayList<>();
      while (found.next()) {
        List<String> row = new ArrayList<>();
        for (int i = 1; i <= found.getMetaData().getColumnCount(); i++) {
          row.add(String.valueOf(found.getString(i)));
        }
        rows.add(String.join("|", row));
      }
      return rows;
    }
  }
}
