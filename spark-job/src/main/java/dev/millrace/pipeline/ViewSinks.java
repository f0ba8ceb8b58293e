package dev.millrace.pipeline;

import dev.millrace.config.SinkDefinition;
import dev.millrace.pipeline.ViewOutputs.ViewOutput;
import dev.millrace.sink.Batch;
import dev.millrace.sink.Sink;
import dev.millrace.state.StateStores;
import dev.millrace.view.ViewBatch;
import dev.millrace.view.ViewEngine;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Takes the changes of a table's rows: has the engine apply each batch to the state, and hands each
 * view's changes to its sink. The state's version is committed before the first sink sees the
 * batch. A sink that has the batch leaves it out; the state step runs all the same. Driver only.
 */
final class ViewSinks implements Sink {

  private final ViewOutputs views;
  private final ViewLog log;
  private final StateStores stores;
  private final Map<String, Sink> sinks = new LinkedHashMap<>();
  private final ViewProblems problems;
  private ViewEngine engine;
  private ViewLog.Views entered;
  private long firstBatch;

  /**
   * @param sinks in the order of the views
   */
  ViewSinks(
      ViewOutputs views, ViewLog log, StateStores stores, List<Sink> sinks, ViewProblems problems) {
    this.views = views;
    this.log = log;
    this.stores = stores;
    this.problems = problems;
    for (int i = 0; i < sinks.size(); i++) {
      this.sinks.put(views.all().get(i).output().name(), sinks.get(i));
    }
  }

  @Override
  public void begin(String queryId, long batchId) throws InterruptedException {
    firstBatch = batchId;
    entered =
        log.enter(
            batchId,
            views.all().stream()
                .map(
                    view ->
                        new ViewLog.Entry(
                            0,
                            view.output().name(),
                            view.output().sql().orElseThrow(),
                            view.output().sink().place()))
                .toList());
    engine =
        new ViewEngine(
            views.layout(),
            views.all().stream().map(ViewOutput::plan).toList(),
            entered.entries().stream().map(ViewLog.Entry::id).toList(),
            stores);
    for (ViewOutput view : views.all()) {
      String name = view.output().name();
      boolean isNew = entered.added().contains(name) || entered.whole().contains(name);
      sinks.get(name).begin(queryId, isNew ? 0 : batchId);
    }
  }

  @Override
  public Delivery deliver(Batch batch) throws InterruptedException {
    boolean isFirst = batch.id() == firstBatch;
    Set<String> added = isFirst ? entered.added() : Set.of();
    Set<String> whole = isFirst ? entered.whole() : Set.of();
    try (ViewBatch changed = engine.run(batch.id(), batch.rows(), added, whole)) {
      problems.report(batch.id(), changed.problems());
      for (ViewOutput view : views.all()) {
        Batch taken = asTaken(view, changed, batch);
        Sink sink = sinks.get(view.output().name());
        if (isFirst) {
          sink.prepare(taken.rows().schema());
        }
        sink.deliver(taken);
      }
    }
    return Delivery.DELIVERED;
  }

  /** A view's changes as its kind of sink takes them; they stem from no messages of their own. */
  private static Batch asTaken(ViewOutput view, ViewBatch changed, Batch batch) {
    SinkDefinition sink = view.output().sink();
    String name = view.output().name();
    Dataset<Row> changes = changed.changes(name);
    Dataset<Row> rows;
    if (sink instanceof SinkDefinition.KafkaSink) {
      rows = ViewRows.records(view.plan(), changes);
    } else if (sink instanceof SinkDefinition.CassandraSink) {
      rows = ViewRows.upserts(view.plan(), changes);
    } else if (sink instanceof SinkDefinition.FileSink) {
      rows = ViewRows.changelog(view.plan(), changes, changed.isWhole(name));
    } else {
      rows = ViewRows.marked(view.plan(), changes);
    }
    return new Batch(batch.id(), batch.queryId(), batch.isReplay(), rows, rdd -> Optional.empty());
  }

  @Override
  public void close() {
    List<Sink> all = new ArrayList<>(sinks.values());
    try {
      new OpenSinks(all).close();
    } finally {
      stores.close();
    }
  }
}
