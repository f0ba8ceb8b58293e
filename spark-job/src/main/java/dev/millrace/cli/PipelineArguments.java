package dev.millrace.cli;

import dev.millrace.config.PipelineDefinition;
import dev.millrace.config.parse.LoadedPipeline;
import dev.millrace.config.parse.Overrides;
import dev.millrace.config.parse.Overrides.OutputChoice;
import dev.millrace.config.parse.Overrides.TriggerOverride;
import dev.millrace.config.parse.PipelineLoader;
import dev.millrace.config.parse.SinkKind;
import dev.millrace.pipeline.SinkConnectors;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A pipeline file and the flags that override it: the same for every command that loads one. */
final class PipelineArguments {

  @Parameters(
      index = "0",
      paramLabel = "PIPELINE",
      description = "The pipeline file, such as pipelines/ride-bookings.yaml.")
  private String file;

  @ArgGroup private Outputs outputs;

  @Option(
      names = "--sink",
      paramLabel = "KIND",
      completionCandidates = SinkKinds.class,
      description = "Deliver the chosen outputs to: ${COMPLETION-CANDIDATES}.")
  private String sink;

  @Option(
      names = "--set",
      paramLabel = "KEY.PATH=VALUE",
      description = {
        "Override any key of the file; repeatable. Below 'options' and 'conf' the rest of the path is one"
            + " key, dots and all: --set spark.conf.spark.sql.shuffle.partitions=4. Lists and mappings"
            + " are written as YAML: --set 'outputs.bookings.key=[id]'."
      })
  private List<String> settings = List.of();

  @Option(
      names = "--available-now",
      description = "Process what is there, then end, instead of waiting for more.")
  private boolean isAvailableNow;

  @Option(
      names = "--checkpoints",
      paramLabel = "DIR",
      description = "Folder in which every output keeps its position.")
  private String checkpoints;

  /** Which outputs; the two ways exclude each other. */
  private static final class Outputs {

    @Option(
        names = "--output",
        paramLabel = "NAME",
        description = "Choose an output of the file; repeatable.")
    private List<String> names;

    @Option(names = "--all-outputs", description = "Choose every output of the file.")
    private boolean areAll;

    OutputChoice choice() {
      return areAll ? new OutputChoice.All() : new OutputChoice.Named(names);
    }
  }

  /** For help and completion. */
  private static final class SinkKinds implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return SinkConnectors.STANDARD.kinds().stream().map(SinkKind::spelling).iterator();
    }
  }

  String file() {
    return file;
  }

  /** Loads the file with the flags; the first output is chosen if no flag chooses any. */
  PipelineDefinition load(Map<String, String> environment) {
    return load(environment, new OutputChoice.First()).definition();
  }

  /**
   * Loads the file with the flags.
   *
   * @param unlessChosen the outputs if no flag chooses any
   * @throws dev.millrace.error.UserException with every problem of file, environment and flags
   */
  LoadedPipeline load(Map<String, String> environment, OutputChoice unlessChosen) {
    return new PipelineLoader(environment, SinkConnectors.STANDARD.kinds())
        .load(file, overrides(unlessChosen));
  }

  private Overrides overrides(OutputChoice unlessChosen) {
    return new Overrides(
        outputs == null ? unlessChosen : outputs.choice(),
        Optional.ofNullable(sink),
        settings,
        isAvailableNow ? Optional.of(TriggerOverride.AVAILABLE_NOW) : Optional.empty(),
        Optional.ofNullable(checkpoints));
  }
}
