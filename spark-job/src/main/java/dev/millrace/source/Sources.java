package dev.millrace.source;

import dev.millrace.config.CassandraSourceDefinition;
import dev.millrace.config.FileSourceDefinition;
import dev.millrace.config.KafkaSourceDefinition;
import dev.millrace.config.SourceDefinition;
import dev.millrace.source.cassandra.CassandraSource;
import dev.millrace.source.file.FileSource;
import java.util.function.Consumer;

/** Finds sources: the one place that knows them all. */
public final class Sources {

  private Sources() {}

  /**
   * The source of a pipeline; nothing is opened yet.
   *
   * @param progress is told of servers that don't answer, and of what is found
   */
  public static Source of(SourceDefinition definition, Consumer<String> progress) {
    if (definition instanceof KafkaSourceDefinition source) {
      return new KafkaSource(source, progress);
    }
    if (definition instanceof FileSourceDefinition source) {
      return new FileSource(source);
    }
    if (definition instanceof CassandraSourceDefinition source) {
      return new CassandraSource(source, progress);
    }
    throw new IllegalArgumentException("no source for " + definition);
  }
}
