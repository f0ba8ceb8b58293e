package dev.millrace.stack.server;

import dev.millrace.stack.error.StackErrors;
import dev.millrace.stack.error.StackException;
import dev.millrace.stack.process.Component;
import dev.millrace.stack.process.Readiness;
import dev.millrace.stack.process.Shell;
import dev.millrace.stack.process.StackProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/** Postgres with logical decoding, on the loopback interface, as durable as in production. */
public final class PostgresServer {

  public static final String SUPERUSER = "postgres";

  private static final Duration START_TIMEOUT = Duration.ofMinutes(1);
  private static final String INVALID_PASSWORD = "28P01";

  private final Path cache;
  private final Path dataFolder;
  private final Path log;
  private final int port;
  private final String password;

  /**
   * @param cache where Postgres' programs are unpacked, shared by all stacks
   * @param dataFolder the stack's; Postgres has a folder of its own below it
   */
  public PostgresServer(Path cache, Path dataFolder, Path log, int port, String password) {
    this.cache = cache;
    this.dataFolder = dataFolder;
    this.log = log;
    this.port = port;
    this.password = password;
  }

  /** Starts it, on a fresh cluster where there is none yet; it may not answer at once. */
  public StackProcess start() {
    PostgresBinaries binaries = PostgresBinaries.unpacked(cache);
    Path cluster = dataFolder.resolve("postgres");
    try {
      if (!Files.exists(cluster)) {
        initialize(binaries, cluster);
      }
      removeLockOfEndedServer(cluster);
    } catch (IOException e) {
      throw StackErrors.unwritableFolder(dataFolder, e);
    }
    List<String> arguments = new ArrayList<>(List.of("-D", cluster.toString()));
    settings().forEach((key, value) -> arguments.addAll(List.of("-c", key + "=" + value)));
    return StackProcess.start(
        Component.POSTGRES.title(),
        binaries.command("postgres", arguments),
        Map.of(),
        dataFolder,
        log,
        StackProcess.Output.LOG);
  }

  /**
   * Left behind by a SIGKILL, its pid may by now be that of some other process, which Postgres
   * would take for a server. One that runs must not lose it: two servers on a cluster destroy it.
   */
  static void removeLockOfEndedServer(Path cluster) throws IOException {
    Path lock = cluster.resolve("postmaster.pid");
    if (!Files.exists(lock)) {
      return;
    }
    String pid = Files.readAllLines(lock).stream().findFirst().orElse("").strip();
    Path commandLine = Path.of("/proc", pid, "cmdline");
    boolean isServer =
        pid.matches("[0-9]+")
            && Files.isReadable(commandLine)
            && List.of(Files.readString(commandLine, StandardCharsets.ISO_8859_1).split("\0"))
                .contains(cluster.toString());
    if (isServer) {
      throw StackErrors.postgresRuns(cluster, pid);
    }
    Files.delete(lock);
  }

  /** Returns once it has answered a query. */
  public void awaitReady(StackProcess process) {
    Readiness.await(
        process,
        START_TIMEOUT,
        () -> {
          try {
            return answers();
          } catch (SQLException e) {
            if (INVALID_PASSWORD.equals(e.getSQLState())) {
              throw StackErrors.wrongPostgresPassword(dataFolder, e);
            }
            throw e;
          }
        });
  }

  public boolean answers() throws SQLException {
    try (Connection connection = connect("postgres");
        Statement statement = connection.createStatement();
        ResultSet one = statement.executeQuery("SELECT 1")) {
      return one.next();
    }
  }

  /** Ends sessions and shuts down with a checkpoint (Postgres' fast shutdown), else kills it. */
  public static void stop(StackProcess process, Duration timeout) {
    if (process.isAlive()) {
      // Java can send SIGTERM and SIGKILL only; SIGTERM would wait for every session to end.
      Shell.run(List.of("sh", "-c", "kill -INT " + process.identity().pid()), Map.of());
      process.awaitEndOrKill(timeout);
    }
  }

  /** A session of the superuser; the caller closes it. */
  public Connection connect(String database) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", SUPERUSER);
    properties.setProperty("password", password);
    properties.setProperty("connectTimeout", "5");
    properties.setProperty("ApplicationName", "millrace local stack");
    return DriverManager.getConnection(
        "jdbc:postgresql://localhost:%d/%s".formatted(port, database), properties);
  }

  /** What its command line sets. */
  Map<String, String> settings() {
    return Map.ofEntries(
        Map.entry("listen_addresses", "localhost"),
        Map.entry("port", Integer.toString(port)),
        Map.entry("unix_socket_directories", ""),
        Map.entry("wal_level", "logical"),
        Map.entry("fsync", "on"),
        Map.entry("synchronous_commit", "on"),
        // One of each for every connector; Postgres' own 10 are soon used up.
        Map.entry("max_replication_slots", "32"),
        Map.entry("max_wal_senders", "32"),
        // A connector that hangs frees its replication slot after this time.
        Map.entry("wal_sender_timeout", "10s"),
        // A slot that nobody reads any more must not fill the disk.
        Map.entry("max_slot_wal_keep_size", "4GB"),
        Map.entry("shared_buffers", "64MB"),
        Map.entry("timezone", "UTC"),
        Map.entry("log_timezone", "UTC"),
        Map.entry("log_line_prefix", "%m [%p] %a "));
  }

  private void initialize(PostgresBinaries binaries, Path cluster) throws IOException {
    // Made under another name and renamed, so that what a kill left half-made is not taken for a
    // cluster.
    Path making = dataFolder.resolve("postgres.making");
    Folders.delete(making);
    Path passwordFile = dataFolder.resolve("postgres.password");
    Files.deleteIfExists(passwordFile);
    Files.createFile(
        passwordFile,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try {
      Files.writeString(passwordFile, password);
      Shell.Outcome outcome =
          Shell.run(
              binaries.command(
                  "initdb",
                  List.of(
                      "--pgdata=" + making,
                      "--username=" + SUPERUSER,
                      "--pwfile=" + passwordFile,
                      "--auth=scram-sha-256",
                      "--encoding=UTF8",
                      "--no-locale",
                      "--no-sync",
                      "--no-instructions")),
              Map.of());
      requireInitialized(outcome);
    } finally {
      Files.deleteIfExists(passwordFile);
    }
    Files.move(making, cluster);
  }

  private static void requireInitialized(Shell.Outcome outcome) throws StackException {
    if (outcome.exitCode() != 0) {
      throw outcome.output().startsWith("unshare:")
          ? StackErrors.rootNeedsUserNamespaces(outcome.output())
          : StackErrors.commandFailed("initdb", outcome.exitCode(), outcome.output());
    }
  }
}
