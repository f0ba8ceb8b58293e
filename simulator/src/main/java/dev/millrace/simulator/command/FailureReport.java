package dev.millrace.simulator.command;

import dev.millrace.simulator.error.SimulatorException;
import java.io.PrintWriter;

/** Shows a failure to a user. */
final class FailureReport {

  private FailureReport() {}

  /** The message, with the stack trace if {@code isDebug}; returns the exit code. */
  static int show(SimulatorException failure, PrintWriter err, boolean isDebug) {
    failure.getMessage().lines().forEach(line -> err.println("error: " + line));
    if (isDebug) {
      failure.printStackTrace(err);
    }
    err.flush();
    return failure.exitCode();
  }
}
