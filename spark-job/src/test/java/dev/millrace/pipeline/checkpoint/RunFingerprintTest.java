package dev.millrace.pipeline.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.config.PipelineDefinition;
import dev.millrace.config.parse.Overrides;
import dev.millrace.config.parse.Overrides.OutputChoice;
import dev.millrace.config.parse.PipelineLoader;
import dev.millrace.pipeline.SinkConnectors;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a position stands for, and what tells it from another. */
class RunFingerprintTest {

  private static final String FILE = "src/test/resources/pipelines/valid/minimal.yaml";

  private static RunFingerprint fingerprint(String sink, String deduplicate) {
    PipelineDefinition pipeline =
        new PipelineLoader(Map.of(), SinkConnectors.STANDARD.kinds())
            .load(
                FILE,
                new Overrides(
                    new OutputChoice.First(),
                    Optional.of(sink),
                    List.of(
                        "source.deduplicate=" + deduplicate,
                        "table.key=[id]",
                        "outputs.orders.key=[id]",
                        "sinks.cassandra.keyspace=shop",
                        "sinks.cassandra.table=orders"),
                    Optional.empty(),
                    Optional.empty()))
            .definition();
    return RunFingerprint.of(pipeline, pipeline.outputs().get(0), Map.of());
  }

  private static List<String> differences(String sink, String before, String now) {
    return fingerprint(sink, before).differences(fingerprint(sink, now), Set.of("id"));
  }

  @Test
  void anOutputThatLeavesOutRepeatedChangesIsAnotherOne() {
    assertThat(differences("parquet", "false", "true")).containsExactly("how the table is read");
    assertThat(differences("parquet", "true", "{window: 1h}"))
        .containsExactly("how the table is read");
    assertThat(differences("parquet", "true", "{window: 600s}")).isEmpty();
    assertThat(differences("cassandra", "false", "true")).as("it ignores them anyway").isEmpty();
  }
}
