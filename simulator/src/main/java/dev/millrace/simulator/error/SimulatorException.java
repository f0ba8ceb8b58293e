package dev.millrace.simulator.error;

/** A failure that a user can understand and correct. Made only in this package. */
public final class SimulatorException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final int exitCode;

  SimulatorException(int exitCode, String message, Throwable cause) {
    super(message, cause);
    this.exitCode = exitCode;
  }

  /** 1 for a failure at run time, 2 for wrong input. */
  public int exitCode() {
    return exitCode;
  }
}
