package dev.millrace.error;

import java.util.Locale;

/**
 * The part of the catalogue for a pipeline file as a text: its YAML, and references to the
 * environment.
 */
public final class YamlErrors {

  private YamlErrors() {}

  public static String emptyFile() {
    return "the file is empty. Describe a pipeline: name, source, table, outputs.";
  }

  public static String notAPipeline(String found) {
    return "a pipeline is a mapping of keys, found " + found + ".";
  }

  public static String yamlSyntax(String problem) {
    return "not valid YAML: " + problem + ".";
  }

  public static String yamlSyntax(String context, int contextLine, String problem) {
    return yamlSyntax(context + " (line " + contextLine + "), " + problem);
  }

  public static String yamlCharacter(int codePoint) {
    return String.format(
        Locale.ROOT, "not valid YAML: the character U+%04X is not allowed. Remove it.", codePoint);
  }

  public static String recursiveAlias() {
    return "the alias refers to what it is part of. Write the value out.";
  }

  public static String keyIsNoText() {
    return "a key is not text. Write KEY: VALUE.";
  }

  public static String duplicateKey(int firstLine) {
    return "duplicate key, first on line " + firstLine + ". Remove one of the two.";
  }

  public static String unsetVariable(String name) {
    return "the environment variable "
        + name
        + " is not set. Set it, or write a default: ${"
        + name
        + ":-default}.";
  }

  public static String malformedReference() {
    return "'${' opens no reference. Write ${NAME} or ${NAME:-default}, the default without braces,"
        + " or $${ for the characters themselves.";
  }
}
