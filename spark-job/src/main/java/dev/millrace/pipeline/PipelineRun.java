package dev.millrace.pipeline;

import dev.millrace.config.KafkaSourceDefinition;
import dev.millrace.config.OutputDefinition;
import dev.millrace.config.PipelineDefinition;
import dev.millrace.config.SourceDefinition;
import dev.millrace.console.Console;
import dev.millrace.error.RunErrors;
import dev.millrace.error.UserException;
import dev.millrace.observe.ProgressReporter;
import dev.millrace.pipeline.checkpoint.Acceptance;
import dev.millrace.pipeline.checkpoint.CheckpointLayout;
import dev.millrace.pipeline.checkpoint.PositionGuard;
import dev.millrace.pipeline.checkpoint.RunLog;
import dev.millrace.pipeline.postgres.PostgresView;
import dev.millrace.query.OutputQuery;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.StreamingQueryException;

/**
 * One run of a pipeline: it has the pipeline prepared, starts its queries, waits for their end and
 * stops them. Driver only.
 *
 * <p>{@link #stop} may be called by any thread, before, during and after {@link #run}; it ends
 * every wait.
 */
public final class PipelineRun {

  private static final Duration POLL_INTERVAL = Duration.ofMillis(100);

  private final PipelineDefinition pipeline;
  private final PrintWriter out;
  private final int consoleWidth;
  private final StopRequest stop = new StopRequest();
  private final Set<Acceptance> accepted;
  private final SinkConnectors connectors;

  /**
   * @param out where progress and the console sink's tables are printed
   * @param consoleWidth characters a line of {@code out} has
   */
  public PipelineRun(PipelineDefinition pipeline, PrintWriter out, int consoleWidth) {
    this(pipeline, out, consoleWidth, Set.of(), SinkConnectors.STANDARD);
  }

  /**
   * The same.
   *
   * @param accepted what this run may do that would otherwise be an error
   * @param connectors the kinds of sinks that the pipeline was loaded with
   */
  public PipelineRun(
      PipelineDefinition pipeline,
      PrintWriter out,
      int consoleWidth,
      Set<Acceptance> accepted,
      SinkConnectors connectors) {
    this.connectors = connectors;
    this.pipeline = pipeline;
    this.out = out;
    this.consoleWidth = consoleWidth;
    this.accepted = Set.copyOf(accepted);
  }

  /**
   * Runs until {@link #stop} is called, a query fails, or, with the trigger {@code available-now},
   * everything is delivered.
   *
   * @throws UserException where a query can't start or fails
   */
  public void run() throws InterruptedException {
    runLogged(
        (found, preparation) -> {
          try (SparkSession session =
              SparkSessions.open("millrace " + pipeline.name(), pipeline.sparkConf())) {
            run(session, found, preparation);
          }
        });
  }

  /**
   * The same in a session of the caller's, which stays open. The pipeline's settings of Spark do
   * not count, and it is the caller's to set what {@link #run} sets.
   */
  public void runIn(SparkSession session) throws InterruptedException {
    runLogged((found, preparation) -> run(session, found, preparation));
  }

  /** What is done once the source is there. */
  private interface Work {
    void run(PipelineDefinition found, RunPreparation preparation) throws InterruptedException;
  }

  private void runLogged(Work work) throws InterruptedException {
    Optional<RunLog> log =
        pipeline.logFolder().map(folder -> RunLog.begin(folder, pipeline.name(), out));
    PrintWriter logged = log.map(RunLog::out).orElse(out);
    RunPreparation preparation = new RunPreparation(connectors, logged, stop);
    try {
      Optional<PipelineDefinition> found = preparation.withSource(pipeline);
      if (found.isPresent()) {
        work.run(found.get(), preparation);
      }
    } catch (UserException e) {
      log.ifPresent(each -> each.failed(e));
      throw e;
    } finally {
      logged.flush();
      log.ifPresent(RunLog::close);
    }
  }

  private void run(SparkSession session, PipelineDefinition found, RunPreparation preparation)
      throws InterruptedException {
    CheckpointLayout checkpoints =
        new CheckpointLayout(found, session.sparkContext().hadoopConfiguration());
    Optional<PreparedPipeline> prepared = preparation.prepared(session, found, checkpoints);
    if (prepared.isPresent()) {
      run(session, prepared.get(), checkpoints, preparation.out());
    }
  }

  /** Asks the run to end after the batches in flight; returns at once. */
  public void stop() {
    stop.make();
  }

  private void run(
      SparkSession session,
      PreparedPipeline prepared,
      CheckpointLayout checkpoints,
      PrintWriter logged)
      throws InterruptedException {
    prepared.started().forEach(checkpoints::prepare);
    PositionGuard positions =
        new PositionGuard(prepared.definition(), checkpoints, accepted, new Console(logged)::say);
    PipelineComposer composer =
        new PipelineComposer(
            session,
            prepared,
            checkpoints,
            new Sinks(
                connectors,
                pipeline.name(),
                session.sparkContext().hadoopConfiguration(),
                logged,
                consoleWidth,
                PostgresView.tableOf(prepared.definition())),
            new ProgressReporter(logged, sourceName(pipeline.source())),
            positions,
            stop);
    List<RunningQuery> running = new ArrayList<>();
    try {
      startAll(composer, prepared, checkpoints, logged, running);
      awaitEnd(running);
    } catch (RuntimeException | InterruptedException e) {
      stopAll(running).forEach(e::addSuppressed);
      throw e;
    }
    List<RuntimeException> failures = stopAll(running);
    requireNoFailure(running, checkpoints, positions);
    if (!failures.isEmpty()) {
      throw failures.get(0);
    }
  }

  /** Ends all queries after their batches in flight; one that can't be ended leaves the rest. */
  private static List<RuntimeException> stopAll(List<RunningQuery> running)
      throws InterruptedException {
    running.forEach(query -> query.gate().close());
    List<RuntimeException> failures = new ArrayList<>();
    for (RunningQuery query : running) {
      try {
        query.stop();
      } catch (RuntimeException e) {
        failures.add(e);
      }
    }
    return failures;
  }

  private static void requireNoFailure(
      List<RunningQuery> running, CheckpointLayout checkpoints, PositionGuard positions) {
    for (RunningQuery each : running) {
      if (each.query().exception().isDefined()) {
        // Messages that expire while the query runs: what is lost is known here, and how much.
        positions.explain(each.output(), each.query().exception().get());
        throw RunErrors.queryFailed(
            each.output().name(),
            checkpoints.of(each.output()).toString(),
            each.query().exception().get());
      }
    }
  }

  private static void startAll(
      PipelineComposer composer,
      PreparedPipeline prepared,
      CheckpointLayout checkpoints,
      PrintWriter logged,
      List<RunningQuery> running)
      throws InterruptedException {
    Optional<OutputQuery> owner = prepared.ownerOfDeadLetters();
    for (OutputQuery query : prepared.queries()) {
      announce(logged, query.output(), checkpoints.of(query.output()));
      composer.start(query, owner.filter(query::equals).isPresent()).ifPresent(running::add);
    }
    boolean lacksOwner = owner.isEmpty() && prepared.hasDeadLetters();
    if (prepared.views().isPresent()) {
      ViewOutputs views = prepared.views().get();
      views.all().forEach(view -> announce(logged, view.output(), checkpoints.of(views.query())));
      composer.startViews(views, lacksOwner).ifPresent(running::add);
    } else if (lacksOwner) {
      composer.startDeadLetters(prepared.queries().get(0)).ifPresent(running::add);
    }
  }

  /** Returns when a stop is requested, a query has failed, or all have ended. */
  private void awaitEnd(List<RunningQuery> running) throws InterruptedException {
    boolean continues = true;
    while (continues && !stop.isMade()) {
      continues = false;
      for (RunningQuery each : running) {
        try {
          continues |= !each.query().awaitTermination(POLL_INTERVAL.toMillis());
        } catch (StreamingQueryException e) {
          // Reported once the others have ended, too.
          return;
        }
      }
    }
  }

  private static void announce(PrintWriter logged, OutputDefinition output, Path position) {
    logged.printf(
        "%s -> %s (position in %s)%n",
        output.name(), output.sink().place(), position.toUri().getPath());
  }

  private static String sourceName(SourceDefinition source) {
    return source instanceof KafkaSourceDefinition kafka ? kafka.topic() : source.place();
  }
}
