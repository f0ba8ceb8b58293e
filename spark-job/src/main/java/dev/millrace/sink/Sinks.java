package dev.millrace.sink;

import dev.millrace.config.OutputDefinition;
import dev.millrace.config.SinkDefinition;
import dev.millrace.sink.cassandra.CassandraClockFile;
import dev.millrace.sink.cassandra.CassandraTable;
import dev.millrace.sink.cassandra.CassandraUpsertSink;
import dev.millrace.sink.console.TableConsoleSink;
import dev.millrace.sink.file.FileBatchSink;
import dev.millrace.sink.kafka.KafkaTransactionalSink;
import java.io.PrintWriter;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.types.StructType;

/**
 * Opens sinks: the one place that knows them all.
 *
 * @param hadoop how files are reached
 * @param console where the console sink prints
 * @param consoleWidth characters a line of {@code console} has
 */
public record Sinks(Configuration hadoop, PrintWriter console, int consoleWidth) {

  /** Why a result of these columns can't be stored, each with its fix; empty for nothing. */
  public static List<String> objections(SinkDefinition sink, StructType result) {
    return ResultTypes.objections(sink, result);
  }

  /**
   * What {@code validate} reports about a valid output: how its sink tells the newer row of a key.
   *
   * @param isByMessage whether each row of the result is made from one message
   */
  public static Optional<String> note(
      OutputDefinition output, StructType result, boolean isByMessage) {
    return output.sink() instanceof SinkDefinition.CassandraSink sink
        ? Optional.of(new CassandraTable(sink, output, result).orderNote(isByMessage))
        : Optional.empty();
  }

  /** Prints a line of progress. */
  public void say(String line) {
    synchronized (console) {
      console.println(line);
      console.flush();
    }
  }

  /**
   * The sink of a view: a topic is compacted, and its records are made already.
   *
   * @param pipeline see {@link #open}
   */
  public Sink openView(String pipeline, OutputDefinition output, Path checkpoint) {
    return output.sink() instanceof SinkDefinition.KafkaSink sink
        ? KafkaTransactionalSink.ofView(sink, pipeline, output)
        : open(pipeline, output, checkpoint);
  }

  /**
   * The sink of an output.
   *
   * @param pipeline the pipeline's name, part of what a sink keeps for itself
   * @param checkpoint the folder of the output's position, which what a sink keeps belongs to
   */
  public Sink open(String pipeline, OutputDefinition output, Path checkpoint) {
    SinkDefinition definition = output.sink();
    if (definition instanceof SinkDefinition.ConsoleSink sink) {
      return new TableConsoleSink(output, sink.rows(), consoleWidth, console);
    }
    if (definition instanceof SinkDefinition.FileSink sink) {
      return new FileBatchSink(sink, output.mode(), hadoop);
    }
    if (definition instanceof SinkDefinition.KafkaSink sink) {
      return new KafkaTransactionalSink(sink, pipeline, output);
    }
    if (definition instanceof SinkDefinition.CassandraSink sink) {
      return new CassandraUpsertSink(
          sink,
          output,
          console,
          new CassandraClockFile(checkpoint, hadoop),
          InstantSource.system());
    }
    throw new IllegalArgumentException("no sink for " + definition);
  }
}
