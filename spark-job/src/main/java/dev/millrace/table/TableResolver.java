package dev.millrace.table;

import dev.millrace.config.ColumnDefinition;
import dev.millrace.config.PipelineDefinition;
import dev.millrace.config.TableDefinition;
import dev.millrace.error.InferErrors;
import dev.millrace.table.InferenceOrigin.Inferred;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Makes sure that a pipeline's table is known before its queries are planned. Driver only.
 *
 * <p>Where columns are declared they count. Where they are not, the first run infers them from what
 * is there and keeps them with the checkpoints; every later run takes those, regardless of what
 * comes by then: Spark fixes types when it plans.
 */
public final class TableResolver {

  private final PipelineDefinition pipeline;
  private final InferredTableFile frozen;
  private final PrintWriter out;

  public TableResolver(PipelineDefinition pipeline, InferredTableFile frozen, PrintWriter out) {
    this.pipeline = pipeline;
    this.frozen = frozen;
    this.out = out;
  }

  /**
   * The pipeline with its table, without any look at the source.
   *
   * @return empty where the table is inferred at the first start, which has not been yet
   * @throws dev.millrace.error.UserException where declared columns contradict what an earlier run
   *     inferred
   */
  public Optional<PipelineDefinition> known() {
    if (pipeline.source().inferredFrom().isEmpty()) {
      return Optional.of(pipeline);
    }
    Optional<TableDefinition> inferred = frozen.read();
    if (!pipeline.table().isInferred()) {
      inferred.ifPresent(this::requireAgreement);
      return Optional.of(pipeline);
    }
    inferred.ifPresent(
        table ->
            out.printf(
                "table: %d columns, as inferred at the first start (%s)%n",
                table.columns().size(), frozen.place()));
    return inferred.map(pipeline::withInferred);
  }

  /**
   * The pipeline with its table; waits for a first message or file if need be.
   *
   * @param endsWhenEmpty whether a source without any is the end, not something to wait for
   * @return empty where there was nothing to learn from before the run was to end
   * @throws dev.millrace.error.UserException where what is there can't tell the columns
   */
  public Optional<PipelineDefinition> inferred(
      InferenceOrigin origin, boolean endsWhenEmpty, BooleanSupplier isStopped)
      throws InterruptedException {
    Optional<PipelineDefinition> known = known();
    if (known.isPresent()) {
      return known;
    }
    Optional<Inferred> inferred = origin.infer();
    if (inferred.isEmpty() && !endsWhenEmpty) {
      out.printf("table: waiting for %s; Ctrl-C ends the run%n", origin.awaited());
      out.flush();
    }
    while (inferred.isEmpty() && !endsWhenEmpty) {
      if (!origin.awaitMore(isStopped)) {
        return Optional.empty();
      }
      inferred = origin.infer();
    }
    if (inferred.isEmpty()) {
      out.printf("table: %s to infer the columns from; nothing to deliver%n", origin.emptiness());
    }
    return inferred.map(this::freeze);
  }

  private PipelineDefinition freeze(Inferred inferred) {
    String yaml = inferred.table().toYaml();
    frozen.write(
        "# The table of pipeline %s, inferred at its first start from %s.%n# Every run takes it from here; to infer it again, begin with another checkpoint folder.%n"
                .formatted(pipeline.name(), inferred.from())
            + yaml);
    // What was there first counts, if two runs began at once.
    PipelineDefinition known = pipeline.withInferred(frozen.read().orElseThrow());
    out.printf("table: inferred from %s, kept in %s%n", inferred.from(), frozen.place());
    out.print(yaml);
    out.flush();
    return known;
  }

  private void requireAgreement(TableDefinition inferred) {
    List<String> problems = new ArrayList<>();
    for (ColumnDefinition column : pipeline.table().columns()) {
      inferred.columns().stream()
          .filter(before -> before.name().equals(column.name()) && !before.equals(column))
          .forEach(
              before ->
                  problems.add(
                      InferErrors.otherwiseFrozen(
                          column.name(), spoken(column), spoken(before), frozen.place())));
    }
    if (!problems.isEmpty()) {
      throw InferErrors.contradictsFrozen(problems);
    }
  }

  private static String spoken(ColumnDefinition column) {
    return column.spokenType()
        + (column.from().equals(column.name()) ? "" : " from " + column.from());
  }
}
