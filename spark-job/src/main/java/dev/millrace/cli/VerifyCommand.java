package dev.millrace.cli;

import dev.millrace.config.parse.Overrides.OutputChoice;
import dev.millrace.error.UserErrors;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code verify PIPELINE}. */
@Command(
    name = "verify",
    description = {
      "Compares the current result of each view with what Postgres makes of the same SQL, and with"
          + " what the view's sink holds, by key and value, and prints them. The views are read from the checkpoint as of the newest whole"
          + " batch, also while the pipeline runs; source.postgres names the database.",
      "Doubles are equal within a billionth: Postgres rounds a sum of them with each row."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Versions.class,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:all views are equal",
      "1:a view differs, or failed at run time",
      "2:wrong input: the command line, the pipeline file, the environment"
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  POSTGRES_URL=jdbc:postgresql://localhost:5432/business_db POSTGRES_PASSWORD=... \\",
      "    millrace verify pipelines/ride-views.yaml --wait 60s"
    })
final class VerifyCommand implements Runnable {

  private final Map<String, String> environment;
  private final PipelineEngine engine;

  @Spec private CommandSpec spec;
  @Mixin private PipelineArguments arguments;

  @Option(
      names = "--wait",
      paramLabel = "TIME",
      defaultValue = "0s",
      description =
          "How long to compare again while a view differs, such as 60s: changes may be on their way."
              + " Default: ${DEFAULT-VALUE}.")
  private String wait;

  @Option(
      names = "--max-rows",
      paramLabel = "ROWS",
      defaultValue = "10",
      description = "The most rows of a result that are printed; default ${DEFAULT-VALUE}.")
  private int maxRows;

  VerifyCommand(Map<String, String> environment, PipelineEngine engine) {
    this.environment = environment;
    this.engine = engine;
  }

  @Override
  public void run() {
    if (!wait.matches("\\d{1,6}[smh]")) {
      throw UserErrors.invalidConfiguration(
          List.of(
              UserErrors.at(
                  "--wait",
                  UserErrors.invalidValue("'" + wait + "'", UserErrors.expectDuration()))));
    }
    engine.verify(
        arguments.load(environment, new OutputChoice.All()).definition(),
        Duration.parse("PT" + wait.toUpperCase(java.util.Locale.ROOT)),
        maxRows,
        spec.commandLine().getOut());
  }
}
