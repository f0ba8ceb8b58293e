package dev.millrace.source;

import dev.millrace.config.FileSourceDefinition;
import dev.millrace.config.KafkaSourceDefinition;
import dev.millrace.config.SourceDefinition;

/** Finds sources: the one place that knows them all. */
public final class Sources {

  private Sources() {}

  /** The source of a pipeline; nothing is opened yet. */
  public static Source of(SourceDefinition definition) {
    if (definition instanceof KafkaSourceDefinition source) {
      return new KafkaSource(source);
    }
    if (definition instanceof FileSourceDefinition source) {
      return new FileSource(source);
    }
    throw new IllegalArgumentException("no source for " + definition);
  }
}
