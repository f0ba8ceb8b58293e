package dev.millrace.stack.server;

import dev.millrace.stack.error.StackErrors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Stream;

/**
 * What the official image's entrypoint does with {@code postgres-init/} at a database's first
 * start, over JDBC: the SQL files in the order of their names, all or nothing, and then the
 * password that {@code 03-passwords.sh} sets.
 */
public final class DatabaseInitialization {

  public static final String DATABASE = "business_db";
  public static final String DEBEZIUM_USER = "debezium_user";

  private static final String DONE = "initialized from postgres-init";

  private final PostgresServer server;
  private final Path folder;
  private final String debeziumPassword;

  public DatabaseInitialization(PostgresServer server, Path folder, String debeziumPassword) {
    this.server = server;
    this.folder = folder;
    this.debeziumPassword = debeziumPassword;
  }

  /** Creates and fills the database where that was not done yet; sets the password each time. */
  public void run() throws SQLException {
    createDatabase();
    try (Connection connection = server.connect(DATABASE);
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      if (!isInitialized(statement)) {
        runFiles(statement);
        statement.execute("COMMENT ON DATABASE " + DATABASE + " IS '" + DONE + "'");
      }
      setPassword(connection);
      connection.commit();
    }
  }

  private void createDatabase() throws SQLException {
    try (Connection connection = server.connect("postgres");
        Statement statement = connection.createStatement();
        ResultSet found =
            statement.executeQuery(
                "SELECT 1 FROM pg_database WHERE datname = '" + DATABASE + "'")) {
      if (!found.next()) {
        statement.execute("CREATE DATABASE " + DATABASE);
      }
    }
  }

  private static boolean isInitialized(Statement statement) throws SQLException {
    try (ResultSet comment =
        statement.executeQuery(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname ="
                + " current_database()")) {
      return comment.next() && DONE.equals(comment.getString(1));
    }
  }

  private void runFiles(Statement statement) {
    for (Path file : sqlFiles()) {
      try {
        statement.execute(Files.readString(file));
      } catch (SQLException e) {
        throw StackErrors.initializationFailed(file, e);
      } catch (IOException e) {
        throw StackErrors.unreadableFile(file, e);
      }
    }
  }

  private List<Path> sqlFiles() {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".sql")).sorted().toList();
    } catch (IOException e) {
      throw StackErrors.unreadableFile(folder, e);
    }
  }

  private void setPassword(Connection connection) throws SQLException {
    // ALTER ROLE takes no parameters, so that Postgres itself does the quoting.
    String alter;
    try (PreparedStatement format =
        connection.prepareStatement("SELECT format('ALTER ROLE %I PASSWORD %L', ?, ?)")) {
      format.setString(1, DEBEZIUM_USER);
      format.setString(2, debeziumPassword);
      try (ResultSet result = format.executeQuery()) {
        result.next();
        alter = result.getString(1);
      }
    }
    try (Statement statement = connection.createStatement()) {
      statement.execute(alter);
    }
  }
}
