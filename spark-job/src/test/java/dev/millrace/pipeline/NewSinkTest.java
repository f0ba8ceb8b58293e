package dev.millrace.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.config.PipelineDefinition;
import dev.millrace.config.parse.Overrides;
import dev.millrace.config.parse.PipelineLoader;
import dev.millrace.error.UserException;
import dev.millrace.sink.memory.MemoryConnector;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a new kind of sink takes: its connector, and a place in the list of connectors. */
class NewSinkTest {

  @TempDir Path folder;

  private final MemoryConnector memory = new MemoryConnector();
  private final SinkConnectors connectors =
      new SinkConnectors(
          Stream.concat(SinkConnectors.STANDARD.all().stream(), Stream.of(memory)).toList());

  @Test
  void isReadFromTheFileAndDeliveredTo() throws Exception {
    StringWriter said = new StringWriter();

    new PipelineRun(
            pipeline("{max-characters: 6}"), new PrintWriter(said, true), 100, Set.of(), connectors)
        .run();

    assertThat(memory.rows("rides"))
        .containsExactlyInAnyOrder(RowFactory.create(1L, "Bike"), RowFactory.create(2L, "Auto"));
    // The third ride has a text that is too long.
    assertThat(said.toString()).contains("rides -> memory", "1 row of the result unstorable");
  }

  @Test
  void itsKeysAreChecked() {
    assertThatThrownBy(() -> pipeline("{max-characters: many, size: 3}"))
        .isInstanceOfSatisfying(
            UserException.class,
            refusal ->
                assertThat(refusal.problems())
                    .satisfiesExactlyInAnyOrder(
                        each ->
                            assertThat(each)
                                .contains("sinks.memory.max-characters: invalid value 'many'"),
                        each ->
                            assertThat(each)
                                .contains("sinks.memory.size: unknown key", "Use max-characters")));
  }

  private PipelineDefinition pipeline(String settings) throws IOException {
    Path input = Files.createDirectories(folder.resolve("input"));
    Files.writeString(input.resolve("rides.csv"), "id,vehicle\n1,Bike\n2,Auto\n3,Premier Sedan\n");
    Path file =
        Files.writeString(
            folder.resolve("memory.yaml"),
            """
            name: rides
            source: {files: {path: "%s", format: csv}}
            table: {columns: {id: {type: bigint}, vehicle: {type: string}}}
            outputs:
              rides: {sql: "SELECT id, vehicle FROM rows", sink: memory}
            sinks: {memory: %s}
            dead-letters: {path: "%s"}
            trigger: {available-now: true}
            checkpoints: "%s"
            """
                .formatted(input, settings, folder.resolve("dead"), folder.resolve("checkpoints")));
    return new PipelineLoader(Map.of(), connectors.kinds())
        .load(file.toString(), Overrides.none())
        .definition();
  }
}
