package dev.millrace.sink.postgres;

import dev.millrace.config.SinkDefinition.PostgresSink;
import java.io.Serializable;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import java.util.Properties;
import org.postgresql.Driver;

/**
 * How a sink's database is reached. Serializable: tasks open sessions of their own.
 *
 * @param password empty where the password file has it
 * @param retryTimeout how long a server that does not answer is retried
 */
record PostgresAccess(
    String url, String user, String password, String schema, String table, Duration retryTimeout)
    implements Serializable {

  /** The access of a sink; a password that it lacks is that of {@code PGPASSWORD}. */
  static PostgresAccess of(PostgresSink sink) {
    return new PostgresAccess(
        sink.url(),
        sink.user(),
        sink.password().isEmpty()
            ? Objects.requireNonNullElse(System.getenv("PGPASSWORD"), "")
            : sink.password(),
        sink.schema(),
        sink.table(),
        sink.retryTimeout());
  }

  /** A new session that does not commit by itself; the caller closes it. */
  Connection open() throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", user);
    if (!password.isEmpty()) {
      properties.setProperty("password", password);
    }
    properties.setProperty("ApplicationName", "millrace");
    properties.setProperty("connectTimeout", "10");
    // The driver connects in a thread of its own then: the wait ends, and an interrupt ends it.
    properties.setProperty("loginTimeout", "30");
    // A server that is gone without a word is noticed, also by a session that only waits.
    properties.setProperty("tcpKeepAlive", "true");
    // Not by the DriverManager, which does not find drivers of jars that Spark brings to executors.
    Connection connection = new Driver().connect(url, properties);
    connection.setAutoCommit(false);
    return connection;
  }

  /** The table and where it is, for messages. */
  String place() {
    return "table " + schema + "." + table + " at " + url;
  }

  /** Without the password. */
  @Override
  public String toString() {
    return place() + " as " + user;
  }
}
