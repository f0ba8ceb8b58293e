package dev.millrace.cli;

import dev.millrace.config.parse.Overrides.OutputChoice;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code query PIPELINE SQL}. */
@Command(
    name = "query",
    description = {
      "Runs SQL over the current result of a pipeline's views, and over the rows that its table has, by"
          + " their names. They are read from the checkpoint as of the newest whole batch, also while"
          + " the pipeline runs; no sink is needed, and nothing is written.",
      "A name with dashes needs no backquotes: SELECT * FROM open-rides."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Versions.class,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:failed at run time, also where no batch is committed yet",
      "2:wrong input: the command line, the pipeline file, the environment, the SQL"
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  millrace query pipelines/ride-views.yaml \\",
      "    \"SELECT * FROM completed-by-vehicle ORDER BY revenue DESC\"",
      "  millrace query pipelines/ride-views.yaml \"SELECT count(*) FROM bookings\""
    })
final class QueryCommand implements Runnable {

  private final Map<String, String> environment;
  private final PipelineEngine engine;

  @Spec private CommandSpec spec;
  @Mixin private PipelineArguments arguments;

  @Parameters(index = "1", paramLabel = "SQL", description = "A SELECT statement.")
  private String sql;

  @Option(
      names = "--max-rows",
      paramLabel = "ROWS",
      defaultValue = "1000",
      description = "The most rows that are printed; default ${DEFAULT-VALUE}.")
  private int maxRows;

  QueryCommand(Map<String, String> environment, PipelineEngine engine) {
    this.environment = environment;
    this.engine = engine;
  }

  @Override
  public void run() {
    engine.query(
        arguments.load(environment, new OutputChoice.All()).definition(),
        sql,
        maxRows,
        spec.commandLine().getOut());
  }
}
