package dev.millrace.launcher.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointProgressTest {

  @TempDir Path checkpoints;

  private CheckpointProgress progress() {
    return new CheckpointProgress(checkpoints, "rides");
  }

  @Test
  void hasReachedNothingBeforeTheFirstBatch() {
    assertThat(progress().hasReached(Map.of(0, 0L))).isFalse();
  }

  @Test
  void countsCommittedBatchesAlone() throws IOException {
    batch("a/b/console", 9, "{\"rides\":{\"0\":5,\"1\":7}}");
    commit("a/b/console", 9);
    batch("a/b/console", 10, "{\"rides\":{\"0\":6,\"1\":7}}");

    assertThat(progress().hasReached(Map.of(0, 5L, 1, 7L))).isTrue();
    assertThat(progress().hasReached(Map.of(0, 6L, 1, 7L))).isFalse();

    commit("a/b/console", 10);
    assertThat(progress().hasReached(Map.of(0, 6L, 1, 7L))).isTrue();
  }

  @Test
  void waitsForEveryQuery() throws IOException {
    batch("a/fast", 0, "{\"rides\":{\"0\":5}}");
    commit("a/fast", 0);
    batch("a/slow", 0, "{\"rides\":{\"0\":4}}");
    commit("a/slow", 0);

    assertThat(progress().hasReached(Map.of(0, 4L))).isTrue();
    assertThat(progress().hasReached(Map.of(0, 5L))).isFalse();
  }

  @Test
  void takesOffsetsOfAnotherTopicForNoProgress() throws IOException {
    batch("a", 0, "{\"orders\":{\"0\":5}}");
    commit("a", 0);

    assertThat(progress().hasReached(Map.of(0, 1L))).isFalse();
  }

  private void batch(String query, int number, String offsets) throws IOException {
    Path folder = Files.createDirectories(checkpoints.resolve(query).resolve("offsets"));
    Files.writeString(folder.resolve(Integer.toString(number)), "v1\n{}\n" + offsets);
  }

  private void commit(String query, int number) throws IOException {
    Path folder = Files.createDirectories(checkpoints.resolve(query).resolve("commits"));
    Files.writeString(folder.resolve(Integer.toString(number)), "v1\n{}");
  }
}
