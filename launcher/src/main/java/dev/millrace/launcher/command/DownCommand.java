package dev.millrace.launcher.command;

import dev.millrace.launcher.error.LauncherErrors;
import dev.millrace.stack.LocalStack;
import dev.millrace.stack.LocalStackOptions;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code ./millrace stack down}. */
@Command(
    name = "down",
    description = "Stop the stack in order. Its data remains for the next start.")
final class DownCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private DataFolder dataFolder;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    LocalStackOptions options =
        dataFolder
            .options()
            .withProgress(
                line -> {
                  out.println(line);
                  out.flush();
                });
    Optional<LocalStack> running = LocalStack.find(options);
    if (running.isEmpty()) {
      LocalStack.endOrphans(options);
      out.println("No stack is running on " + options.dataFolder());
      return 0;
    }
    running
        .get()
        .launcher()
        .ifPresent(
            launcher -> {
              throw LauncherErrors.ownedByLauncher(options.dataFolder(), launcher.pid());
            });
    running.get().stop();
    return 0;
  }
}
