package dev.millrace.sink;

import dev.millrace.console.Console;
import java.io.PrintWriter;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * What a sink is opened with.
 *
 * @param pipeline the pipeline's name, part of what a sink keeps for itself
 * @param checkpoint the folder of the output's position, which what a sink keeps belongs to
 * @param hadoop how files are reached
 * @param console where lines for a person are printed, under its lock
 * @param consoleWidth characters a line of {@code console} has
 * @param sourceTable the table of Postgres whose changes the pipeline reads, {@code SCHEMA.TABLE};
 *     empty where it reads none, or does not tell which
 */
public record SinkContext(
    String pipeline,
    Path checkpoint,
    Configuration hadoop,
    PrintWriter console,
    int consoleWidth,
    Optional<String> sourceTable) {

  /** Where a sink tells what it waits for. */
  public Console progress() {
    return new Console(console);
  }

  /** What a sink is opened with that no table of Postgres feeds. */
  public SinkContext(
      String pipeline,
      Path checkpoint,
      Configuration hadoop,
      PrintWriter console,
      int consoleWidth) {
    this(pipeline, checkpoint, hadoop, console, consoleWidth, Optional.empty());
  }
}
