package dev.millrace.cli;

import dev.millrace.error.CommandLineErrors;
import dev.millrace.pipeline.checkpoint.Acceptance;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
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

  @Option(
      names = "--accept",
      paramLabel = "WHAT",
      description = {
        "Do once what is otherwise an error; repeatable. data-loss: continue after messages that were"
            + " deleted before they were read. new-definition: finish a batch that was begun with"
            + " another table, SQL or key."
      })
  private List<String> accepted = List.of();

  RunCommand(Map<String, String> environment, PipelineEngine engine) {
    this.environment = environment;
    this.engine = engine;
  }

  @Override
  public void run() {
    Set<Acceptance> all = EnumSet.noneOf(Acceptance.class);
    for (String each : accepted) {
      all.add(
          Arrays.stream(Acceptance.values())
              .filter(acceptance -> spelled(acceptance).equals(each))
              .findFirst()
              .orElseThrow(
                  () ->
                      new ParameterException(
                          spec.commandLine(),
                          CommandLineErrors.unknownAcceptance(each, spelled()))));
    }
    engine.run(arguments.load(environment), all, spec.commandLine().getOut());
  }

  private static String spelled(Acceptance acceptance) {
    return acceptance.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static List<String> spelled() {
    return Arrays.stream(Acceptance.values()).map(RunCommand::spelled).toList();
  }
}
