package dev.millrace.pipeline;

import dev.millrace.stack.process.StackProcess;
import dev.millrace.stack.server.PostgresServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

/** A second Postgres, that only sinks write to, and that can be killed. */
final class TargetPostgres implements AutoCloseable {

  private static final String PASSWORD = "target";
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(20);

  private final PostgresServer server;
  private final int port;
  private StackProcess process;

  /** Starts it, with its data in a folder. */
  TargetPostgres(Path folder) throws IOException {
    Path data = Files.createDirectories(folder.resolve("target-postgres"));
    this.port = freePort();
    this.server =
        new PostgresServer(
            Path.of(System.getProperty("millrace.home"), ".local-stack", "cache"),
            data,
            data.resolve("postgres.log"),
            port,
            PASSWORD);
    start();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** Starts it again after {@link #kill}; returns once it answers. */
  void start() {
    process = server.start();
    server.awaitReady(process);
  }

  /** SIGKILL of the server and of all of its sessions. */
  void kill() {
    process.kill();
  }

  String url() {
    return "jdbc:postgresql://localhost:" + port + "/postgres";
  }

  String password() {
    return PASSWORD;
  }

  Connection connect() throws SQLException {
    return server.connect("postgres");
  }

  @Override
  public void close() {
    process.stop(STOP_TIMEOUT);
  }
}
