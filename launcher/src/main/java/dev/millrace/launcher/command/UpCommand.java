package dev.millrace.launcher.command;

import dev.millrace.stack.LocalStack;
import dev.millrace.stack.LocalStackOptions;
import dev.millrace.stack.LocalStackOptions.Lifetime;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ./millrace stack up}. */
@Command(
    name = "up",
    description = "Start the stack, return when it is ready, and say where it is reached.")
final class UpCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private DataFolder dataFolder;
  @Mixin private PortOptions ports;

  @Option(names = "--cassandra", description = "Start Cassandra, too: 1 GB and some 10 s more.")
  private boolean isCassandraWanted;

  @Option(
      names = "--foreground",
      description = "Stay, and stop the stack on Ctrl-C. Without it, ./millrace stack down does.")
  private boolean isForeground;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    LocalStackOptions options =
        dataFolder
            .options()
            .withPorts(ports.ports())
            .withLifetime(isForeground ? Lifetime.OF_LAUNCHER : Lifetime.OUTLIVES_LAUNCHER)
            .withProgress(
                line -> {
                  out.println(line);
                  out.flush();
                });
    if (isCassandraWanted) {
      options = options.withCassandra();
    }
    Optional<LocalStack> running = LocalStack.find(options).filter(LocalStack::isWhole);
    if (running.isPresent()) {
      if (isCassandraWanted) {
        running.get().addCassandra();
      }
      out.println("The stack is already running.");
      out.println(StackReport.howToReach(running.get()));
      return 0;
    }
    LocalStack stack = LocalStack.start(options);
    out.println(StackReport.howToReach(stack));
    out.flush();
    if (isForeground) {
      out.println("Ctrl-C stops it.");
      out.flush();
      throw stack.death().join();
    }
    return 0;
  }
}
