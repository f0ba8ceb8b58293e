package dev.millrace.simulator;

import java.io.PrintWriter;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.ExitCode;

/**
 * Turns Ctrl-C and SIGTERM into the end of a simulation: the transaction in flight is committed,
 * the summary shown, and the process ends with the run's own exit code.
 */
final class CleanStop {

  private static final long PATIENCE_SECONDS = 10;

  private final CompletableFuture<Integer> exitCode = new CompletableFuture<>();
  private final RideSimulation simulation;
  private final PrintWriter err;
  private final Thread hook = new Thread(this::stopAndHalt, "stop-simulation");

  private CleanStop(RideSimulation simulation, PrintWriter err) {
    this.simulation = simulation;
    this.err = err;
  }

  /** In force until {@link #ended}. */
  static CleanStop of(RideSimulation simulation, PrintWriter err) {
    CleanStop stop = new CleanStop(simulation, err);
    Runtime.getRuntime().addShutdownHook(stop.hook);
    return stop;
  }

  /** The run is over and all that it had to say is said. */
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
    simulation.stop();
    Runtime.getRuntime().halt(awaitExitCode());
  }

  private int awaitExitCode() {
    try {
      return exitCode.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException | InterruptedException | ExecutionException hanging) {
      err.println(SimulatorErrors.stopTimedOut(PATIENCE_SECONDS));
      err.flush();
      return ExitCode.SOFTWARE;
    }
  }
}
