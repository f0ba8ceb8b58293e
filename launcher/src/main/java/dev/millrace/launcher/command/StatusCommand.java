package dev.millrace.launcher.command;

import dev.millrace.stack.LocalStack;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code ./millrace stack status}. */
@Command(name = "status", description = "Show each process, its health and where it logs.")
final class StatusCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private DataFolder dataFolder;

  @Override
  public Integer call() {
    LocalStack stack = dataFolder.requireRunning();
    StackReport.Health health = StackReport.health(stack);
    spec.commandLine().getOut().println(health.table());
    return health.isGood() ? 0 : 1;
  }
}
