package dev.millrace.error;

/** What the innermost cause of a failure states. */
final class Causes {

  private Causes() {}

  static Throwable root(Throwable cause) {
    Throwable root = cause;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }

  /** The first line of the innermost cause's message, or its name where it has none. */
  static String message(Throwable cause) {
    Throwable root = root(cause);
    return root.getMessage() == null
        ? root.getClass().getSimpleName()
        : root.getMessage().lines().findFirst().orElse("").strip();
  }
}
