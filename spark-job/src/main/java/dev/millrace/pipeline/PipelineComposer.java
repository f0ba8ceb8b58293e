package dev.millrace.pipeline;

import dev.millrace.config.OutputDefinition;
import dev.millrace.config.PipelineDefinition;
import dev.millrace.config.SinkDefinition.CassandraSink;
import dev.millrace.config.TriggerDefinition;
import dev.millrace.error.QueryErrors;
import dev.millrace.error.RunErrors;
import dev.millrace.event.DecodeMetrics;
import dev.millrace.observe.ProgressReporter;
import dev.millrace.query.OutputQuery;
import dev.millrace.query.OutputQuery.Shape;
import dev.millrace.sink.Batch;
import dev.millrace.sink.Sink;
import dev.millrace.sink.Sink.Delivery;
import dev.millrace.sink.Sinks;
import dev.millrace.source.Source;
import dev.millrace.source.SourceRanges;
import dev.millrace.source.Sources;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.apache.spark.api.java.function.VoidFunction2;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.execution.streaming.StreamExecution;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.Trigger;
import org.apache.spark.storage.StorageLevel;

/**
 * Puts the stages together: the only class that knows them all. Driver only.
 *
 * <pre>
 *   source -> decode -> query -> sink
 *                  \-> rejects -> dead-letter sink
 * </pre>
 *
 * <p>Spark plans a stateful query as a stream, from the source to its result. Every other query
 * takes its messages a micro-batch at a time and is planned on the batch: so it may use row
 * functions, it knows how many messages were rejected before the batch is committed, and the sink
 * can tell which messages a task's rows stem from.
 */
final class PipelineComposer {

  private final SparkSession session;
  private final PipelineDefinition pipeline;
  private final CheckpointLayout checkpoints;
  private final Sinks sinks;
  private final ProgressReporter progress;
  private final Lookups lookups;

  PipelineComposer(
      SparkSession session,
      PipelineDefinition pipeline,
      CheckpointLayout checkpoints,
      Sinks sinks,
      Lookups lookups,
      ProgressReporter progress) {
    this.session = session;
    this.pipeline = pipeline;
    this.checkpoints = checkpoints;
    this.sinks = sinks;
    this.progress = progress;
    this.lookups = lookups;
  }

  /** Starts the query of an output; {@code rejects} is where its dead letters go, if anywhere. */
  RunningQuery start(OutputQuery query, Optional<OutputDefinition> rejects) {
    return query.shape() == Shape.STATEFUL ? startStateful(query) : startByBatch(query, rejects);
  }

  private RunningQuery startStateful(OutputQuery query) {
    Sink sink = open(query.output());
    Intake intake = Intake.of(pipeline);
    Dataset<Row> taken = intake.observed(intake.taken(stream(), query.neededColumns()));
    Dataset<Row> result = result(query, intake, taken);
    return run(
        query.output(),
        result,
        query.output().mode().name().toLowerCase(Locale.ROOT),
        new OpenSinks(List.of(sink)),
        sink::deliver);
  }

  private RunningQuery startByBatch(OutputQuery query, Optional<OutputDefinition> rejects) {
    Intake intake = Intake.of(pipeline);
    Sink sink = open(query.output());
    Optional<Sink> deadLetters = rejects.map(this::open);
    OpenSinks opened = new OpenSinks(Stream.concat(Stream.of(sink), deadLetters.stream()).toList());
    return run(
        query.output(),
        stream(),
        "append",
        opened,
        batch -> deliver(query, intake, sink, deadLetters, unplanned(batch)));
  }

  private Sink open(OutputDefinition output) {
    return sinks.open(pipeline.name(), output, checkpoints.of(output));
  }

  /** Delivers the rows that a query makes of a batch of messages, and the batch's dead letters. */
  private void deliver(
      OutputQuery query, Intake intake, Sink sink, Optional<Sink> deadLetters, Batch messages)
      throws InterruptedException {
    Batch placed = isOrdered(query) ? atOrigins(messages) : messages;
    DecodeMetrics metrics =
        query.readsEachRowOnce()
            ? deliverCounted(query, intake, sink, placed)
            : deliverKept(query, intake, sink, placed);
    progress.counted(UUID.fromString(messages.queryId()), messages.id(), metrics.counts());
    progress.unknownFields(metrics.unknownFields());
    if (deadLetters.isPresent() && metrics.counts().rejected() > 0) {
      deadLetters.get().deliver(messages.with(rejects(intake, messages.rows())));
    }
  }

  private static Dataset<Row> taken(OutputQuery query, Intake intake, Batch messages) {
    return intake.taken(messages.rows(), query.neededColumns());
  }

  private Dataset<Row> result(OutputQuery query, Intake intake, Dataset<Row> taken) {
    Dataset<Row> rows = intake.rows(taken);
    Map<String, Dataset<Row>> sides = lookups.rows(taken.sparkSession());
    return isOrdered(query) ? query.ordered(rows, sides) : query.over(rows, sides);
  }

  /** Whether the sink decides by the order of the messages which row of a key is the newest. */
  private static boolean isOrdered(OutputQuery query) {
    return query.output().sink() instanceof CassandraSink;
  }

  private Batch atOrigins(Batch messages) {
    return messages.with(
        source().atOrigins(messages.rows()),
        SourceRanges.ofTasks(messages.rows().queryExecution().toRdd(), pipeline.source().topics()));
  }

  /** Counts on the way; by an action of its own where nothing came by to be counted. */
  private DecodeMetrics deliverCounted(OutputQuery query, Intake intake, Sink sink, Batch messages)
      throws InterruptedException {
    Optional<DecodeMetrics> metrics = Optional.empty();
    try (Counted counted = intake.counted(messages.rows(), query.neededColumns())) {
      if (sink.deliver(messages.with(result(query, intake, counted.taken())))
          == Delivery.DELIVERED) {
        metrics = counted.metrics();
      }
    }
    // An earlier run had delivered the batch, or nothing of the query was left to evaluate.
    return metrics.orElseGet(() -> intake.metrics(taken(query, intake, messages)));
  }

  /** Decodes once, whatever the query reads of it how often, and counts what was decoded. */
  private DecodeMetrics deliverKept(OutputQuery query, Intake intake, Sink sink, Batch messages)
      throws InterruptedException {
    Dataset<Row> taken = taken(query, intake, messages);
    taken.persist(StorageLevel.MEMORY_AND_DISK());
    try {
      DecodeMetrics metrics = intake.metrics(taken);
      sink.deliver(messages.with(result(query, intake, taken)));
      return metrics;
    } finally {
      taken.unpersist();
    }
  }

  /** Starts a query that only writes dead letters, for outputs that can't tell of any. */
  RunningQuery startRejects(OutputDefinition output) {
    Intake intake = Intake.of(pipeline);
    Sink sink = open(output);
    return run(
        output,
        stream(),
        "append",
        new OpenSinks(List.of(sink)),
        batch -> sink.deliver(batch.with(rejects(intake, unplanned(batch).rows()))));
  }

  /** A session of its own for each query: all of them name their relation alike. */
  private Dataset<Row> stream() {
    SparkSession own = session.newSession();
    own.streams().addListener(progress);
    return source().open(own);
  }

  private Source source() {
    return Sources.of(pipeline.source(), sinks::say);
  }

  private Batch unplanned(Batch messages) {
    return messages.with(source().unplanned(messages.rows()));
  }

  /** The dead letters of a batch, each with the name of this pipeline. */
  private Dataset<Row> rejects(Intake intake, Dataset<Row> messages) {
    return intake
        .rejects(source().complete(messages))
        .withColumn("pipeline", functions.lit(pipeline.name()));
  }

  private RunningQuery run(
      OutputDefinition output,
      Dataset<Row> stream,
      String mode,
      OpenSinks opened,
      BatchDelivery delivery) {
    BatchGate gate = new BatchGate();
    OptionalLong unfinished = checkpoints.unfinishedBatch(output);
    AtomicBoolean hasBegun = new AtomicBoolean();
    try {
      StreamingQuery query =
          stream
              .writeStream()
              .queryName(output.name() + " -> " + output.sink().kind())
              .outputMode(mode)
              .option("checkpointLocation", checkpoints.of(output).toString())
              .trigger(trigger(pipeline.trigger()))
              .foreachBatch(
                  (VoidFunction2<Dataset<Row>, Long>)
                      (rows, id) -> {
                        gate.pass(id);
                        Batch batch = batch(rows, id, unfinished);
                        if (!hasBegun.getAndSet(true)) {
                          opened.begin(batch);
                        }
                        delivery.deliver(batch);
                      })
              .start();
      return new RunningQuery(
          output, query, gate, id -> checkpoints.isCommitted(output, id), opened);
    } catch (Exception e) {
      opened.close();
      // Scala's methods do not declare what they throw, so Java can't catch it by its name.
      throw e instanceof AnalysisException analysis
          ? QueryErrors.refusedQuery(output.sqlPlace(), analysis.getSimpleMessage(), e)
          : RunErrors.queryFailed(output.name(), checkpoints.of(output).toString(), e);
    }
  }

  private Batch batch(Dataset<Row> rows, long id, OptionalLong unfinished) {
    String queryId =
        rows.sparkSession().sparkContext().getLocalProperty(StreamExecution.QUERY_ID_KEY());
    boolean isReplay = unfinished.isPresent() && unfinished.getAsLong() == id;
    return new Batch(
        id, queryId, isReplay, rows, rdd -> SourceRanges.of(rdd, pipeline.source().topics()));
  }

  /** What a query does with a micro-batch, the rows being what the stream emits. */
  private interface BatchDelivery {
    void deliver(Batch batch) throws InterruptedException;
  }

  private static Trigger trigger(TriggerDefinition definition) {
    if (definition instanceof TriggerDefinition.Interval interval) {
      return Trigger.ProcessingTime(interval.interval().toMillis());
    }
    return Trigger.AvailableNow();
  }
}
