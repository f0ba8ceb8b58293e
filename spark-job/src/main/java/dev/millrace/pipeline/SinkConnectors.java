package dev.millrace.pipeline;

import dev.millrace.config.SinkDefinition;
import dev.millrace.config.parse.SinkKind;
import dev.millrace.sink.SinkConnector;
import dev.millrace.sink.cassandra.CassandraConnector;
import dev.millrace.sink.console.ConsoleConnector;
import dev.millrace.sink.file.FileConnector;
import dev.millrace.sink.iceberg.IcebergConnector;
import dev.millrace.sink.kafka.KafkaConnector;
import dev.millrace.sink.postgres.PostgresConnector;
import java.util.ArrayList;
import java.util.List;

/** The kinds of sinks that outputs can have, in the order in which help lists them. */
public record SinkConnectors(List<SinkConnector> all) {

  /** Those that Millrace comes with. */
  public static final SinkConnectors STANDARD =
      new SinkConnectors(
          List.of(
              new ConsoleConnector(),
              new FileConnector("parquet", true),
              new FileConnector("orc", true),
              new FileConnector("csv", false),
              new FileConnector("json", true),
              new FileConnector("text", false),
              new KafkaConnector(),
              new CassandraConnector(),
              new PostgresConnector(),
              new IcebergConnector()));

  public SinkConnectors {
    all = List.copyOf(all);
  }

  /** What a pipeline's file can choose from. */
  public List<SinkKind> kinds() {
    return new ArrayList<>(all);
  }

  /** The kind of a sink that one of them has read. */
  public SinkConnector of(SinkDefinition sink) {
    return all.stream()
        .filter(connector -> connector.spelling().equals(sink.kind()))
        .findFirst()
        .orElseThrow();
  }
}
