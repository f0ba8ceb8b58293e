package dev.millrace.pipeline.command;

import dev.millrace.config.LookupDefinition;
import dev.millrace.config.OutputDefinition;
import dev.millrace.config.PipelineDefinition;
import dev.millrace.error.StateErrors;
import dev.millrace.event.Relation;
import dev.millrace.pipeline.SinkConnectors;
import dev.millrace.pipeline.ViewOutputs;
import dev.millrace.pipeline.ViewOutputs.ViewOutput;
import dev.millrace.pipeline.checkpoint.CheckpointLayout;
import dev.millrace.pipeline.checkpoint.ViewLog;
import dev.millrace.pipeline.lookup.Lookups;
import dev.millrace.state.StateStores;
import dev.millrace.view.StoredViews;
import dev.millrace.view.plan.LookupRows;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * The results of a pipeline's views, and the rows of its table, as of the newest batch that is
 * committed. Read from the checkpoint, to which nothing is written, so a run may be under way.
 * Driver only.
 */
public final class CurrentViews {

  private final SparkSession session;
  private final ViewOutputs views;
  private final List<ViewLog.Entry> entries;
  private final StoredViews stored;
  private final Map<String, LookupRows> lookups;
  private final String checkpoint;
  private final long batchId;

  private CurrentViews(
      SparkSession session,
      ViewOutputs views,
      List<ViewLog.Entry> entries,
      StoredViews stored,
      Map<String, LookupRows> lookups,
      String checkpoint,
      long batchId) {
    this.session = session;
    this.views = views;
    this.entries = entries;
    this.stored = stored;
    this.lookups = lookups;
    this.checkpoint = checkpoint;
    this.batchId = batchId;
  }

  /**
   * Opens the newest version that is complete.
   *
   * @throws dev.millrace.error.UserException where there is none, or where the state is that of
   *     another table
   */
  static CurrentViews open(SparkSession session, PipelineDefinition pipeline) {
    OutputDefinition query =
        ViewOutputs.query(pipeline).orElseThrow(() -> StateErrors.noViews(pipeline.name()));
    CheckpointLayout checkpoints =
        new CheckpointLayout(pipeline, session.sparkContext().hadoopConfiguration());
    String checkpoint = checkpoints.of(query).toUri().getPath();
    OptionalLong committed = checkpoints.log(query).committed();
    Map<String, LookupRows> lookups =
        committed.isPresent()
            ? checkpoints.lookupLog(query).after(committed.getAsLong())
            : Map.of();
    ViewOutputs planned =
        ViewOutputs.plan(
                session, pipeline, relations(session, pipeline, lookups), SinkConnectors.STANDARD)
            .orElseThrow(() -> StateErrors.noViews(pipeline.name()));
    if (committed.isEmpty()) {
      throw StateErrors.noBatchYet(pipeline.name(), checkpoint);
    }
    ViewOutputs views =
        planned.with(
            checkpoints
                .tableLayout(planned.query())
                .kept(planned.layout())
                .orElseThrow(() -> StateErrors.noBatchYet(pipeline.name(), checkpoint)));
    StateStores stores = checkpoints.stores(planned.query(), session);
    return new CurrentViews(
        session,
        views,
        checkpoints.viewLog(planned.query()).after(committed.getAsLong()),
        new StoredViews(views.layout(), stores, committed.getAsLong() + 1, lookups),
        lookups,
        checkpoint,
        committed.getAsLong());
  }

  /**
   * The lookups that the state was made with, even if they have changed since; others by their
   * definition.
   */
  private static List<Relation> relations(
      SparkSession session, PipelineDefinition pipeline, Map<String, LookupRows> kept) {
    List<Relation> relations = new ArrayList<>();
    List<LookupDefinition> others = new ArrayList<>();
    for (LookupDefinition lookup : pipeline.lookups()) {
      if (kept.containsKey(lookup.name())) {
        relations.add(new Relation(lookup.name(), kept.get(lookup.name()).columns()));
      } else {
        others.add(lookup);
      }
    }
    relations.addAll(
        Lookups.open(
                others,
                session.sparkContext().hadoopConfiguration(),
                new PrintWriter(Writer.nullWriter()))
            .relations());
    return relations;
  }

  /** The lookups that the views are joined with, as the state was made with them. */
  Map<String, LookupRows> lookups() {
    return lookups;
  }

  /** What SQL calls now(), in microseconds since 1970; empty where no view depends on it. */
  OptionalLong micros() {
    return views.areTimed() ? stored.micros(session) : OptionalLong.empty();
  }

  /** The batch that all of this is the state after. */
  long batchId() {
    return batchId;
  }

  ViewOutputs views() {
    return views;
  }

  /** Whether the batches so far went to the sink that a view has in the pipeline. */
  boolean wasDelivered(OutputDefinition view) {
    return entries.stream()
        .anyMatch(
            entry -> entry.name().equals(view.name()) && entry.sink().equals(view.sink().place()));
  }

  /** The table, then the views. */
  List<String> names() {
    List<String> names = new ArrayList<>(List.of(views.layout().name()));
    views.all().forEach(view -> names.add(view.output().name()));
    return names;
  }

  /**
   * The rows of the table or of a view.
   *
   * @throws dev.millrace.error.UserException where there is no such relation, or the state does not
   *     have the view as the pipeline defines it
   */
  Dataset<Row> rows(String name) {
    if (name.equals(views.layout().name())) {
      return stored.table(session);
    }
    ViewOutput view =
        views.all().stream()
            .filter(each -> each.output().name().equals(name))
            .findFirst()
            .orElseThrow(() -> StateErrors.unknownRelation(name, names()));
    String definition = view.definition();
    int id =
        entries.stream()
            .filter(entry -> entry.name().equals(name) && entry.sql().equals(definition))
            .mapToInt(ViewLog.Entry::id)
            .findFirst()
            .orElseThrow(
                () -> StateErrors.otherDefinition(view.output().sqlPlace(), name, checkpoint));
    return stored.result(session, view.plan(), id);
  }
}
