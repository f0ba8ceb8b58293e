package dev.millrace.cli;

import dev.millrace.config.parse.Overrides;
import dev.millrace.config.parse.PipelineLoader;
import dev.millrace.pipeline.PreparedPipeline;
import dev.millrace.pipeline.SinkConnectors;
import dev.millrace.pipeline.postgres.PostgresView;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code sql --view PIPELINE}; the launcher has the other forms of {@code sql}. */
@Command(
    name = "sql",
    description = "Prints the view that a pipeline's table is in Postgres, as a statement.",
    mixinStandardHelpOptions = true,
    versionProvider = Versions.class,
    sortOptions = false,
    hidden = true)
final class SqlViewCommand implements Runnable {

  private final Map<String, String> environment;

  @Spec private CommandSpec spec;

  @Option(
      names = "--view",
      paramLabel = "PIPELINE",
      required = true,
      description = "The pipeline file, such as pipelines/ride-views.yaml.")
  private String file;

  SqlViewCommand(Map<String, String> environment) {
    this.environment = environment;
  }

  @Override
  public void run() {
    var pipeline =
        new PipelineLoader(environment, SinkConnectors.STANDARD.kinds())
            .load(file, Overrides.none())
            .definition();
    var out = spec.commandLine().getOut();
    out.println(
        PostgresView.of(PreparedPipeline.withTable(pipeline, spec.commandLine().getErr()))
            .create());
    out.flush();
  }
}
