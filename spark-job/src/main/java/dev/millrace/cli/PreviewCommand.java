package dev.millrace.cli;

import dev.millrace.error.UserErrors;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code preview PIPELINE}. */
@Command(
    name = "preview",
    description = {
      "Shows what a pipeline makes of the last messages of its topic: cleaned rows, and rejected messages with"
          + " their reasons. Nothing is written, no position is kept.",
      "Without --output or --all-outputs the first output of the file is shown."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Versions.class,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done, also where there is nothing to show",
      "1:failed at run time",
      "2:wrong input: the command line, the pipeline file, the environment"
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  millrace preview pipelines/ride-bookings.yaml",
      "  millrace preview pipelines/ride-bookings.yaml -n 100 --output high-value"
    })
final class PreviewCommand implements Runnable {

  private final Map<String, String> environment;
  private final PipelineEngine engine;

  @Spec private CommandSpec spec;
  @Mixin private PipelineArguments arguments;

  @Option(
      names = {"-n", "--messages"},
      paramLabel = "N",
      defaultValue = "10",
      description = "The most messages; default ${DEFAULT-VALUE}.")
  private int messages;

  PreviewCommand(Map<String, String> environment, PipelineEngine engine) {
    this.environment = environment;
    this.engine = engine;
  }

  @Override
  public void run() {
    if (messages < 1) {
      throw UserErrors.invalidConfiguration(
          java.util.List.of(
              UserErrors.at(
                  "-n",
                  UserErrors.invalidValue(
                      "'" + messages + "'", UserErrors.expectNumber(1, Long.MAX_VALUE)))));
    }
    engine.preview(arguments.load(environment), messages, spec.commandLine().getOut());
  }
}
