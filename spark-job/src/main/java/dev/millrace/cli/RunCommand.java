package dev.millrace.cli;

import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code run PIPELINE}. */
@Command(
    name = "run",
    description = {
      "Runs a pipeline until Ctrl-C, or with --available-now until it has caught up.",
      "Without --output or --all-outputs the first output of the file runs."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Versions.class,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:ended, or stopped by Ctrl-C or SIGTERM",
      "1:failed at run time",
      "2:wrong input: the command line, the pipeline file, the environment"
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  millrace run pipelines/ride-bookings.yaml",
      "  millrace run pipelines/ride-bookings.yaml --output high-value --sink parquet",
      "  millrace run pipelines/ride-bookings.yaml --all-outputs --available-now",
      "  millrace run pipelines/ride-bookings.yaml --set trigger.interval=10s"
    })
final class RunCommand implements Runnable {

  private final Map<String, String> environment;
  private final PipelineEngine engine;

  @Spec private CommandSpec spec;
  @Mixin private PipelineArguments arguments;

  RunCommand(Map<String, String> environment, PipelineEngine engine) {
    this.environment = environment;
    this.engine = engine;
  }

  @Override
  public void run() {
    engine.run(arguments.load(environment), spec.commandLine().getOut());
  }
}
