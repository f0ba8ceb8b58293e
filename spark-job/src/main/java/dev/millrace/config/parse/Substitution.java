package dev.millrace.config.parse;

import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Replaces references to the environment's variables, by the rules of the shell: {@code ${NAME}} is
 * the variable, {@code ${NAME:-default}} the default where it is unset or empty. A literal <code>${
 * </code> is written <code>$${</code>.
 */
final class Substitution {

  private static final Pattern REFERENCE =
      Pattern.compile("(\\$\\$\\{)|\\$\\{(?:([A-Za-z_][A-Za-z0-9_]*)(?::-([^{}]*))?})?");

  /**
   * A text without references.
   *
   * @param variables those whose value is part of the text; a default that was taken has none
   * @param unset variables that have neither a value nor a default
   * @param malformed whether a <code>${</code> opens no reference
   */
  record Substituted(String text, Set<String> variables, Set<String> unset, boolean malformed) {}

  private final Map<String, String> environment;

  Substitution(Map<String, String> environment) {
    this.environment = Map.copyOf(environment);
  }

  Substituted substitute(String text) {
    Set<String> variables = new LinkedHashSet<>();
    Set<String> unset = new LinkedHashSet<>();
    AtomicBoolean malformed = new AtomicBoolean();
    Matcher matcher = REFERENCE.matcher(text);
    String substituted =
        matcher.replaceAll(
            match -> {
              if (match.group(1) != null) {
                return Matcher.quoteReplacement("${");
              }
              String name = match.group(2);
              if (name == null) {
                malformed.set(true);
                return "";
              }
              String value = environment.get(name);
              String fallback = match.group(3);
              if (value == null && fallback == null) {
                unset.add(name);
                return "";
              }
              if (fallback != null && (value == null || value.isEmpty())) {
                return Matcher.quoteReplacement(fallback);
              }
              variables.add(name);
              return Matcher.quoteReplacement(value);
            });
    return new Substituted(substituted, variables, unset, malformed.get());
  }
}
