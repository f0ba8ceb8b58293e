package dev.millrace.config.parse;

import dev.millrace.error.UserErrors;
import dev.millrace.error.UserException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Gathers every problem of a file, its environment and the flags, so that one run tells all. */
final class Problems {

  private record Problem(Origin origin, String path, String text) {
    String message() {
      return path.isEmpty()
          ? UserErrors.at(origin.place(), text)
          : UserErrors.at(origin.place(), path, text);
    }
  }

  private final List<Problem> problems = new ArrayList<>();

  /**
   * Notes a problem.
   *
   * @param path the key's dotted path; empty where a problem has none
   */
  void add(Origin origin, String path, String text) {
    problems.add(new Problem(origin, path, text));
  }

  boolean isEmpty() {
    return problems.isEmpty();
  }

  /** Those of the file by line, then those of flags. */
  UserException toException() {
    List<String> messages = new ArrayList<>();
    Set<String> told = new HashSet<>();
    problems.stream()
        .sorted(Comparator.comparing(Problems::isOfFlag).thenComparing(p -> p.origin().line()))
        .filter(problem -> told.add(cause(problem)))
        .forEach(problem -> messages.add(problem.message()));
    return UserErrors.invalidConfiguration(messages);
  }

  private static boolean isOfFlag(Problem problem) {
    return problem.origin().kind() == Origin.Kind.FLAG;
  }

  /** One wrong variable is one problem, in however many places the file refers to it. */
  private static String cause(Problem problem) {
    return problem.origin().kind() == Origin.Kind.ENVIRONMENT
        ? problem.origin().name() + ": " + problem.text()
        : problem.message();
  }
}
