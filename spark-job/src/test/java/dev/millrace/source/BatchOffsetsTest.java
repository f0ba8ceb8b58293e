package dev.millrace.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.event.SourceRange;
import java.util.List;
import org.junit.jupiter.api.Test;

class BatchOffsetsTest {

  @Test
  void areThoseOfAllTasksTogether() {
    BatchOffsets offsets =
        new BatchOffsets(
            List.of(
                new SourceRange("rides", 0, 1, 7, 9),
                new SourceRange("rides", 0, 0, 20, 30),
                new SourceRange("rides", 0, 0, 10, 20),
                new SourceRange("replay", 1, 0, 0, 2)));

    assertThat(offsets.isEmpty()).isFalse();
    assertThat(offsets.partitions()).isEqualTo("{\"replay\":[0],\"rides\":[0,1]}");
    assertThat(offsets.starts()).isEqualTo("{\"replay\":{\"0\":0},\"rides\":{\"0\":10,\"1\":7}}");
    assertThat(offsets.ends()).isEqualTo("{\"replay\":{\"0\":2},\"rides\":{\"0\":30,\"1\":9}}");
  }

  @Test
  void leaveOutPartitionsWithoutMessages() {
    assertThat(
            new BatchOffsets(
                    List.of(
                        new SourceRange("rides", 0, 0, 5, 5), new SourceRange("rides", 0, 1, 5, 6)))
                .partitions())
        .isEqualTo("{\"rides\":[1]}");
    assertThat(new BatchOffsets(List.of(new SourceRange("rides", 0, 0, 5, 5))).isEmpty()).isTrue();
  }
}
