package dev.millrace.cli;

import dev.millrace.config.PipelineDefinition;
import java.io.PrintWriter;

/** What the commands need of the engine; {@link Millrace#main} wires the real one. */
interface PipelineEngine {

  /**
   * Runs the pipeline until it ends or the process is told to stop.
   *
   * @throws dev.millrace.error.UserException if it fails at run time
   */
  void run(PipelineDefinition pipeline, PrintWriter out);

  /**
   * Checks what the file alone does not show: that Spark understands the SQL of every output.
   *
   * @throws dev.millrace.error.UserException with every problem found
   */
  void validate(PipelineDefinition pipeline);
}
