package dev.millrace.pipeline;

import dev.millrace.config.OutputDefinition;
import dev.millrace.config.PipelineDefinition;
import dev.millrace.config.SinkDefinition;
import dev.millrace.config.SourceDefinition;
import dev.millrace.error.UserErrors;
import dev.millrace.error.UserException;
import dev.millrace.error.ViewErrors;
import dev.millrace.event.ChangeColumns;
import dev.millrace.event.Relation;
import dev.millrace.pipeline.checkpoint.CheckpointLayout;
import dev.millrace.pipeline.checkpoint.ViewLog;
import dev.millrace.sink.SinkConnector;
import dev.millrace.sink.ViewForm;
import dev.millrace.view.plan.ViewPlan;
import dev.millrace.view.plan.ViewPlanner;
import dev.millrace.view.table.TableLayout;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * The outputs of a pipeline whose SQL reads its table, planned. Driver only.
 *
 * @param layout the table as its state keeps it
 * @param replan plans an output for another layout of the state
 */
public record ViewOutputs(
    TableLayout layout,
    List<ViewOutput> all,
    BiFunction<OutputDefinition, TableLayout, ViewPlan> replan) {

  /** An output and how its view is kept. */
  public record ViewOutput(OutputDefinition output, ViewPlan plan, ViewForm form) {

    /** What the state knows the view by: another one is another view. */
    public String definition() {
      String sql = ViewLog.oneLine(output.sql().orElseThrow());
      return plan.lookups().isEmpty()
          ? sql
          : sql + " " + ViewLog.oneLine(plan.lookups().toString());
    }
  }

  public ViewOutputs {
    all = List.copyOf(all);
  }

  /** The one query of all views. */
  public OutputDefinition query() {
    return query(layout.name(), layout.key(), all.get(0).output().sqlPlace());
  }

  /** The query that a pipeline with views has; empty where its table has no name. */
  public static Optional<OutputDefinition> query(PipelineDefinition pipeline) {
    return pipeline
        .table()
        .name()
        .map(name -> query(name, pipeline.table().key(), pipeline.outputs().get(0).sqlPlace()));
  }

  /** No output can have its name: theirs have no dots. */
  private static OutputDefinition query(String table, List<String> key, String place) {
    return new OutputDefinition(
        CheckpointLayout.VIEWS + table,
        Optional.empty(),
        place,
        OutputDefinition.Mode.APPEND,
        OutputDefinition.Scope.STREAM,
        Optional.empty(),
        key,
        new SinkDefinition.ConsoleSink(1));
  }

  /** Whether time alone changes some view. */
  public boolean areTimed() {
    return all.stream().anyMatch(view -> view.plan().isTimed());
  }

  /** The names of the lookups that views are joined with. */
  public Set<String> lookups() {
    Set<String> names = new TreeSet<>();
    all.forEach(view -> names.addAll(view.plan().lookups().keySet()));
    return names;
  }

  /** The columns of {@code changes} that the views need. */
  public Set<String> neededColumns() {
    Set<String> needed = new LinkedHashSet<>(List.of(layout.columns().fieldNames()));
    ChangeColumns.DECODED.forEach(field -> needed.add(field.name()));
    ChangeColumns.POSITION.forEach(field -> needed.add(field.name()));
    needed.add(ChangeColumns.PLACEHOLDERS);
    return needed;
  }

  /** The same views over a state that may have more columns, planned for it. */
  public ViewOutputs with(TableLayout kept) {
    if (kept.equals(layout)) {
      return this;
    }
    return new ViewOutputs(
        kept,
        all.stream()
            .map(
                view ->
                    new ViewOutput(view.output(), replan.apply(view.output(), kept), view.form()))
            .toList(),
        replan);
  }

  /** Prints each view's key, plan and cost class, and what decides which message is the newest. */
  void describe(PrintWriter out, SourceDefinition source) {
    for (ViewOutput view : all) {
      ViewPlan plan = view.plan();
      out.printf(
          "%s: a view of %s, key (%s), %s, %s%n",
          plan.name(),
          layout.name(),
          plan.isKeyed() ? String.join(", ", plan.key()) : "none",
          plan.description(),
          plan.costClass());
    }
    if (!source.stateColumns().isEmpty()) {
      out.println(ViewErrors.orderNote(layout.name()));
    }
  }

  /** Whether an output's SQL reads the pipeline's table and not its changes. */
  static boolean isView(
      SparkSession session, PipelineDefinition pipeline, OutputDefinition output) {
    return pipeline.table().name().isPresent()
        && output.sql().isPresent()
        && ViewPlanner.reads(session, output.sql().get(), pipeline.table().name().get());
  }

  /**
   * Plans the views among a pipeline's outputs; empty where there is none.
   *
   * @param lookups that they can be joined with
   * @throws UserException with all problems found
   */
  public static Optional<ViewOutputs> plan(
      SparkSession session,
      PipelineDefinition pipeline,
      List<Relation> lookups,
      SinkConnectors connectors) {
    List<OutputDefinition> outputs =
        pipeline.outputs().stream().filter(output -> isView(session, pipeline, output)).toList();
    if (outputs.isEmpty()) {
      return Optional.empty();
    }
    String name = pipeline.table().name().orElseThrow();
    if (lookups.stream().anyMatch(lookup -> lookup.name().equalsIgnoreCase(name))) {
      throw ViewErrors.lookupNamedAsTable(name);
    }
    List<String> key = pipeline.table().key();
    StructType columns = pipeline.table().rowType();
    ViewPlanner planner = new ViewPlanner(session, name, key, columns, lookups);
    List<String> problems = new ArrayList<>();
    Set<String> needed = new LinkedHashSet<>(key);
    List<OutputDefinition> analyzed = new ArrayList<>();
    for (OutputDefinition output : outputs) {
      collect(
          problems,
          () -> {
            needed.addAll(planner.neededColumns(output.sql().orElseThrow(), output.sqlPlace()));
            analyzed.add(output);
          });
    }
    StructType kept =
        new StructType(
            Arrays.stream(columns.fields())
                .filter(field -> needed.contains(field.name()))
                .toArray(StructField[]::new));
    TableLayout layout =
        new TableLayout(
            name, key, kept, pipeline.state().partitions(), pipeline.state().tombstoneRetention());
    List<ViewOutput> planned = new ArrayList<>();
    for (OutputDefinition output : analyzed) {
      collect(problems, () -> planned.add(planned(planner, layout, output, connectors)));
    }
    if (!problems.isEmpty()) {
      throw UserErrors.invalidConfiguration(problems);
    }
    requireOwnPlaces(planned, pipeline);
    return Optional.of(
        new ViewOutputs(
            layout,
            planned,
            (output, other) -> planned(planner, other, output, connectors).plan()));
  }

  private static void requireOwnPlaces(List<ViewOutput> views, PipelineDefinition pipeline) {
    for (ViewOutput view : views) {
      String place = view.output().sink().place();
      for (OutputDefinition other : pipeline.outputs()) {
        if (view.form().isByKey()
            && !other.name().equals(view.output().name())
            && other.sink().place().equals(place)) {
          throw ViewErrors.sharedPlace(view.output().sqlPlace(), place, other.name());
        }
      }
    }
  }

  private static ViewOutput planned(
      ViewPlanner planner, TableLayout layout, OutputDefinition output, SinkConnectors connectors) {
    SinkConnector connector = connectors.of(output.sink());
    ViewForm form = connector.viewForm();
    ViewPlan plan =
        planner.plan(output.name(), output.sql().orElseThrow(), output.sqlPlace(), layout);
    boolean isComplete = output.mode() == OutputDefinition.Mode.COMPLETE;
    if (output.mode() == OutputDefinition.Mode.UPDATE || (isComplete && !form.allowsComplete())) {
      throw ViewErrors.modeNotAllowed(output.sqlPlace(), output.sink().kind());
    }
    if (form.isByKey() && plan.canRepeatRows() && plan.isRowByRow()) {
      plan = withCheckedKey(plan, output, layout);
    }
    if (form.isByKey() && !plan.isKeyed() && plan.isOfPairs()) {
      throw ViewErrors.keysOfBothSidesNotSelected(
          output.sqlPlace(), output.sink().kind(), layout.key());
    }
    if (form.isByKey() && !plan.isKeyed()) {
      throw ViewErrors.keyNotSelected(output.sqlPlace(), output.sink().kind(), layout.key());
    }
    List<String> objections = new ArrayList<>(connector.objections(output.sink(), plan.result()));
    objections.addAll(
        connector.objectionsToKey(plan.key().stream().map(plan.result()::apply).toList()));
    if (!objections.isEmpty()) {
      throw UserErrors.invalidConfiguration(
          objections.stream()
              .map(objection -> UserErrors.at(output.sqlPlace(), objection))
              .toList());
    }
    return new ViewOutput(
        new OutputDefinition(
            output.name(),
            output.sql(),
            output.sqlPlace(),
            output.mode(),
            output.scope(),
            output.watermark(),
            plan.key(),
            output.sink()),
        plan,
        form);
  }

  /** Several rows may stem from one of the table: the key is the table's, or a given one. */
  private static ViewPlan withCheckedKey(
      ViewPlan plan, OutputDefinition output, TableLayout layout) {
    if (plan.key().size() < layout.key().size()) {
      return plan;
    }
    List<String> key = output.key().isEmpty() ? plan.key() : output.key();
    List<String> columns = List.of(plan.result().fieldNames());
    if (!columns.containsAll(key) || !key.containsAll(plan.key())) {
      throw ViewErrors.keyOfSeveralRows(output.sqlPlace(), key, plan.key(), columns);
    }
    return plan.withCheckedKey(key);
  }

  private static void collect(List<String> problems, Runnable check) {
    try {
      check.run();
    } catch (UserException e) {
      problems.addAll(e.problems());
    }
  }
}
