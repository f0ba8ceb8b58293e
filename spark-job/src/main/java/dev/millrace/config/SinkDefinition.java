package dev.millrace.config;

import java.util.List;
import java.util.Map;

/** Where an output goes, {@code {output}} already replaced by its name. */
public sealed interface SinkDefinition {

  /** The name by which flags and files choose it: {@code console}, {@code parquet}, ... */
  String kind();

  /** Where it is, for a user to read; without options, which may be secret. */
  String place();

  /**
   * A table on standard output.
   *
   * @param rows most rows of a batch that are shown
   */
  record ConsoleSink(int rows) implements SinkDefinition {
    @Override
    public String kind() {
      return "console";
    }

    @Override
    public String place() {
      return "the console";
    }
  }

  /**
   * Files in a folder.
   *
   * @param kind the file format, as Spark names it
   * @param path a folder, as a path or a URI of Hadoop's file systems
   * @param partitionBy columns of the result that become folders below each batch
   */
  record FileSink(String kind, String path, List<String> partitionBy) implements SinkDefinition {
    public FileSink {
      partitionBy = List.copyOf(partitionBy);
    }

    @Override
    public String place() {
      return kind + " files in " + path;
    }
  }

  /**
   * A Kafka topic.
   *
   * @param options passed to the producer as they are ({@code security.protocol}, ...)
   */
  record KafkaSink(
      String bootstrapServers, String topic, Format format, Map<String, String> options)
      implements SinkDefinition {

    /** What a record is. */
    public enum Format {
      /** The JSON of the key's columns, and of the row. */
      JSON,
      /** The row's columns {@code key} and {@code value}, as they are. */
      RAW
    }

    /** A topic of JSON. */
    public KafkaSink(String bootstrapServers, String topic, Map<String, String> options) {
      this(bootstrapServers, topic, Format.JSON, options);
    }

    public KafkaSink {
      options = Map.copyOf(options);
    }

    @Override
    public String kind() {
      return "kafka";
    }

    @Override
    public String place() {
      return "topic " + topic + " at " + bootstrapServers;
    }
  }
}
