package dev.millrace.launcher.command;

import dev.millrace.launcher.error.LauncherErrors;
import dev.millrace.stack.Ports;
import picocli.CommandLine.Option;

/** Where the stack listens. */
final class PortOptions {

  @Option(names = "--free-ports", description = "Take any free ports instead of the usual ones.")
  private boolean isAnyPortFine;

  @Option(names = "--postgres-port", paramLabel = "PORT", description = "Default: 5432.")
  private Integer postgres;

  @Option(names = "--kafka-port", paramLabel = "PORT", description = "Default: 9092.")
  private Integer kafka;

  @Option(names = "--connect-port", paramLabel = "PORT", description = "Default: 8083.")
  private Integer connect;

  @Option(
      names = "--cassandra-port",
      paramLabel = "PORT",
      description = "Default: 9042, with --cassandra.")
  private Integer cassandra;

  Ports ports() {
    Ports basis = isAnyPortFine ? Ports.free() : Ports.standard();
    return new Ports(
        valid(postgres, basis.postgres()),
        valid(kafka, basis.kafka()),
        valid(connect, basis.connect()),
        basis.controller(),
        valid(cassandra, basis.cassandra()),
        basis.internode());
  }

  private static int valid(Integer chosen, int otherwise) {
    if (chosen == null) {
      return otherwise;
    }
    if (chosen < 1 || chosen > 65_535) {
      throw LauncherErrors.invalidPort(chosen);
    }
    return chosen;
  }
}
