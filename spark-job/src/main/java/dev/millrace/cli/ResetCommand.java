package dev.millrace.cli;

import dev.millrace.config.PipelineDefinition;
import dev.millrace.config.parse.Overrides.OutputChoice;
import dev.millrace.pipeline.command.PipelineReset;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code reset PIPELINE}. */
@Command(
    name = "reset",
    description = {
      "Removes the position and the state of a pipeline's outputs, so that the next run reads everything"
          + " from the start. End its runs first.",
      "Without --output it does so for every output of the file, each with the sink that the file or"
          + " --sink names. What the sinks hold stays, unless --delete-output is given; it is shown, and"
          + " a run with a new position refuses to add to it."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Versions.class,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done, also where there was nothing to remove",
      "1:failed at run time, or not confirmed",
      "2:wrong input: the command line, the pipeline file, the environment"
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  millrace reset pipelines/ride-bookings.yaml --output bookings",
      "  millrace reset pipelines/ride-bookings.yaml --sink parquet --delete-output --yes"
    })
final class ResetCommand implements java.util.concurrent.Callable<Integer> {

  private final Map<String, String> environment;
  private final InputStream answers;

  @Spec private CommandSpec spec;
  @Mixin private PipelineArguments arguments;

  @Option(
      names = "--delete-output",
      description = "Delete what the sinks and the dead letters hold, too; asks first.")
  private boolean deletesOutput;

  @Option(names = "--yes", description = "With --delete-output: don't ask.")
  private boolean isConfirmed;

  /**
   * @param answers where a person's answer is read from
   */
  ResetCommand(Map<String, String> environment, InputStream answers) {
    this.environment = environment;
    this.answers = answers;
  }

  @Override
  public Integer call() {
    PipelineDefinition pipeline = arguments.load(environment, new OutputChoice.All()).definition();
    PipelineReset reset = new PipelineReset(pipeline);
    PrintWriter out = spec.commandLine().getOut();
    List<String> positions = reset.positions();
    List<String> delivered = reset.delivered();
    positions.forEach(position -> out.println("position: " + position));
    delivered.forEach(each -> out.println("delivered: " + each));
    if (positions.isEmpty() && (delivered.isEmpty() || !deletesOutput)) {
      out.println("There is no position to remove.");
      out.flush();
      return 0;
    }
    if (deletesOutput && !delivered.isEmpty() && !isConfirmed && !confirms(out)) {
      out.println("Nothing was removed.");
      out.flush();
      return 1;
    }
    reset.run(deletesOutput);
    out.println(
        deletesOutput
            ? "Removed. The next run reads everything from the start."
            : delivered.isEmpty()
                ? "Positions removed. The next run reads everything from the start."
                : "Positions removed. What is delivered stays, and a run refuses to deliver to it"
                    + " again: name another folder or topic, or run reset with --delete-output.");
    out.flush();
    return 0;
  }

  private boolean confirms(PrintWriter out) {
    out.print("Delete all of this? It can't be undone. Type yes: ");
    out.flush();
    try {
      String answer =
          new BufferedReader(new InputStreamReader(answers, StandardCharsets.UTF_8)).readLine();
      out.println();
      return "yes".equals(answer == null ? null : answer.strip());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
