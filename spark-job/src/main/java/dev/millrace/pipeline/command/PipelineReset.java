package dev.millrace.pipeline.command;

import dev.millrace.config.OutputDefinition;
import dev.millrace.config.PipelineDefinition;
import dev.millrace.pipeline.DeadLetterOutput;
import dev.millrace.pipeline.SinkConnectors;
import dev.millrace.pipeline.ViewOutputs;
import dev.millrace.pipeline.checkpoint.CheckpointLayout;
import dev.millrace.sink.SinkContents;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;

/**
 * Removes what the outputs of a pipeline have kept: their positions and state, and what their sinks
 * hold. No run of the pipeline may be under way. Driver only, without Spark's session.
 */
public final class PipelineReset {

  private final PipelineDefinition pipeline;
  private final CheckpointLayout checkpoints;
  private final Configuration hadoop = new Configuration();

  /** A reset of all outputs of a pipeline. */
  public PipelineReset(PipelineDefinition pipeline) {
    this.pipeline = pipeline;
    this.checkpoints = new CheckpointLayout(pipeline, hadoop);
  }

  /** The folders of the positions that there are. */
  public List<String> positions() {
    return outputs().stream()
        .filter(checkpoints::has)
        .map(output -> checkpoints.of(output).toUri().getPath())
        .toList();
  }

  /** What the sinks hold, a line for each that holds something. */
  public List<String> delivered() {
    return outputs().stream()
        .flatMap(output -> contents(output).flatMap(SinkContents::description).stream())
        .toList();
  }

  /**
   * Removes positions and state.
   *
   * @param withDelivered whether to delete what the sinks hold, too
   */
  public void run(boolean withDelivered) {
    // Sinks first: a position without what it delivered is refused, not trusted.
    if (withDelivered) {
      for (OutputDefinition output : outputs()) {
        contents(output)
            .filter(contents -> contents.description().isPresent())
            .ifPresent(SinkContents::delete);
      }
    }
    outputs().stream().filter(checkpoints::has).forEach(checkpoints::remove);
  }

  private Optional<SinkContents> contents(OutputDefinition output) {
    return SinkConnectors.STANDARD.of(output.sink()).contents(pipeline.name(), output, hadoop);
  }

  /** Outputs, the query of the views if one of them is a view, and the dead letters of each. */
  private List<OutputDefinition> outputs() {
    List<OutputDefinition> all = new ArrayList<>();
    Set<String> names =
        pipeline.outputs().stream().map(OutputDefinition::name).collect(Collectors.toSet());
    Stream<OutputDefinition> views =
        ViewOutputs.query(pipeline)
            .filter(query -> checkpoints.viewLog(query).hasAny(names))
            .stream();
    for (OutputDefinition output : Stream.concat(pipeline.outputs().stream(), views).toList()) {
      all.add(output);
      all.add(DeadLetterOutput.of(pipeline, output, DeadLetterOutput.OF_MESSAGES));
      all.add(DeadLetterOutput.of(pipeline, output, DeadLetterOutput.OF_ROWS));
    }
    return all;
  }
}
