package dev.millrace.cli;

import dev.millrace.config.CompactionOptions;
import dev.millrace.config.PipelineDefinition;
import dev.millrace.pipeline.checkpoint.Acceptance;
import dev.millrace.table.InferenceSource;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/** What the commands need of the engine; {@link Millrace#main} wires the real one. */
interface PipelineEngine {

  /**
   * Runs the pipeline until it ends or the process is told to stop.
   *
   * @param accepted what the run may do that would otherwise be an error
   * @throws dev.millrace.error.UserException if it fails at run time
   */
  void run(PipelineDefinition pipeline, Set<Acceptance> accepted, PrintWriter out);

  /**
   * Shows what the pipeline makes of the last messages of its topic, and writes nothing.
   *
   * @param messages the most that are read
   */
  void preview(PipelineDefinition pipeline, int messages, PrintWriter out);

  /**
   * Prints the result of SQL over the current results of the pipeline's views.
   *
   * @param maxRows the most rows that are printed
   * @throws dev.millrace.error.UserException where there is no state yet, or the SQL is wrong
   */
  void query(PipelineDefinition pipeline, String sql, int maxRows, PrintWriter out);

  /**
   * Compares the current results of the pipeline's views with Postgres.
   *
   * @param wait for how long to compare again while they differ
   * @param maxRows the most rows of a result that are printed
   * @throws dev.millrace.error.UserException where a view differs in the end
   */
  void verify(PipelineDefinition pipeline, Duration wait, int maxRows, PrintWriter out);

  /**
   * Builds the state of the pipeline's views again from the topic.
   *
   * @throws dev.millrace.error.UserException where that can't be done; the state is left as it is
   */
  void rebuild(PipelineDefinition pipeline, PrintWriter out);

  /**
   * Rewrites what the outputs have delivered into fewer files.
   *
   * @param interval from one pass to the next; empty for one pass
   * @throws dev.millrace.error.UserException where no output is kept in files that can be rewritten
   */
  void compact(
      PipelineDefinition pipeline,
      CompactionOptions options,
      Optional<Duration> interval,
      PrintWriter out);

  /**
   * Checks what the file alone does not show: that Spark understands the SQL of every output.
   *
   * @param out where a line is printed if the table is not declared but inferred
   * @throws dev.millrace.error.UserException with every problem found
   */
  void validate(PipelineDefinition pipeline, PrintWriter out);

  /**
   * Proposes the table of a pipeline.
   *
   * @param most how many messages or rows to read
   * @param yaml takes the proposal and nothing else
   * @param notes takes what a person should know of it
   * @throws dev.millrace.error.UserException where there is nothing to infer from
   */
  void infer(InferenceSource source, int most, PrintWriter yaml, PrintWriter notes);
}
