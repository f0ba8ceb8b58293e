package dev.millrace.pipeline.command;

import dev.millrace.config.LookupDefinition;
import dev.millrace.config.PipelineDefinition;
import dev.millrace.pipeline.PipelineQueries;
import dev.millrace.pipeline.PreparedPipeline;
import dev.millrace.pipeline.SinkConnectors;
import dev.millrace.pipeline.SparkSessions;
import dev.millrace.pipeline.checkpoint.CheckpointLayout;
import dev.millrace.table.InferredTableFile;
import dev.millrace.table.TableResolver;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;

/** Checks a pipeline without starting anything. Driver only. */
public final class Validation {

  private final PipelineDefinition pipeline;
  private final PrintWriter out;

  /**
   * @param out takes what is to be known of the outputs
   */
  public Validation(PipelineDefinition pipeline, PrintWriter out) {
    this.pipeline = pipeline;
    this.out = out;
  }

  /**
   * Analyses every output's SQL. Where the table is inferred by the first run, and that has not
   * been yet, only the syntax is checked.
   *
   * @throws dev.millrace.error.UserException with all problems found
   */
  public void run() {
    try (SparkSession session = SparkSessions.open("millrace validate", pipeline.sparkConf())) {
      if (!knowsColumns()) {
        out.println(
            "table: the columns are those that it has in Cassandra when the run starts; until then"
                + " only the syntax of the SQL can be checked");
        PipelineQueries.parse(session, pipeline);
        return;
      }
      InferredTableFile frozen =
          new CheckpointLayout(pipeline, session.sparkContext().hadoopConfiguration())
              .frozenTable();
      Optional<PipelineDefinition> known = new TableResolver(pipeline, frozen, out).known();
      if (known.isPresent()) {
        PreparedPipeline.of(
                session, known.get(), SinkConnectors.STANDARD, new PrintWriter(Writer.nullWriter()))
            .describe(SinkConnectors.STANDARD, out);
      } else {
        out.printf(
            "table: inferred at the first start from %s, then kept in %s; until then only the syntax"
                + " of the SQL can be checked%n",
            pipeline.source().inferredFrom().orElseThrow(), frozen.place());
        PipelineQueries.parse(session, pipeline);
      }
    }
  }

  private boolean knowsColumns() {
    return pipeline.source().knowsColumns()
        && pipeline.lookups().stream().allMatch(LookupDefinition::knowsColumns);
  }
}
