package dev.millrace.launcher.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ./millrace stack}. */
@Command(
    name = "stack",
    subcommands = {UpCommand.class, StatusCommand.class, DownCommand.class},
    description = "Start, show and stop Postgres, Kafka, Kafka Connect and Cassandra.")
final class StackCommand implements Runnable {

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Missing command: up, status or down.");
  }
}
