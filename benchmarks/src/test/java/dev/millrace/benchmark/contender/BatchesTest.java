package dev.millrace.benchmark.contender;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.benchmark.contender.Contender.Run;
import dev.millrace.benchmark.contender.StreamedRun.Batches;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class BatchesTest {

  @Test
  void surviveALineOfText() {
    Batches batches = new Batches(new Run(2_000, 3_000_000, 4_000_000), List.of(1L, 2L));
    Batches none = new Batches(new Run(0, 0, 0), List.of());

    assertThat(Batches.parse(batches.toWords())).isEqualTo(batches);
    assertThat(Batches.parse(none.toWords())).isEqualTo(none);
  }

  @Test
  void soDoesAnOrderWithBlanksInItsFolder() {
    SinkTask task = new SinkTask("iceberg-merge", "rides", Path.of("/a folder/of rides"), 1_000);

    assertThat(task.runOrder()).startsWith("run ");
    assertThat(SinkTask.parse(task.runOrder().split(" ", 2)[1])).isEqualTo(task);
  }
}
