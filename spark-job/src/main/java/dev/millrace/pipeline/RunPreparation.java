package dev.millrace.pipeline;

import dev.millrace.config.PipelineDefinition;
import dev.millrace.config.TriggerDefinition;
import dev.millrace.console.Console;
import dev.millrace.pipeline.checkpoint.CheckpointLayout;
import dev.millrace.source.Source;
import dev.millrace.source.Sources;
import dev.millrace.table.InferenceOrigins;
import dev.millrace.table.TableResolver;
import java.io.PrintWriter;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;

/**
 * What a run does before its first query starts: it asks servers, and waits for those that are
 * away. Each step is empty where the run is to end before it is done. Driver only.
 *
 * @param out takes the lines for the user
 */
record RunPreparation(SinkConnectors connectors, PrintWriter out, StopRequest stop) {

  /**
   * The pipeline with its source as it is: a table of Cassandra states its columns.
   *
   * @throws dev.millrace.error.UserException where the source can't be read
   */
  Optional<PipelineDefinition> withSource(PipelineDefinition pipeline) throws InterruptedException {
    Source source = Sources.of(pipeline.source(), new Console(out)::say);
    return stop.unlessMade(source::check).map(pipeline::withSource);
  }

  /**
   * The pipeline, ready to be started; its lookups have been read once.
   *
   * @return empty, too, where there is nothing to infer the table from, and the run ends then
   * @throws dev.millrace.error.UserException where it can't be run
   */
  Optional<PreparedPipeline> prepared(
      SparkSession session, PipelineDefinition pipeline, CheckpointLayout checkpoints)
      throws InterruptedException {
    Optional<PipelineDefinition> known =
        stop.unlessMade(() -> withTable(session, pipeline, checkpoints)).flatMap(found -> found);
    return known.isEmpty()
        ? Optional.empty()
        : stop.unlessMade(() -> checked(session, known.get()));
  }

  private Optional<PipelineDefinition> withTable(
      SparkSession session, PipelineDefinition pipeline, CheckpointLayout checkpoints)
      throws InterruptedException {
    TableResolver table = new TableResolver(pipeline, checkpoints.frozenTable(), out);
    Optional<PipelineDefinition> known = table.known();
    return known.isPresent()
        ? known
        : table.inferred(
            InferenceOrigins.of(pipeline, session),
            pipeline.trigger() instanceof TriggerDefinition.AvailableNow,
            stop::isMade);
  }

  private PreparedPipeline checked(SparkSession session, PipelineDefinition pipeline) {
    PreparedPipeline prepared = PreparedPipeline.of(session, pipeline, connectors, out);
    prepared.lookups().rows(session);
    StartChecks checks = new StartChecks(pipeline, new Console(out)::say);
    checks.checkPostgres();
    checks.checkUnchangedValues(prepared.queries());
    return prepared;
  }
}
