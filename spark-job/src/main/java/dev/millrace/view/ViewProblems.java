package dev.millrace.view;

/** Why a view leaves a row out. */
final class ViewProblems {

  private ViewProblems() {}

  /** The first line of what an expression reported, without Spark's advice on settings. */
  static String reason(RuntimeException failure) {
    String message = failure.getMessage();
    return message == null
        ? failure.getClass().getSimpleName()
        : message.lines().findFirst().orElse("").strip();
  }
}
