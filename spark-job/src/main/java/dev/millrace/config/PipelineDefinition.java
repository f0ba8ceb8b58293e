package dev.millrace.config;

import dev.millrace.event.Relation;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * A pipeline file after substitution, overrides, defaults and validation.
 *
 * @param outputs those chosen for this run, at least one
 * @param deadLetters where dead letters go; its path or topic still names no query
 * @param sparkConf passed to Spark as it is
 * @param checkpoints folder below which every query keeps its position, as {@code
 *     <pipeline>/<output>/<sink>}; a path or a URI of Hadoop's file systems
 * @param lookups relations in addition to that of the source, by names of their own
 * @param state how the rows of the table are kept for its views
 * @param logFolder where each run keeps a file of what it printed; empty for nowhere
 */
public record PipelineDefinition(
    String name,
    SourceDefinition source,
    TableDefinition table,
    List<OutputDefinition> outputs,
    SinkDefinition deadLetters,
    TriggerDefinition trigger,
    Map<String, String> sparkConf,
    String checkpoints,
    List<LookupDefinition> lookups,
    StateDefinition state,
    Optional<String> logFolder) {

  /** A pipeline without a log of its own. */
  public PipelineDefinition(
      String name,
      SourceDefinition source,
      TableDefinition table,
      List<OutputDefinition> outputs,
      SinkDefinition deadLetters,
      TriggerDefinition trigger,
      Map<String, String> sparkConf,
      String checkpoints,
      List<LookupDefinition> lookups) {
    this(
        name,
        source,
        table,
        outputs,
        deadLetters,
        trigger,
        sparkConf,
        checkpoints,
        lookups,
        StateDefinition.DEFAULT,
        Optional.empty());
  }

  public PipelineDefinition {
    outputs = List.copyOf(outputs);
    sparkConf = Map.copyOf(sparkConf);
    lookups = List.copyOf(lookups);
  }

  /** Without the values of Spark's settings, which may be secret. */
  @Override
  public String toString() {
    return "pipeline %s: %s, lookups %s, outputs %s, dead letters %s, trigger %s, checkpoints %s, spark %s"
        .formatted(
            name,
            source,
            lookups,
            outputs,
            deadLetters,
            trigger,
            checkpoints,
            new TreeSet<>(sparkConf.keySet()));
  }

  /** What the SQL of the outputs reads. */
  public Relation relation() {
    return source.relation(table);
  }

  /** This pipeline with what was found out of its source, and with its key where it has one. */
  public PipelineDefinition withSource(SourceDefinition found) {
    return new PipelineDefinition(
        name,
        found,
        table,
        outputs.stream().map(output -> output.withKeyOfRows(found.key())).toList(),
        deadLetters,
        trigger,
        sparkConf,
        checkpoints,
        lookups,
        state,
        logFolder);
  }

  /**
   * This pipeline with the columns that were inferred for its table, and with the key where the
   * pipeline names none.
   */
  public PipelineDefinition withInferred(TableDefinition inferred) {
    TableDefinition known = table.withColumnsOf(inferred);
    return new PipelineDefinition(
        name,
        source,
        known,
        outputs.stream().map(output -> output.withKeyOfRows(known.key())).toList(),
        deadLetters,
        trigger,
        sparkConf,
        checkpoints,
        lookups,
        state,
        logFolder);
  }
}
