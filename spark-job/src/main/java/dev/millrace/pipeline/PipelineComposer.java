package dev.millrace.pipeline;

import dev.millrace.config.OutputDefinition;
import dev.millrace.config.PipelineDefinition;
import dev.millrace.config.StateDefinition.OnSinkFailure;
import dev.millrace.config.StateDefinition.Snapshots;
import dev.millrace.config.TriggerDefinition;
import dev.millrace.error.QueryErrors;
import dev.millrace.error.RunErrors;
import dev.millrace.event.ChangeColumns;
import dev.millrace.event.DecodeMetrics;
import dev.millrace.observe.ProgressReporter;
import dev.millrace.observe.StateCounts;
import dev.millrace.pipeline.batch.BatchDecoder;
import dev.millrace.pipeline.batch.BatchDecoders;
import dev.millrace.pipeline.batch.DecodedBatch;
import dev.millrace.pipeline.batch.Deduplication;
import dev.millrace.pipeline.batch.Deduplication.DeduplicatedBatch;
import dev.millrace.pipeline.batch.KeptQuery;
import dev.millrace.pipeline.batch.Lazy;
import dev.millrace.pipeline.batch.StorableRows;
import dev.millrace.pipeline.checkpoint.CheckpointLayout;
import dev.millrace.pipeline.checkpoint.CheckpointLog;
import dev.millrace.pipeline.checkpoint.PositionGuard;
import dev.millrace.pipeline.checkpoint.RunFingerprint;
import dev.millrace.pipeline.checkpoint.TopicEndsFile;
import dev.millrace.pipeline.lookup.Lookups;
import dev.millrace.query.OutputQuery;
import dev.millrace.query.OutputQuery.Shape;
import dev.millrace.sink.Batch;
import dev.millrace.sink.Batch.Scan;
import dev.millrace.sink.Sink;
import dev.millrace.sink.Sink.Delivery;
import dev.millrace.source.Source;
import dev.millrace.source.SourceRanges;
import dev.millrace.source.Sources;
import dev.millrace.state.StateStores;
import dev.millrace.view.StateSize;
import dev.millrace.view.table.TopicEnds;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.function.VoidFunction2;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.execution.streaming.StreamExecution;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.Trigger;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;

/**
 * Puts the stages together: the only class that knows them all. Driver only.
 *
 * <pre>
 *   source -> decode -> query -> sink
 *                  \-> dead letters -> dead-letter sink
 * </pre>
 *
 * <p>Spark plans a stateful query as a stream, from the source to its result. Every other query
 * takes its messages a micro-batch at a time and is planned on the batch: so it may use row
 * functions, it knows how many messages were rejected before the batch is committed, and the sink
 * can tell which messages a task's rows stem from.
 */
public final class PipelineComposer {

  /** Columns of the dead letters of rows, where no messages are among them. */
  static final StructType DEAD_LETTER_ROW =
      new StructType()
          .add("topic", DataTypes.StringType)
          .add("partition", DataTypes.IntegerType)
          .add("offset", DataTypes.LongType)
          .add("timestamp", DataTypes.TimestampType)
          .add("key", DataTypes.BinaryType)
          .add("value", DataTypes.BinaryType)
          .add("file", DataTypes.StringType)
          .add("pipeline", DataTypes.StringType)
          .add("code", DataTypes.StringType)
          .add("column", DataTypes.StringType)
          .add("message", DataTypes.StringType);

  private final SparkSession session;
  private final PipelineDefinition pipeline;
  private final CheckpointLayout checkpoints;
  private final Sinks sinks;
  private final ProgressReporter progress;
  private final Lookups lookups;
  private final PositionGuard positions;
  private final StopRequest stop;

  PipelineComposer(
      SparkSession session,
      PreparedPipeline prepared,
      CheckpointLayout checkpoints,
      Sinks sinks,
      ProgressReporter progress,
      PositionGuard positions,
      StopRequest stop) {
    this.session = session;
    this.pipeline = prepared.definition();
    this.checkpoints = checkpoints;
    this.sinks = sinks;
    this.progress = progress;
    this.lookups = prepared.lookups();
    this.positions = positions;
    this.stop = stop;
  }

  /**
   * Starts the query of an output, once its position is checked and its sinks are ready.
   *
   * @param ownsDeadLetters whether the messages that can't be read are among them; else they are
   *     only rows that its sink can't store
   * @return empty where the run is to end before that
   */
  Optional<RunningQuery> start(OutputQuery query, boolean ownsDeadLetters)
      throws InterruptedException {
    Sink opened =
        openDeadLetters(
            query.output(),
            ownsDeadLetters ? DeadLetterOutput.OF_MESSAGES : DeadLetterOutput.OF_ROWS);
    return query.shape() == Shape.STATEFUL
        ? startStateful(query, new SinkOnDemand(opened))
        : startByBatch(query, ownsDeadLetters ? opened : new SinkOnDemand(opened), ownsDeadLetters);
  }

  private Optional<RunningQuery> startStateful(OutputQuery query, Sink deadLetters)
      throws InterruptedException {
    Sink sink = open(query.output());
    Dataset<Row> rows = BatchDecoders.of(pipeline).stream(stream(), query.neededColumns());
    return run(
        query.output(),
        result(query, rows),
        query.output().mode().name().toLowerCase(Locale.ROOT),
        new OpenSinks(List.of(sink, deadLetters)),
        Optional.of(query),
        batch -> deliverResult(query, sink, deadLetters, batch));
  }

  /** The result of a stateful query must not be evaluated twice. */
  private void deliverResult(OutputQuery query, Sink sink, Sink deadLetters, Batch batch)
      throws InterruptedException {
    StorableRows storable = storable(query, sink, batch.rows().schema());
    if (storable.areAll()) {
      sink.deliver(batch);
      return;
    }
    Dataset<Row> rows = batch.rows().persist(StorageLevel.MEMORY_AND_DISK());
    try {
      Delivery delivery = sink.deliver(batch.with(storable.of(rows)));
      long unstorable = storable.countOfOthers(() -> rows, delivery);
      progress.unstorable(UUID.fromString(batch.queryId()), batch.id(), unstorable);
      if (unstorable > 0) {
        deadLetters.deliver(
            batch.with(storable.deadLetters(rows, DEAD_LETTER_ROW, pipeline.name())));
      }
    } finally {
      rows.unpersist();
    }
  }

  private StorableRows storable(OutputQuery query, Sink sink, StructType result)
      throws InterruptedException {
    return new StorableRows(session, query.output(), sink.limits(result));
  }

  private Optional<RunningQuery> startByBatch(
      OutputQuery query, Sink deadLetters, boolean ownsDeadLetters) throws InterruptedException {
    Sink sink = open(query.output());
    Optional<StateStores> seen =
        isDeduplicated(query)
            ? Optional.of(checkpoints.seenStores(query.output(), session))
            : Optional.empty();
    BatchQuery byBatch =
        new BatchQuery(
            query,
            BatchDecoders.of(pipeline),
            seen.map(stores -> deduplication(query, stores)),
            // Rows at their origins are read in another way in a batch that holds replayed
            // messages.
            new KeptQuery(query.hasFixedPlan() && !query.output().isOrdered()),
            sink,
            deadLetters,
            ownsDeadLetters);
    return run(
        query.output(),
        stream(),
        "append",
        new OpenSinks(List.of(sink, deadLetters), seen),
        Optional.of(query),
        batch -> deliver(byBatch, batch));
  }

  /**
   * A query whose rows each follow from one batch.
   *
   * @param deduplication that its batches pass; empty where repeated changes are delivered
   * @param kept its plan
   * @param ownsDeadLetters whether the messages that can't be read are among its dead letters
   */
  private record BatchQuery(
      OutputQuery query,
      BatchDecoder decoder,
      Optional<Deduplication> deduplication,
      KeptQuery kept,
      Sink sink,
      Sink deadLetters,
      boolean ownsDeadLetters) {

    /** What its batches are decoded to. */
    Set<String> columns() {
      return deduplication
          .map(each -> each.columns(query.neededColumns()))
          .orElseGet(query::neededColumns);
    }

    DecodedBatch decoded(Batch batch) {
      boolean isReadOnce = deduplication.isPresent() || query.readsEachRowOnce();
      return kept.decoded(batch.dataset(), raw -> decoder.decode(raw, columns(), isReadOnce));
    }
  }

  /** A sink that decides by the order of the messages ignores those that are repeated. */
  private boolean isDeduplicated(OutputQuery query) {
    return pipeline.source().deduplicationWindow().isPresent() && !query.output().isOrdered();
  }

  private Deduplication deduplication(OutputQuery query, StateStores seen) {
    return new Deduplication(
        session,
        pipeline.table().key(),
        pipeline.source().deduplicationWindow().orElseThrow(),
        seen,
        checkpoints.seenVersions(query.output())::enter);
  }

  private Sink openDeadLetters(OutputDefinition owner, String suffix) {
    return open(DeadLetterOutput.of(pipeline, owner, suffix));
  }

  private Sink open(OutputDefinition output) {
    return sinks.open(output, checkpoints.of(output));
  }

  /** Decodes a batch, leaves out what was delivered before if that is wanted, and delivers it. */
  private void deliver(BatchQuery byBatch, Batch stream) throws InterruptedException {
    Batch batch = unplanned(stream);
    Batch placed = byBatch.query().output().isOrdered() ? atOrigins(batch) : batch;
    Optional<RDD<InternalRow>> scanned = source().scanned(stream.rows());
    try (DecodedBatch decoded = byBatch.decoded(placed)) {
      if (byBatch.deduplication().isEmpty()) {
        deliver(byBatch, decoded, scanned, placed, batch);
        return;
      }
      Optional<Scan> decoding = scanned.map(rows -> new Scan(byBatch.kept().decodePlan(), rows));
      SparkSession sessionOfBatch = stream.rows().sparkSession();
      try (DeduplicatedBatch first =
          byBatch.deduplication().get().of(sessionOfBatch, decoded, batch, decoding)) {
        progress.repeated(UUID.fromString(batch.queryId()), batch.id(), first.repeated());
        if (first.unknown() > 0) {
          progress.unrecognisable(byBatch.query().output().name());
        }
        deliver(byBatch, first, Optional.of(first.scanned()), placed, batch);
      }
    }
  }

  /**
   * Delivers the rows that a query makes of a batch, and the batch's dead letters.
   *
   * @param scanned what a plan over the decoded rows scans
   * @param placed the batch that the sink is given
   */
  private void deliver(
      BatchQuery byBatch,
      DecodedBatch decoded,
      Optional<RDD<InternalRow>> scanned,
      Batch placed,
      Batch batch)
      throws InterruptedException {
    KeptQuery kept = byBatch.kept();
    Supplier<Dataset<Row>> result = new Lazy<>(() -> result(byBatch.query(), decoded.rows()));
    StorableRows storable =
        kept.storable().isPresent()
            ? kept.storable().get()
            : kept.keep(storable(byBatch.query(), byBatch.sink(), result.get().schema()));
    Delivery delivery =
        byBatch
            .sink()
            .deliver(
                placed.with(
                    new Lazy<>(() -> storable.of(result.get())),
                    scanned.map(rows -> new Scan(kept.plan(), rows))));
    DecodeMetrics metrics = decoded.metrics(delivery == Delivery.DELIVERED);
    progress.counted(UUID.fromString(batch.queryId()), batch.id(), metrics.counts());
    progress.unknownFields(metrics.unknownFields());
    boolean hasDeadLetters = byBatch.ownsDeadLetters() && metrics.counts().rejected() > 0;
    StorableRows refused =
        new StorableRows(session, byBatch.query().output(), byBatch.sink().refused(placed));
    long unstorable =
        storable.countOfOthers(result, delivery)
            + refused.countOfOthers(result, Delivery.WAS_DELIVERED);
    progress.unstorable(UUID.fromString(batch.queryId()), batch.id(), unstorable);
    if (hasDeadLetters || unstorable > 0) {
      byBatch
          .deadLetters()
          .deliver(
              batch.with(
                  deadLetters(
                      decoded,
                      byBatch.ownsDeadLetters(),
                      List.of(storable, refused),
                      result.get(),
                      batch)));
    }
  }

  /** All kinds in one batch, which is published whole; the same rows in a replay. */
  private Dataset<Row> deadLetters(
      DecodedBatch decoded,
      boolean ownsDeadLetters,
      List<StorableRows> storable,
      Dataset<Row> result,
      Batch batch) {
    Optional<Dataset<Row>> rejected =
        ownsDeadLetters ? Optional.of(deadLetters(decoded, batch)) : Optional.empty();
    StructType type = rejected.map(Dataset::schema).orElse(DEAD_LETTER_ROW);
    Stream<Dataset<Row>> unstorable =
        storable.stream()
            .filter(each -> !each.areAll())
            .map(each -> each.deadLetters(result, type, pipeline.name()));
    return Stream.concat(rejected.stream(), unstorable).reduce(Dataset::unionByName).orElseThrow();
  }

  private Dataset<Row> result(OutputQuery query, Dataset<Row> rows) {
    Map<String, Dataset<Row>> sides = lookups.rows(rows.sparkSession());
    return query.output().isOrdered() ? query.ordered(rows, sides) : query.over(rows, sides);
  }

  private Batch atOrigins(Batch messages) {
    return messages.with(
        source().atOrigins(messages.rows()),
        SourceRanges.ofTasks(messages.rows().queryExecution().toRdd(), pipeline.source().topics()));
  }

  /**
   * Starts the one query of all views of the table: one read, one decode, one state.
   *
   * @param ownsDeadLetters whether the messages that can't be read are its dead letters
   */
  Optional<RunningQuery> startViews(ViewOutputs planned, boolean ownsDeadLetters)
      throws InterruptedException {
    OutputDefinition query = planned.query();
    ViewOutputs views = planned.with(checkpoints.tableLayout(query).agreed(planned.layout()));
    BatchDecoder decoder = BatchDecoders.of(pipeline);
    StateStores stores = checkpoints.stores(query, session);
    Optional<Sink> deadLetters =
        ownsDeadLetters
            ? Optional.of(openDeadLetters(query, DeadLetterOutput.OF_MESSAGES))
            : Optional.empty();
    AtomicLong nextMomentMicros = new AtomicLong();
    ViewSinks sink =
        new ViewSinks(
            pipeline,
            views,
            checkpoints.viewLog(query),
            checkpoints.lookupLog(query),
            lookups,
            checkpoints.lease(query),
            stores,
            topicEnds(query),
            checkpoints.log(query)::beganMillis,
            view -> openView(query, view.output()),
            view -> sinks.reader(view.output()),
            viewDeadLetters(query, views),
            new ViewProblems(
                pipeline.name(), views.layout().name(), pipeline.source().topics(), sinks::say),
            this::viewsCounted,
            nextMomentMicros::set,
            new ViewShadow(views, stores, sinks::say),
            sinks::say);
    OpenSinks opened = new OpenSinks(Stream.concat(Stream.of(sink), deadLetters.stream()).toList());
    boolean hasOwnBatches =
        views.areTimed() || pipeline.state().onSinkFailure() == OnSinkFailure.DETACH;
    return run(
        query,
        hasOwnBatches
            ? stream(
                () -> sink.awaitsBatch() || (views.areTimed() && hasCome(nextMomentMicros.get())))
            : stream(),
        "append",
        opened,
        Optional.empty(),
        batch -> deliverViews(views, decoder, sink, deadLetters, unplanned(batch)));
  }

  /** Where the batches of the views end in the topic, which is of use to whole snapshots only. */
  private LongFunction<TopicEnds> topicEnds(OutputDefinition query) throws InterruptedException {
    if (pipeline.state().snapshots() == Snapshots.PARTIAL) {
      return batch -> TopicEnds.UNKNOWN;
    }
    return new TopicEndsFile(checkpoints.log(query), source(), pipeline.source().topics().get(0))
        ::of;
  }

  private void viewsCounted(
      Batch batch, StateSize size, long deadLetterCount, long unstorableRows) {
    UUID query = UUID.fromString(batch.queryId());
    progress.counted(
        query,
        batch.id(),
        new StateCounts(size.rows(), size.groups(), size.bytes(), size.millis(), deadLetterCount));
    progress.unstorable(query, batch.id(), unstorableRows);
  }

  /** Where the rows go that a view, or the table, leaves out; by their names. */
  private Map<String, Sink> viewDeadLetters(OutputDefinition query, ViewOutputs views) {
    Map<String, Sink> all = new HashMap<>();
    all.put(views.layout().name(), onDemand(query));
    views.all().forEach(view -> all.put(view.output().name(), onDemand(view.output())));
    return all;
  }

  private Sink onDemand(OutputDefinition owner) {
    return new SinkOnDemand(openDeadLetters(owner, DeadLetterOutput.OF_ROWS));
  }

  private Sink openView(OutputDefinition query, OutputDefinition view) {
    Path checkpoint = new Path(checkpoints.of(query), "sinks/" + view.name());
    return sinks.openView(view, checkpoint);
  }

  /** Applies a batch to the table's state, and delivers what changed, and its dead letters. */
  private void deliverViews(
      ViewOutputs views, BatchDecoder decoder, Sink sink, Optional<Sink> deadLetters, Batch batch)
      throws InterruptedException {
    Batch placed = atOrigins(batch);
    try (DecodedBatch decoded = decoder.decode(placed.rows(), views.neededColumns(), true)) {
      sink.deliver(
          placed.with(withOwnPartitions(decoded.rows(), pipeline.source().topics().get(0))));
      DecodeMetrics metrics = decoded.metrics(true);
      progress.counted(UUID.fromString(batch.queryId()), batch.id(), metrics.counts());
      progress.unknownFields(metrics.unknownFields());
      if (deadLetters.isPresent() && metrics.counts().rejected() > 0) {
        deadLetters.get().deliver(batch.with(deadLetters(decoded, batch)));
      }
    }
  }

  /** Partitions of another topic, that of replays, are none of the table's own: they count down. */
  public static Dataset<Row> withOwnPartitions(Dataset<Row> changes, String topic) {
    Column partition = functions.col(ChangeColumns.PARTITION);
    return changes.withColumn(
        ChangeColumns.PARTITION,
        functions
            .when(functions.col(ChangeColumns.TOPIC).equalTo(topic), partition)
            .otherwise(functions.lit(-1).minus(partition)));
  }

  /** Starts a query that only writes dead letters, for outputs that can't tell of any. */
  Optional<RunningQuery> startDeadLetters(OutputQuery first) throws InterruptedException {
    OutputDefinition output =
        DeadLetterOutput.of(pipeline, first.output(), DeadLetterOutput.OF_MESSAGES);
    checkpoints.prepare(output);
    BatchDecoder decoder = BatchDecoders.of(pipeline);
    Sink sink = open(output);
    return run(
        output,
        stream(),
        "append",
        new OpenSinks(List.of(sink)),
        Optional.empty(),
        batch -> {
          Batch messages = unplanned(batch);
          try (DecodedBatch decoded = decoder.decode(messages.rows(), Set.of(), true)) {
            sink.deliver(batch.with(deadLetters(decoded, messages)));
          }
        });
  }

  private Dataset<Row> stream() {
    return source().open(ownSession());
  }

  /** One for each query: all of them name their relation alike. */
  private SparkSession ownSession() {
    SparkSession own = session.newSession();
    own.streams().addListener(progress);
    return own;
  }

  private Dataset<Row> stream(BooleanSupplier isDue) {
    return source().open(ownSession(), isDue);
  }

  private static boolean hasCome(long micros) {
    return TimeUnit.MILLISECONDS.toMicros(System.currentTimeMillis()) >= micros;
  }

  private Source source() {
    return Sources.of(pipeline.source(), sinks::say);
  }

  private Batch unplanned(Batch messages) {
    return messages.with(new Lazy<>(() -> source().unplanned(messages.rows())), Optional.empty());
  }

  /** The dead letters of a batch, each with the name of this pipeline. */
  private Dataset<Row> deadLetters(DecodedBatch decoded, Batch messages) {
    return decoded
        .deadLetters(raw -> source().complete(messages.rows()))
        .withColumn("pipeline", functions.lit(pipeline.name()));
  }

  private Optional<RunningQuery> run(
      OutputDefinition output,
      Dataset<Row> stream,
      String mode,
      OpenSinks opened,
      Optional<OutputQuery> analyzed,
      BatchDelivery delivery)
      throws InterruptedException {
    BatchGate gate = new BatchGate();
    OptionalLong unfinished = checkpoints.log(output).unfinished();
    try {
      if (stop.unlessMade(() -> begun(output, opened, analyzed)).isEmpty()) {
        opened.close();
        return Optional.empty();
      }
    } catch (RuntimeException | InterruptedException e) {
      opened.close();
      throw e;
    }
    try {
      StreamingQuery query =
          stream
              .writeStream()
              .queryName(
                  CheckpointLayout.isOfViews(output)
                      ? output.name()
                      : output.name() + " -> " + output.sink().kind())
              .outputMode(mode)
              .option("checkpointLocation", checkpoints.of(output).toString())
              .trigger(trigger(pipeline.trigger()))
              .foreachBatch(
                  (VoidFunction2<Dataset<Row>, Long>)
                      (rows, id) -> {
                        gate.pass(id);
                        delivery.deliver(
                            batch(rows, id, unfinished).endingAt(() -> position(output, id)));
                      })
              .start();
      return Optional.of(
          new RunningQuery(output, query, gate, id -> checkpoints.isCommitted(output, id), opened));
    } catch (Exception e) {
      opened.close();
      // Scala's methods do not declare what they throw, so Java can't catch it by its name.
      throw e instanceof AnalysisException analysis
          ? QueryErrors.refusedQuery(output.sqlPlace(), analysis.getSimpleMessage(), e)
          : RunErrors.queryFailed(output.name(), checkpoints.of(output).toString(), e);
    }
  }

  /** Position first: sinks of a position that is refused are left as they are. */
  private OpenSinks begun(OutputDefinition output, OpenSinks opened, Optional<OutputQuery> analyzed)
      throws InterruptedException {
    RunFingerprint fingerprint =
        positions.require(
            output,
            analyzed
                .filter(query -> query.shape() == Shape.STATEFUL)
                .map(OutputQuery::neededColumns));
    CheckpointLog log = checkpoints.log(output);
    opened.begin(log.queryId(), log.next(), analyzed.map(OutputQuery::delivered));
    positions.pin(output, fingerprint, opened.identities());
    return opened;
  }

  private Batch batch(Dataset<Row> rows, long id, OptionalLong unfinished) {
    String queryId =
        rows.sparkSession().sparkContext().getLocalProperty(StreamExecution.QUERY_ID_KEY());
    boolean isReplay = unfinished.isPresent() && unfinished.getAsLong() == id;
    return new Batch(
        id, queryId, isReplay, rows, rdd -> SourceRanges.of(rdd, pipeline.source().topics()));
  }

  /** The end of each source, in Spark's JSON, one after the other. */
  private Optional<String> position(OutputDefinition output, long id) {
    return Optional.of(String.join(" ", checkpoints.log(output).endOf(id).offsets()));
  }

  /** A sink that few queries need: it begins with the first batch that is delivered to it. */
  private static final class SinkOnDemand implements Sink {

    private final Sink sink;
    private String queryId;
    private boolean hasBegun;

    SinkOnDemand(Sink sink) {
      this.sink = sink;
    }

    @Override
    public void begin(String id, long firstBatch) {
      queryId = id;
    }

    @Override
    public Delivery deliver(Batch batch) throws InterruptedException {
      if (!hasBegun) {
        sink.begin(queryId, 0);
        hasBegun = true;
      }
      return sink.deliver(batch);
    }

    @Override
    public void close() {
      sink.close();
    }
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
