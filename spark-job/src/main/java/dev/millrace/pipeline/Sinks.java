package dev.millrace.pipeline;

import dev.millrace.config.OutputDefinition;
import dev.millrace.console.Console;
import dev.millrace.sink.Sink;
import dev.millrace.sink.SinkContext;
import dev.millrace.sink.SinkReader;
import java.io.PrintWriter;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Opens sinks of a run. Driver only.
 *
 * @param pipeline the pipeline's name
 * @param hadoop how files are reached
 * @param console where the console sink prints
 * @param consoleWidth characters a line of {@code console} has
 * @param sourceTable as {@link SinkContext#sourceTable}
 */
record Sinks(
    SinkConnectors connectors,
    String pipeline,
    Configuration hadoop,
    PrintWriter console,
    int consoleWidth,
    Optional<String> sourceTable) {

  /** The sinks of a pipeline that no table of Postgres feeds. */
  Sinks(
      SinkConnectors connectors,
      String pipeline,
      Configuration hadoop,
      PrintWriter console,
      int consoleWidth) {
    this(connectors, pipeline, hadoop, console, consoleWidth, Optional.empty());
  }

  /**
   * The sink of an output.
   *
   * @param checkpoint the folder of the output's position
   */
  Sink open(OutputDefinition output, Path checkpoint) {
    return connectors.of(output.sink()).open(output, context(checkpoint));
  }

  /** The same for a view. */
  Sink openView(OutputDefinition output, Path checkpoint) {
    return connectors.of(output.sink()).openView(output, context(checkpoint));
  }

  /** Reads back what a view's sink holds; empty where it can't be read. */
  Optional<SinkReader> reader(OutputDefinition view) {
    return connectors.of(view.sink()).reader(pipeline, view, hadoop);
  }

  /** Prints a line of progress. */
  void say(String line) {
    new Console(console).say(line);
  }

  private SinkContext context(Path checkpoint) {
    return new SinkContext(pipeline, checkpoint, hadoop, console, consoleWidth, sourceTable);
  }
}
