package dev.millrace.pipeline;

import dev.millrace.config.OutputDefinition;
import dev.millrace.config.PipelineDefinition;
import java.util.Optional;

/** The outputs that dead letters go to. */
public final class DeadLetterOutput {

  /** For the messages that can't be read, and rows of the query that reports them. */
  public static final String OF_MESSAGES = "";

  /** For the rows that a sink can't store, of a query that reports no messages. */
  public static final String OF_ROWS = "-rows";

  private DeadLetterOutput() {}

  /**
   * The output that the dead letters of a query go to: a sink that several runs share keeps each
   * query's apart.
   *
   * @param suffix {@link #OF_MESSAGES} or {@link #OF_ROWS}
   */
  public static OutputDefinition of(
      PipelineDefinition pipeline, OutputDefinition owner, String suffix) {
    String query = owner.name() + "-" + owner.sink().kind() + suffix;
    return new OutputDefinition(
        // No output can have this name: theirs have no dots.
        "dead-letters." + query,
        Optional.empty(),
        owner.sqlPlace(),
        OutputDefinition.Mode.APPEND,
        OutputDefinition.Scope.STREAM,
        Optional.empty(),
        pipeline.source().identity(),
        pipeline.deadLetters().ofQuery(query));
  }
}
