package dev.millrace.config;

/** The text of a value to the value. Pure. */
@FunctionalInterface
public interface ValueParser<T> {

  /**
   * Parses a text.
   *
   * @throws IllegalArgumentException whose message tells a user what was expected
   */
  T parse(String text);
}
