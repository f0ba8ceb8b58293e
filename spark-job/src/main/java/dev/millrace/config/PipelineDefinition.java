package dev.millrace.config;

import dev.millrace.event.Relation;
import java.util.List;
import java.util.Map;

/**
 * A pipeline file after substitution, overrides, defaults and validation.
 *
 * @param outputs those chosen for this run, at least one
 * @param rejects where dead letters go; its path or topic still names no query
 * @param sparkConf passed to Spark as it is
 * @param checkpoints folder below which every query keeps its position, as {@code
 *     <pipeline>/<output>/<sink>}; a path or a URI of Hadoop's file systems
 * @param lookups relations beside that of the source, by names of their own
 */
public record PipelineDefinition(
    String name,
    SourceDefinition source,
    TableDefinition table,
    List<OutputDefinition> outputs,
    SinkDefinition rejects,
    TriggerDefinition trigger,
    Map<String, String> sparkConf,
    String checkpoints,
    List<LookupDefinition> lookups) {

  public PipelineDefinition {
    outputs = List.copyOf(outputs);
    sparkConf = Map.copyOf(sparkConf);
    lookups = List.copyOf(lookups);
  }

  /** What the SQL of the outputs reads. */
  public Relation relation() {
    return source.relation(table);
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
        outputs.stream().map(output -> output.withKeyOf(known)).toList(),
        rejects,
        trigger,
        sparkConf,
        checkpoints,
        lookups);
  }
}
