package dev.millrace.cli;

import dev.millrace.config.parse.Overrides.OutputChoice;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code rebuild PIPELINE}. */
@Command(
    name = "rebuild",
    description = {
      "Builds the state of a pipeline's views again from all messages of the topic: for a view that needs a column"
          + " which the state does not keep, another key or number of partitions, and state that is lost or"
          + " damaged. End the run first.",
      "The position stays. The next batch delivers the whole result of each view, and removes from Kafka and"
          + " Cassandra the rows that it does not have. If a row of the table has no message in the topic that"
          + " tells all its columns, the state is left as it is."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Versions.class,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:the state is rebuilt",
      "1:failed at run time, or a run is under way",
      "2:wrong input: the command line, the pipeline file, the environment; or rows are missing in the topic"
    },
    footerHeading = "%nExamples:%n",
    footer = "  millrace rebuild pipelines/ride-views.yaml")
final class RebuildCommand implements Runnable {

  private final Map<String, String> environment;
  private final PipelineEngine engine;

  @Spec private CommandSpec spec;
  @Mixin private PipelineArguments arguments;

  RebuildCommand(Map<String, String> environment, PipelineEngine engine) {
    this.environment = environment;
    this.engine = engine;
  }

  @Override
  public void run() {
    engine.rebuild(
        arguments.load(environment, new OutputChoice.All()).definition(),
        spec.commandLine().getOut());
  }
}
