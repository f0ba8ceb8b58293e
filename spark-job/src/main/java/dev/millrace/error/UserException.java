package dev.millrace.error;

import java.util.List;

/**
 * A failure that a user can understand and fix. Made only by the catalogue, {@link UserErrors} and
 * {@link RunErrors}.
 *
 * <p>{@link #problems()} holds one complete message a problem; all problems of a run are reported
 * together.
 */
public final class UserException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** Exit code of a failure at run time. */
  public static final int RUN_TIME = 1;

  /** Exit code of wrong input: the command line, the pipeline file, the environment. */
  public static final int WRONG_INPUT = 2;

  private final List<String> problems;
  private final int exitCode;

  UserException(int exitCode, List<String> problems, Throwable cause) {
    super(String.join(System.lineSeparator(), problems), cause);
    this.exitCode = exitCode;
    this.problems = List.copyOf(problems);
  }

  /** One complete message a problem, in the order in which a user should read them. */
  public List<String> problems() {
    return problems;
  }

  /** {@link #RUN_TIME} or {@link #WRONG_INPUT}. */
  public int exitCode() {
    return exitCode;
  }
}
