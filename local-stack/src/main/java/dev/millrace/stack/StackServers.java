package dev.millrace.stack;

import dev.millrace.stack.error.StackErrors;
import dev.millrace.stack.process.Component;
import dev.millrace.stack.process.StackProcess;
import dev.millrace.stack.server.CassandraServer;
import dev.millrace.stack.server.ConnectWorker;
import dev.millrace.stack.server.DatabaseInitialization;
import dev.millrace.stack.server.KafkaBroker;
import dev.millrace.stack.server.PostgresServer;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;

/** How each component of one stack is started, known to be ready, and stopped. */
final class StackServers {

  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(20);
  private static final Duration ORPHAN_TIMEOUT = Duration.ofSeconds(5);

  private final Path dataFolder;
  private final PostgresServer postgres;
  private final DatabaseInitialization initialization;
  private final KafkaBroker kafka;
  private final ConnectWorker connect;
  private final CassandraServer cassandra;

  StackServers(LocalStackOptions options, Ports ports) {
    this.dataFolder = options.dataFolder();
    Path built = options.home().resolve("local-stack");
    this.postgres =
        new PostgresServer(
            options.home().resolve(".local-stack").resolve("cache"),
            dataFolder,
            log(Component.POSTGRES),
            ports.postgres(),
            options.postgresPassword());
    this.initialization =
        new DatabaseInitialization(
            postgres, options.home().resolve("postgres-init"), options.debeziumPassword());
    this.kafka =
        new KafkaBroker(
            KafkaBroker.classPathFile(options.home()),
            dataFolder,
            log(Component.KAFKA),
            ports.kafka(),
            ports.controller());
    this.connect =
        new ConnectWorker(
            built.resolve("connect/target/class-path"),
            built.resolve("connect-plugin/target/plugins"),
            dataFolder,
            log(Component.CONNECT),
            ports.connect(),
            "localhost:" + ports.kafka(),
            Map.of(
                "POSTGRES_HOST",
                "localhost",
                "POSTGRES_PORT",
                Integer.toString(ports.postgres()),
                "POSTGRES_DB",
                DatabaseInitialization.DATABASE,
                "DEBEZIUM_PASSWORD",
                options.debeziumPassword()));
    this.cassandra =
        new CassandraServer(
            built.resolve("cassandra/target/class-path"),
            dataFolder,
            log(Component.CASSANDRA),
            ports.cassandra(),
            ports.internode());
  }

  Path log(Component component) {
    return dataFolder.resolve("logs").resolve(component.logFileName());
  }

  Path log(String companion) {
    return dataFolder.resolve("logs").resolve(companion + ".log");
  }

  StackProcess start(Component component) {
    return switch (component) {
      case POSTGRES -> postgres.start();
      case KAFKA -> kafka.start();
      case CONNECT -> connect.start();
      case CASSANDRA -> cassandra.start();
    };
  }

  void awaitReady(Component component, StackProcess process) {
    switch (component) {
      case POSTGRES -> {
        postgres.awaitReady(process);
        try {
          initialization.run();
        } catch (SQLException e) {
          throw StackErrors.postgresRefused("set up the database", e);
        }
      }
      case KAFKA -> kafka.awaitReady(process);
      case CONNECT -> connect.awaitReady(process);
      case CASSANDRA -> cassandra.awaitReady(process);
    }
  }

  /** Whether it does what it is for, asked once. */
  boolean answers(Component component) {
    try {
      return switch (component) {
        case POSTGRES -> postgres.answers();
        case KAFKA -> kafka.answers();
        case CONNECT -> connect.answers();
        case CASSANDRA -> cassandra.answers();
      };
    } catch (InterruptedException e) {
      throw StackErrors.interrupted("asking " + component.title(), e);
    } catch (SQLException | ExecutionException | IOException e) {
      return false;
    }
  }

  /** Stops it in order; kills it where that takes too long. */
  void stop(Component component, StackProcess process) {
    if (component == Component.POSTGRES) {
      PostgresServer.stop(process, STOP_TIMEOUT);
    } else {
      process.stop(STOP_TIMEOUT);
    }
  }

  /** Ends an orphan fast: Connect has nothing to lose, the others get a moment to write. */
  void end(Component component, StackProcess process) {
    switch (component) {
      case POSTGRES -> PostgresServer.stop(process, ORPHAN_TIMEOUT);
      case KAFKA, CASSANDRA -> process.stop(ORPHAN_TIMEOUT);
      case CONNECT -> process.kill();
    }
  }
}
