package dev.millrace.cli;

import dev.millrace.config.PipelineDefinition;
import dev.millrace.deadletter.Replay;
import dev.millrace.pipeline.PreparedPipeline;
import java.io.PrintWriter;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code replay PIPELINE FILE}. */
@Command(
    name = "replay",
    description = {
      "Sends corrected dead letters through the topic that the pipeline reads in addition to its own"
          + " (source.kafka.replay-topic).",
      "Each is sent once, however often the command runs. What still can't be read is named and not"
          + " sent, nor is a change of whose key a newer one has arrived."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Versions.class,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done: what is not sent is superseded, or was sent before",
      "1:failed at run time; nothing is sent",
      "2:wrong input: the command line, the pipeline file, the environment, or lines of FILE that"
          + " still can't be read"
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  millrace dead-letters pipelines/ride-bookings.yaml --export corrected.jsonl",
      "  millrace replay pipelines/ride-bookings.yaml corrected.jsonl"
    })
final class ReplayCommand implements Runnable {

  private final Map<String, String> environment;

  @Spec private CommandSpec spec;
  @Mixin private PipelineArguments arguments;

  @Parameters(
      index = "1",
      paramLabel = "FILE",
      description = "Lines that 'dead-letters --export' wrote, corrected.")
  private String file;

  ReplayCommand(Map<String, String> environment) {
    this.environment = environment;
  }

  @Override
  public void run() {
    PipelineDefinition pipeline = arguments.load(environment);
    PrintWriter out = spec.commandLine().getOut();
    new Replay(PreparedPipeline.withTable(pipeline, out), out).run(file);
  }
}
