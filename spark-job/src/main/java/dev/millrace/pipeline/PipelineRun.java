package dev.millrace.pipeline;

import dev.millrace.config.KafkaSourceDefinition;
import dev.millrace.config.LookupDefinition;
import dev.millrace.config.OutputDefinition;
import dev.millrace.config.PipelineDefinition;
import dev.millrace.config.SourceDefinition;
import dev.millrace.config.SourceDefinition.Contents;
import dev.millrace.config.TriggerDefinition;
import dev.millrace.console.Console;
import dev.millrace.error.DeadLetterErrors;
import dev.millrace.error.RunErrors;
import dev.millrace.error.UserException;
import dev.millrace.observe.ProgressReporter;
import dev.millrace.pipeline.checkpoint.Acceptance;
import dev.millrace.pipeline.checkpoint.CheckpointLayout;
import dev.millrace.pipeline.checkpoint.PositionGuard;
import dev.millrace.pipeline.checkpoint.RunLog;
import dev.millrace.pipeline.lookup.Lookups;
import dev.millrace.pipeline.postgres.PostgresView;
import dev.millrace.query.OutputQuery;
import dev.millrace.query.OutputQuery.Shape;
import dev.millrace.source.Source;
import dev.millrace.source.Sources;
import dev.millrace.table.InferenceOrigin;
import dev.millrace.table.InferredTableFile;
import dev.millrace.table.TableResolver;
import java.io.PrintWriter;
import java.io.Writer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.StreamingQueryException;

/**
 * One run of a pipeline: from its definition to its end. Driver only.
 *
 * <p>{@link #stop} may be called by any thread, before, during and after {@link #run}.
 */
public final class PipelineRun {

  private static final Duration POLL_INTERVAL = Duration.ofMillis(100);

  /** Its table's columns are known once the run has begun. */
  private PipelineDefinition pipeline;

  /** Prints to the run's log, too, once there is one. */
  private PrintWriter out;

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
   * Analyses every output's SQL without starting anything. Where the table is inferred by the first
   * run, and that has not been yet, only the syntax is checked.
   *
   * @param out where a line reports it
   * @throws UserException with all problems found
   */
  public static void validate(PipelineDefinition pipeline, PrintWriter out) {
    SinkConnectors connectors = SinkConnectors.STANDARD;
    try (SparkSession session = SparkSessions.open("millrace validate", pipeline.sparkConf())) {
      Lookups lookups = lookups(session, pipeline, new PrintWriter(Writer.nullWriter()));
      if (!knowsColumns(pipeline)) {
        out.println(
            "table: the columns are those that it has in Cassandra when the run starts; until then"
                + " only the syntax of the SQL can be checked");
        PipelineQueries.parse(session, pipeline);
        return;
      }
      InferredTableFile frozen = checkpoints(session, pipeline).frozenTable();
      Optional<PipelineDefinition> known = new TableResolver(pipeline, frozen, out).known();
      if (known.isPresent()) {
        for (OutputQuery query :
            PipelineQueries.analyze(session, known.get(), lookups, connectors)) {
          connectors
              .of(query.output().sink())
              .note(query.output(), query.result(), query.shape() == Shape.STATELESS)
              .ifPresent(out::println);
        }
        ViewOutputs.plan(session, known.get(), lookups.relations(), connectors)
            .ifPresent(views -> views.describe(out, known.get().source()));
      } else {
        out.printf(
            "table: inferred at the first start from %s, then kept in %s; until then only the syntax"
                + " of the SQL can be checked%n",
            pipeline.source().inferredFrom().orElseThrow(), frozen.place());
        PipelineQueries.parse(session, pipeline);
      }
    }
  }

  /**
   * The pipeline with its table, as far as it is known without a run. Spark is not started.
   *
   * @param out where a line reports it if the table was inferred
   * @throws UserException where the first run, which infers the table, has not been yet
   */
  public static PipelineDefinition withTable(PipelineDefinition pipeline, PrintWriter out) {
    InferredTableFile frozen = new CheckpointLayout(pipeline, new Configuration()).frozenTable();
    return new TableResolver(pipeline, frozen, out)
        .known()
        .orElseThrow(DeadLetterErrors::tableNotKnown);
  }

  /**
   * Runs until {@link #stop} is called, a query fails, or, with the trigger {@code available-now},
   * everything is delivered.
   *
   * @throws UserException where a query can't start or fails
   */
  public void run() throws InterruptedException {
    runLogged(
        () -> {
          try (SparkSession session =
              SparkSessions.open("millrace " + pipeline.name(), pipeline.sparkConf())) {
            runQueries(session);
          }
        });
  }

  /**
   * The same in a session of the caller's, which stays open. The pipeline's settings of Spark do
   * not count, and it is the caller's to set what {@link #run} sets.
   */
  public void runIn(SparkSession session) throws InterruptedException {
    runLogged(() -> runQueries(session));
  }

  private void runLogged(Work work) throws InterruptedException {
    Optional<RunLog> log =
        pipeline.logFolder().map(folder -> RunLog.begin(folder, pipeline.name(), out));
    out = log.map(RunLog::out).orElse(out);
    try {
      Source source = Sources.of(pipeline.source(), new Console(out)::say);
      Optional<SourceDefinition> found = stop.unlessMade(source::check);
      if (found.isPresent()) {
        pipeline = pipeline.withSource(found.get());
        work.run();
      }
    } catch (UserException e) {
      log.ifPresent(each -> each.failed(e));
      throw e;
    } finally {
      out.flush();
      log.ifPresent(RunLog::close);
    }
  }

  /** What is done once the source is there. */
  private interface Work {
    void run() throws InterruptedException;
  }

  private void runQueries(SparkSession session) throws InterruptedException {
    CheckpointLayout checkpoints = checkpoints(session, pipeline);
    boolean endsWhenEmpty = pipeline.trigger() instanceof TriggerDefinition.AvailableNow;
    TableResolver table = new TableResolver(pipeline, checkpoints.frozenTable(), out);
    Optional<PipelineDefinition> known = table.known();
    if (known.isEmpty()) {
      known = table.inferred(InferenceOrigin.of(pipeline, session), endsWhenEmpty, stop::isMade);
    }
    if (known.isPresent()) {
      pipeline = known.get();
      runQueries(session, checkpoints);
    }
  }

  /** Asks the run to end after the batches in flight; returns at once. */
  public void stop() {
    stop.make();
  }

  private static boolean knowsColumns(PipelineDefinition pipeline) {
    return pipeline.source().knowsColumns()
        && pipeline.lookups().stream().allMatch(LookupDefinition::knowsColumns);
  }

  private static CheckpointLayout checkpoints(SparkSession session, PipelineDefinition pipeline) {
    return new CheckpointLayout(pipeline, session.sparkContext().hadoopConfiguration());
  }

  /**
   * The lookups of a pipeline, opened.
   *
   * @param out takes the lines for the user
   */
  public static Lookups lookups(
      SparkSession session, PipelineDefinition pipeline, PrintWriter out) {
    return Lookups.open(pipeline.lookups(), session.sparkContext().hadoopConfiguration(), out);
  }

  private void runQueries(SparkSession session, CheckpointLayout checkpoints)
      throws InterruptedException {
    Lookups lookups = lookups(session, pipeline, out);
    // A lookup's cluster that is away is waited for.
    Optional<List<OutputQuery>> analyzed =
        stop.unlessMade(
            () -> {
              List<OutputQuery> found =
                  PipelineQueries.analyze(session, pipeline, lookups, connectors);
              lookups.rows(session);
              return found;
            });
    if (analyzed.isEmpty()) {
      return;
    }
    List<OutputQuery> queries = analyzed.get();
    StartChecks checks = new StartChecks(pipeline, new Console(out)::say);
    checks.checkPostgres();
    checks.checkUnchangedValues(queries);
    Optional<ViewOutputs> views =
        ViewOutputs.plan(session, pipeline, lookups.relations(), connectors);
    views.ifPresent(planned -> checkpoints.prepare(planned.query()));
    queries.forEach(query -> checkpoints.prepare(query.output()));
    PositionGuard positions =
        new PositionGuard(pipeline, checkpoints, accepted, new Console(out)::say);

    PipelineComposer composer =
        new PipelineComposer(
            session,
            pipeline,
            checkpoints,
            new Sinks(
                connectors,
                pipeline.name(),
                session.sparkContext().hadoopConfiguration(),
                out,
                consoleWidth,
                PostgresView.tableOf(pipeline)),
            lookups,
            new ProgressReporter(out, sourceName(pipeline.source())),
            positions,
            stop);
    List<RunningQuery> running = new ArrayList<>();
    try {
      startAll(composer, queries, views, checkpoints, running);
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

  private void startAll(
      PipelineComposer composer,
      List<OutputQuery> queries,
      Optional<ViewOutputs> views,
      CheckpointLayout checkpoints,
      List<RunningQuery> running)
      throws InterruptedException {
    Optional<OutputQuery> owner =
        queries.stream().filter(query -> query.shape() != Shape.STATEFUL).findFirst();
    // Rows with types of their own can all be read.
    boolean hasDeadLetters = pipeline.source().contents() != Contents.ROWS;
    for (OutputQuery query : queries) {
      boolean ownsDeadLetters = hasDeadLetters && owner.filter(query::equals).isPresent();
      announce(query.output(), checkpoints);
      composer
          .start(
              query, deadLettersOf(query.output(), ownsDeadLetters ? "" : "-rows"), ownsDeadLetters)
          .ifPresent(running::add);
    }
    if (views.isPresent()) {
      OutputDefinition query = views.get().query();
      views
          .get()
          .all()
          .forEach(
              view ->
                  out.printf(
                      "%s -> %s (position in %s)%n",
                      view.output().name(),
                      view.output().sink().place(),
                      checkpoints.of(query).toUri().getPath()));
      boolean ownsDeadLetters = owner.isEmpty() && hasDeadLetters;
      composer
          .startViews(
              views.get(),
              ownsDeadLetters ? Optional.of(deadLettersOf(query, "")) : Optional.empty())
          .ifPresent(running::add);
    } else if (owner.isEmpty() && hasDeadLetters) {
      OutputDefinition deadLetters = deadLettersOf(queries.get(0).output(), "");
      checkpoints.prepare(deadLetters);
      composer.startDeadLetters(deadLetters).ifPresent(running::add);
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

  private void announce(OutputDefinition output, CheckpointLayout checkpoints) {
    out.printf(
        "%s -> %s (position in %s)%n",
        output.name(), output.sink().place(), checkpoints.of(output).toUri().getPath());
  }

  /** The dead letters of a query: a sink that several runs share keeps each query's apart. */
  private OutputDefinition deadLettersOf(OutputDefinition owner, String suffix) {
    return deadLettersOf(pipeline, owner, suffix);
  }

  /**
   * The output that the dead letters of a query go to.
   *
   * @param suffix what tells it from others of the same output
   */
  public static OutputDefinition deadLettersOf(
      PipelineDefinition pipeline, OutputDefinition owner, String suffix) {
    String query = owner.name() + "-" + owner.sink().kind() + suffix;
    return new OutputDefinition(
        // No output can have this name: theirs have no dots.
        "dead-letters." + query,
        Optional.empty(),
        owner.sqlPlace(),
        OutputDefinition.Mode.APPEND,
        OutputDefinition.Scope.STREAM,
        Optional.empty(),
        pipeline.source().identity(),
        pipeline.deadLetters().ofQuery(query));
  }

  private static String sourceName(SourceDefinition source) {
    return source instanceof KafkaSourceDefinition kafka ? kafka.topic() : source.place();
  }
}
