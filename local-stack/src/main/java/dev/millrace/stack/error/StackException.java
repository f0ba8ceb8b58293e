package dev.millrace.stack.error;

/**
 * A failure that a user can understand and fix. Made only by the catalogues of messages, {@link
 * StackErrors} and the launcher's.
 */
public final class StackException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** Exit code of a failure at run time. */
  public static final int RUN_TIME = 1;

  /** Exit code of wrong input: the command line, a file, the environment. */
  public static final int WRONG_INPUT = 2;

  private final int exitCode;

  /**
   * @param exitCode {@link #RUN_TIME} or {@link #WRONG_INPUT}
   * @param cause null where there is none
   */
  public StackException(int exitCode, String message, Throwable cause) {
    super(message, cause);
    this.exitCode = exitCode;
  }

  /** {@link #RUN_TIME} or {@link #WRONG_INPUT}. */
  public int exitCode() {
    return exitCode;
  }
}
