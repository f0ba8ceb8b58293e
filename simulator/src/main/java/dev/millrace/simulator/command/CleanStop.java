package dev.millrace.simulator.command;

import dev.millrace.simulator.error.SimulatorErrors;
import java.io.PrintWriter;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.ExitCode;

/**
 * Turns Ctrl-C and SIGTERM into the end of a simulation: what is in flight is finished, the summary
 * shown, and the process ends with the run's own exit code.
 */
final class CleanStop {

  private static final long TIMEOUT_SECONDS = 10;

  private final CompletableFuture<Integer> exitCode = new CompletableFuture<>();
  private final Runnable stop;
  private final PrintWriter err;
  private final Thread hook = new Thread(this::stopAndHalt, "stop-simulation");

  private CleanStop(Runnable stop, PrintWriter err) {
    this.stop = stop;
    this.err = err;
  }

  /** In force until {@link #ended}; {@code stop} asks the run to end soon. */
  static CleanStop of(Runnable stop, PrintWriter err) {
    CleanStop cleanStop = new CleanStop(stop, err);
    Runtime.getRuntime().addShutdownHook(cleanStop.hook);
    return cleanStop;
  }

  /** The run is over and has printed its last line. */
  void ended(int code) {
    exitCode.complete(code);
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException stopping) {
      // The process is going down already: the hook has read the code and ends it.
    }
  }

  /** Halts, because a process that goes down on a signal can't choose its exit code otherwise. */
  private void stopAndHalt() {
    stop.run();
    Runtime.getRuntime().halt(awaitExitCode());
  }

  private int awaitExitCode() {
    try {
      return exitCode.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException | InterruptedException | ExecutionException hanging) {
      err.println(SimulatorErrors.stopTimedOut(TIMEOUT_SECONDS));
      err.flush();
      return ExitCode.SOFTWARE;
    }
  }
}
