package dev.millrace.config.parse;

/**
 * Where an effective value comes from.
 *
 * @param name the flag ({@code --sink}) or the environment variable ({@code SINK}); empty for the
 *     rest
 * @param file the pipeline file as the user named it; empty for a flag
 * @param line counted from 1, where the value or the reference to the variable stands; 0 for a flag
 */
public record Origin(Kind kind, String name, String file, int line) {

  /** The four origins, the strongest first: each beats those after it. */
  public enum Kind {
    FLAG,
    ENVIRONMENT,
    FILE,
    DEFAULT
  }

  static Origin flag(String name) {
    return new Origin(Kind.FLAG, name, "", 0);
  }

  static Origin file(String file, int line) {
    return new Origin(Kind.FILE, "", file, line);
  }

  Origin environment(String variable) {
    return new Origin(Kind.ENVIRONMENT, variable, file, line);
  }

  Origin byDefault() {
    return new Origin(Kind.DEFAULT, "", file, line);
  }

  /** Where to go to change the value: {@code FILE:LINE} or {@code flag --sink}. */
  public String place() {
    return kind == Kind.FLAG ? "flag " + name : file + ":" + line;
  }

  /**
   * Who decided on the value: {@code flag --sink}, {@code environment SINK}, {@code
   * ride-bookings.yaml:12} or {@code default}.
   */
  public String label() {
    return switch (kind) {
      case FLAG -> "flag " + name;
      case ENVIRONMENT -> "environment " + name;
      case FILE -> file.substring(file.lastIndexOf('/') + 1) + ":" + line;
      case DEFAULT -> "default";
    };
  }
}
