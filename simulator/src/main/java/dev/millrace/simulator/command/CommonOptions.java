package dev.millrace.simulator.command;

import dev.millrace.simulator.error.SimulatorErrors;
import dev.millrace.simulator.error.SimulatorException;
import java.io.PrintWriter;
import java.util.function.Supplier;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** What every simulation lets a user choose, and how each of them ends. */
final class CommonOptions {

  @Option(
      names = "--seed",
      defaultValue = "1",
      description = "What is drawn from. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(names = "--quiet", description = "Show no progress, only the summary.")
  private boolean isQuiet;

  @Option(names = "--debug", description = "Show the stack trace of an error.")
  private boolean isDebug;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean isHelpRequested;

  @Spec(Target.MIXEE)
  private CommandSpec command;

  long seed() {
    return seed;
  }

  boolean isQuiet() {
    return isQuiet;
  }

  boolean isDebug() {
    return isDebug;
  }

  /**
   * Runs a simulation to its end or to Ctrl-C, and prints a summary.
   *
   * @param simulation returns the summary
   * @param stop ends it soon; any thread calls it
   * @param finishProgress called before anything is printed
   * @return the exit code
   */
  int run(Supplier<String> simulation, Runnable stop, Runnable finishProgress) {
    CleanStop cleanStop = CleanStop.of(stop, command.commandLine().getErr());
    int exitCode = ExitCode.SOFTWARE;
    try {
      String summary = simulation.get();
      finishProgress.run();
      PrintWriter out = command.commandLine().getOut();
      out.println(summary);
      if (out.checkError()) {
        throw SimulatorErrors.closedOutput();
      }
      exitCode = ExitCode.OK;
    } catch (SimulatorException failure) {
      finishProgress.run();
      exitCode = report(failure);
    } finally {
      cleanStop.ended(exitCode);
    }
    return exitCode;
  }

  /** Shows a failure and returns its exit code. */
  int report(SimulatorException failure) {
    return FailureReport.show(failure, command.commandLine().getErr(), isDebug);
  }
}
