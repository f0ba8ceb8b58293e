package dev.millrace.cli;

import dev.millrace.config.ColumnDefinition.TimeUnit;
import dev.millrace.config.ColumnType;
import dev.millrace.config.PipelineDefinition;
import dev.millrace.config.parse.LoadedPipeline;
import dev.millrace.config.parse.Overrides.OutputChoice;
import java.io.PrintWriter;
import java.util.Map;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code validate PIPELINE}. */
@Command(
    name = "validate",
    description = {
      "Checks a pipeline without running it, and shows every effective value and who decided on it.",
      "A flag beats the environment, which beats the file, which beats the defaults.",
      "Without --output every output of the file is checked. Secrets are masked."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Versions.class,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:the pipeline is valid",
      "1:failed at run time",
      "2:wrong input: the command line, the pipeline file, the environment"
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  millrace validate pipelines/ride-bookings.yaml",
      "  SINK=kafka millrace validate pipelines/ride-bookings.yaml --available-now"
    })
final class ValidateCommand implements Runnable {

  private final Map<String, String> environment;
  private final PipelineEngine engine;

  @Spec private CommandSpec spec;
  @Mixin private PipelineArguments arguments;

  ValidateCommand(Map<String, String> environment, PipelineEngine engine) {
    this.environment = environment;
    this.engine = engine;
  }

  @Override
  public void run() {
    LoadedPipeline pipeline = arguments.load(environment, new OutputChoice.All());
    PrintWriter out = spec.commandLine().getOut();
    engine.validate(pipeline.definition(), out);
    out.print(SettingsTable.render(pipeline.settings()));
    out.println();
    notes(pipeline.definition()).forEach(out::println);
    out.println(arguments.file() + " is valid.");
    out.flush();
  }

  /** What is valid and may still surprise. */
  private static Stream<String> notes(PipelineDefinition pipeline) {
    return pipeline.table().columns().stream()
        .filter(column -> column.type().kind() == ColumnType.Kind.DATE)
        .filter(column -> column.unit() == TimeUnit.ISO)
        .map(
            column ->
                ("note: table.columns.%s: of a text with a time of day, such as"
                        + " 1950-03-10T13:24:16.856Z, a date keeps the day as written and drops the"
                        + " time. To keep the time, declare {type: timestamp, unit: iso}.")
                    .formatted(column.name()));
  }
}
