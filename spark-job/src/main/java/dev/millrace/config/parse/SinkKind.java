package dev.millrace.config.parse;

import dev.millrace.config.SinkDefinition;

/** A kind of sink, as pipeline files and flags choose it, and the keys that it has. */
public interface SinkKind {

  /** The name by which flags and files choose it. */
  String spelling();

  /**
   * Reads the settings of this kind; other keys of the section are left alone.
   *
   * @return good only if the section has no problems
   */
  SinkTemplate read(Section settings, SinkDefaults defaults);

  /** Whether it can hold a message's bytes next to several other columns. */
  default boolean holdsDeadLetters() {
    return false;
  }

  /** The defaults that depend on what is written. */
  record SinkDefaults(String bootstrapServers, String topic) {}

  /** A sink's settings before it is known which output uses them. */
  @FunctionalInterface
  interface SinkTemplate {
    SinkDefinition forOutput(String output);
  }
}
