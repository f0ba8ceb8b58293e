package dev.millrace.stack;

import dev.millrace.stack.error.StackErrors;
import dev.millrace.stack.process.Component;
import dev.millrace.stack.server.DatabaseInitialization;
import dev.millrace.stack.server.PostgresServer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;

/** Where the parts of a running stack are reached. */
public record StackConnections(Ports ports, String postgresPassword) {

  /** Without user and password; the database is {@code business_db}. */
  public String jdbcUrl() {
    return "jdbc:postgresql://localhost:%d/%s"
        .formatted(ports.postgres(), DatabaseInitialization.DATABASE);
  }

  public int port(Component component) {
    return ports.of(component);
  }

  public String postgresUser() {
    return PostgresServer.SUPERUSER;
  }

  public String bootstrapServers() {
    return "localhost:" + ports.kafka();
  }

  public String connectUrl() {
    return "http://localhost:" + ports.connect();
  }

  /** Cassandra's contact point, {@code HOST:PORT}. */
  public String cassandra() {
    return "localhost:" + ports.cassandra();
  }

  /** A new session of the superuser, in auto-commit mode; the caller closes it. */
  public Connection connect() {
    try {
      return DriverManager.getConnection(jdbcUrl(), postgresUser(), postgresPassword);
    } catch (SQLException e) {
      throw StackErrors.postgresRefused("open a session", e);
    }
  }
}
