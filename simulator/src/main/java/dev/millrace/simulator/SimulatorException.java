package dev.millrace.simulator;

/** A failure that a user can understand and mend. Made only by {@link SimulatorErrors}. */
final class SimulatorException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final int exitCode;

  SimulatorException(int exitCode, String message, Throwable cause) {
    super(message, cause);
    this.exitCode = exitCode;
  }

  /** 1 for a failure at run time, 2 for wrong input. */
  int exitCode() {
    return exitCode;
  }
}
