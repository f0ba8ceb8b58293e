package dev.millrace.config.parse;

import dev.millrace.config.PipelineDefinition;
import java.util.List;

/**
 * A valid pipeline and the account of where its values come from.
 *
 * @param settings every effective value, defaults included, in the order of the reference; also of
 *     outputs that were not chosen
 */
public record LoadedPipeline(PipelineDefinition definition, List<Setting> settings) {

  public LoadedPipeline {
    settings = List.copyOf(settings);
  }
}
