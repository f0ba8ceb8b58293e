package dev.millrace.pipeline;

import dev.millrace.config.OutputDefinition;
import dev.millrace.config.PipelineDefinition;
import dev.millrace.config.StateDefinition.OnSinkFailure;
import dev.millrace.config.TriggerDefinition;
import dev.millrace.error.RunErrors;
import dev.millrace.error.SinkErrors;
import dev.millrace.pipeline.ViewOutputs.ViewOutput;
import dev.millrace.pipeline.batch.StorableRows;
import dev.millrace.pipeline.checkpoint.LookupLog;
import dev.millrace.pipeline.checkpoint.StateLease;
import dev.millrace.pipeline.checkpoint.ViewLog;
import dev.millrace.pipeline.lookup.Lookups;
import dev.millrace.sink.Batch;
import dev.millrace.sink.Sink;
import dev.millrace.sink.SinkReader;
import dev.millrace.state.StateStores;
import dev.millrace.view.BatchLookups;
import dev.millrace.view.StateSize;
import dev.millrace.view.ViewBatch;
import dev.millrace.view.ViewEngine;
import dev.millrace.view.table.TopicEnds;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.function.LongFunction;
import java.util.function.LongUnaryOperator;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Takes the changes of a table's rows: has the engine apply each batch to the state, and hands each
 * view's changes to its sink. The state's version is committed before the first sink sees the
 * batch. A sink that has the batch leaves it out; the state step runs all the same. Driver only.
 */
final class ViewSinks implements Sink {

  private final PipelineDefinition pipeline;
  private final ViewOutputs views;
  private final ViewLog log;
  private final LookupLog lookupLog;
  private final Lookups lookups;
  private final StateLease lease;
  private final StateStores stores;
  private final LongFunction<TopicEnds> topicEnds;
  private final LongUnaryOperator beganMillis;
  private final Map<String, ViewSink> sinks = new LinkedHashMap<>();
  private final Map<String, EarlierRows> earlier = new HashMap<>();
  private final Map<String, Sink> deadLetters;
  private final ViewProblems problems;
  private final StateListener listener;
  private final LongConsumer nextMoment;
  private final ViewShadow shadow;
  private final Consumer<String> say;
  private String queryId;
  private ViewEngine engine;
  private ViewLog.Views current;
  private long firstBatch;
  private volatile boolean hasDelivered;

  /** Learns what a batch found, before it is committed. */
  interface StateListener {

    /**
     * Called once a batch is delivered.
     *
     * @param deadLetters rows, groups and changes that the table or a view leaves out
     * @param unstorableRows rows that a view's sink can't store
     */
    void counted(Batch batch, StateSize size, long deadLetters, long unstorableRows);
  }

  /**
   * @param lookups that views are joined with
   * @param topicEnds where each batch ends in the topic, by its id
   * @param beganMillis when each batch began, in milliseconds since 1970, by its id
   * @param sinks opens the sink of a view
   * @param readers opens the reader of a view's sink
   * @param deadLetters of each view by its name, and of the table by its
   * @param nextMoment takes the time at which time alone changes a view next, in microseconds since
   *     1970, {@code Long.MAX_VALUE} for never, after each batch
   * @param say takes lines for the user
   */
  ViewSinks(
      PipelineDefinition pipeline,
      ViewOutputs views,
      ViewLog log,
      LookupLog lookupLog,
      Lookups lookups,
      StateLease lease,
      StateStores stores,
      LongFunction<TopicEnds> topicEnds,
      LongUnaryOperator beganMillis,
      Function<ViewOutput, Sink> sinks,
      Function<ViewOutput, Optional<SinkReader>> readers,
      Map<String, Sink> deadLetters,
      ViewProblems problems,
      StateListener listener,
      LongConsumer nextMoment,
      ViewShadow shadow,
      Consumer<String> say) {
    this.pipeline = pipeline;
    this.views = views;
    this.log = log;
    this.lookupLog = lookupLog;
    this.lookups = lookups;
    this.lease = lease;
    this.stores = stores;
    this.topicEnds = topicEnds;
    this.beganMillis = beganMillis;
    this.deadLetters = Map.copyOf(deadLetters);
    this.problems = problems;
    this.listener = listener;
    this.nextMoment = nextMoment;
    this.shadow = shadow;
    this.say = say;
    for (ViewOutput view : views.all()) {
      String name = view.output().name();
      this.sinks.put(name, new ViewSink(view, () -> sinks.apply(view), say));
      EarlierRows.of(view, readers.apply(view)).ifPresent(rows -> earlier.put(name, rows));
    }
  }

  @Override
  public void begin(String id, long batchId) throws InterruptedException {
    lease.take();
    queryId = id;
    firstBatch = batchId;
    current = entered(batchId);
    engine =
        new ViewEngine(
            views.layout(),
            views.all().stream().map(ViewOutput::plan).toList(),
            viewIds(),
            stores,
            pipeline.state().maxGroupRows());
    for (ViewOutput view : views.all()) {
      String name = view.output().name();
      if (current.detached().contains(name)) {
        sinks.get(name).detach(queryId);
        continue;
      }
      boolean isNew = current.added().contains(name) || current.whole().contains(name);
      try {
        sinks.get(name).begin(queryId, isNew ? 0 : batchId);
      } catch (RuntimeException e) {
        requireDetachable(e);
        detach(name, batchId, e);
      }
    }
    for (Sink each : deadLetters.values()) {
      each.begin(queryId, 0);
    }
  }

  /** The views of a batch, those apart whose sink is detached. */
  private ViewLog.Views entered(long batchId) {
    return log.enter(
        batchId,
        views.all().stream()
            .map(
                view ->
                    new ViewLog.Entry(
                        0, view.output().name(), view.definition(), view.output().sink().place()))
            .map(entry -> sinks.get(entry.name()).isAttached() ? entry : entry.detached())
            .toList());
  }

  private void requireDetachable(RuntimeException failure) {
    if (pipeline.state().onSinkFailure() != OnSinkFailure.DETACH || !RunErrors.isOutage(failure)) {
      throw failure;
    }
  }

  private void detach(String name, long batchId, Exception failure) {
    log.detach(batchId, name);
    current = current.without(name);
    sinks.get(name).detach(queryId);
    say.accept(SinkErrors.detached(name, batchId, failure));
  }

  /** Whether a sink that was detached is back, for which a batch is needed. */
  boolean awaitsBatch() {
    boolean isFirstDue = !hasDelivered && firstBatch > 0 && !current.whole().isEmpty();
    return isFirstDue || sinks.values().stream().anyMatch(ViewSink::isBack);
  }

  private List<String> detached() {
    return sinks.entrySet().stream()
        .filter(each -> !each.getValue().isAttached())
        .map(Map.Entry::getKey)
        .toList();
  }

  /** The views of the next batch, with sinks that are back. */
  private ViewLog.Views following(long batchId) {
    List<String> back =
        sinks.entrySet().stream()
            .filter(each -> each.getValue().isBack())
            .map(Map.Entry::getKey)
            .toList();
    if (back.isEmpty()) {
      return current.unchanged();
    }
    for (String name : back) {
      sinks.get(name).attach();
      say.accept(SinkErrors.attached(name, batchId));
    }
    return entered(batchId);
  }

  private List<Integer> viewIds() {
    return current.entries().stream().map(ViewLog.Entry::id).toList();
  }

  @Override
  public Delivery deliver(Batch batch) throws InterruptedException {
    lease.require();
    hasDelivered = true;
    if (batch.id() != firstBatch) {
      current = following(batch.id());
    }
    Set<String> added = current.added();
    Set<String> whole = new HashSet<>(current.whole());
    views.all().stream()
        .map(ViewOutput::output)
        .filter(output -> output.mode() == OutputDefinition.Mode.COMPLETE)
        .forEach(output -> whole.add(output.name()));
    BatchLookups joined = joined(batch, added);
    try (ViewBatch changed =
        engine.run(
            batch.id(),
            batch.rows(),
            added,
            whole,
            current.removed(),
            joined,
            topicEnds.apply(batch.id()),
            micros(batch.id()))) {
      int shadowEvery = pipeline.state().shadow();
      if (shadowEvery > 0 && (batch.id() + 1) % shadowEvery == 0) {
        shadow.compare(
            batch.rows().sparkSession(),
            batch.id(),
            viewIds(),
            joined.now(),
            changed.micros().orElse(0));
      }
      Map<String, Dataset<Row>> unstorable = new LinkedHashMap<>();
      long unstorableRows = 0;
      for (ViewOutput view : views.all()) {
        if (sinks.get(view.output().name()).isAttached()) {
          unstorableRows += delivered(view, batch, changed, unstorable);
        }
      }
      long leftOut = report(batch, changed, unstorable);
      problems.snapshotApplied(batch.id(), changed.missedDeletes().orElse(0));
      nextMoment.accept(changed.nextMoment().orElse(Long.MAX_VALUE));
      listener.counted(batch, changed.size(), leftOut, unstorableRows);
    }
    return Delivery.DELIVERED;
  }

  /**
   * Delivers what a batch changed in a view, unless its sink is away, which is detached then.
   *
   * @param unstorable takes the dead letters of rows that the sink can't store, by the view
   * @return how many these are
   */
  private long delivered(
      ViewOutput view, Batch batch, ViewBatch changed, Map<String, Dataset<Row>> unstorable)
      throws InterruptedException {
    String name = view.output().name();
    try {
      StorableViewRows rows = storable(batch, view, changed);
      long others = rows.countOfOthers(sinks.get(name).attached().deliver(of(batch, rows.rows())));
      if (others > 0) {
        unstorable.put(
            name, rows.deadLetters(PipelineComposer.DEAD_LETTER_ROW, pipeline.name(), problems));
      }
      return others;
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      // Of Scala's methods, too, which do not declare what they throw.
      requireDetachable(
          e instanceof RuntimeException unchecked ? unchecked : new IllegalStateException(e));
      detach(name, batch.id(), e);
      return 0;
    }
  }

  /** What SQL calls now(), which few pipelines ask for. */
  private long micros(long batchId) {
    return views.areTimed() ? TimeUnit.MILLISECONDS.toMicros(beganMillis.applyAsLong(batchId)) : 0;
  }

  /** The lookups of a batch, which the checkpoint has before the batch runs. */
  private BatchLookups joined(Batch batch, Set<String> added) {
    Set<String> known =
        views.all().stream()
            .filter(view -> !added.contains(view.output().name()))
            .flatMap(view -> view.plan().lookups().keySet().stream())
            .collect(Collectors.toSet());
    return lookupLog.enter(
        batch.id(),
        batch.isReplay(),
        views.lookups(),
        known,
        name -> lookups.version(name, batch.rows().sparkSession()));
  }

  /** What a batch changed in a view, and what its sink can store of it. */
  private StorableViewRows storable(Batch batch, ViewOutput view, ViewBatch changed)
      throws InterruptedException {
    String name = view.output().name();
    Sink sink = sinks.get(name).attached();
    ViewRows form = new ViewRows(view, changed.isWhole(name));
    Dataset<Row> changes = changed.changes(name);
    if (current.resumed().contains(name) && earlier.containsKey(name)) {
      changes = earlier.get(name).removedWith(changes);
    }
    return new StorableViewRows(
        new StorableRows(batch.rows().sparkSession(), view.output(), sink.limits(form.type())),
        form,
        view.plan().result(),
        changes);
  }

  /**
   * Delivers the dead letters of the table and the views, those of each in one batch.
   *
   * @param unstorable rows that sinks can't store, by the view
   * @return how many others there are
   */
  private long report(Batch batch, ViewBatch changed, Map<String, Dataset<Row>> unstorable)
      throws InterruptedException {
    Map<String, Dataset<Row>> letters = new LinkedHashMap<>(unstorable);
    long leftOut = 0;
    if (changed.hasProblems()) {
      Dataset<Row> found = changed.problems();
      problems.warn(batch.id(), found);
      leftOut = ViewProblems.count(found);
      for (String owner : ViewProblems.owners(found)) {
        letters.merge(
            owner == null ? views.layout().name() : owner,
            problems.deadLetters(
                found, Optional.ofNullable(owner), PipelineComposer.DEAD_LETTER_ROW),
            Dataset::unionByName);
      }
    }
    for (Map.Entry<String, Dataset<Row>> each : letters.entrySet()) {
      deadLetters.get(each.getKey()).deliver(of(batch, each.getValue()));
    }
    return leftOut;
  }

  /** They stem from no messages of their own. */
  private static Batch of(Batch batch, Dataset<Row> rows) {
    return new Batch(batch.id(), batch.queryId(), batch.isReplay(), rows, rdd -> Optional.empty())
        .endingAt(batch.position());
  }

  @Override
  public void close() {
    List<Runnable> closing = new ArrayList<>();
    sinks.values().forEach(sink -> closing.add(sink::close));
    deadLetters.values().forEach(sink -> closing.add(sink::close));
    closing.add(stores::close);
    closing.add(lease::close);
    List<String> left = detached();
    if (pipeline.trigger() instanceof TriggerDefinition.AvailableNow && !left.isEmpty()) {
      closing.add(
          () -> {
            throw SinkErrors.stillDetached(left);
          });
    }
    OpenSinks.closeAll(closing.stream());
  }
}
