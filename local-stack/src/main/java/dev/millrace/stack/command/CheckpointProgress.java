package dev.millrace.stack.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How far streaming queries have read a Kafka topic, from the checkpoints that Spark writes: a
 * batch N is done when {@code commits/N} exists, and {@code offsets/N} then says where it ended.
 */
final class CheckpointProgress {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path checkpoints;
  private final String topic;

  /**
   * @param checkpoints a folder with the checkpoints of any number of queries somewhere below it
   */
  CheckpointProgress(Path checkpoints, String topic) {
    this.checkpoints = checkpoints;
    this.topic = topic;
  }

  /** Whether there are queries, and all have finished a batch that ends there or later. */
  boolean hasReached(Map<Integer, Long> ends) {
    try (Stream<Path> below =
        Files.exists(checkpoints) ? Files.walk(checkpoints) : Stream.empty()) {
      List<Path> queries =
          below
              .filter(path -> path.endsWith("commits") && Files.isDirectory(path))
              .map(Path::getParent)
              .toList();
      return !queries.isEmpty() && queries.stream().allMatch(query -> hasReached(query, ends));
    } catch (IOException e) {
      // Spark replaces these files while they are read: the next look will see them.
      return false;
    }
  }

  private boolean hasReached(Path query, Map<Integer, Long> ends) {
    JsonNode offsets = lastCommitted(query).map(batch -> offsets(query, batch)).orElse(null);
    return offsets != null
        && ends.entrySet().stream()
            .allMatch(end -> offsets.path(end.getKey().toString()).asLong(0) >= end.getValue());
  }

  private static Optional<Long> lastCommitted(Path query) {
    try (Stream<Path> commits = Files.list(query.resolve("commits"))) {
      return commits
          .map(path -> path.getFileName().toString())
          .filter(name -> name.matches("[0-9]+"))
          .map(Long::valueOf)
          .max(Long::compare);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** By partition; null where the batch read another topic or the file is being written. */
  private JsonNode offsets(Path query, long batch) {
    try {
      List<String> lines =
          Files.readAllLines(query.resolve("offsets").resolve(Long.toString(batch)));
      return JSON.readTree(lines.get(lines.size() - 1)).get(topic);
    } catch (IOException e) {
      return null;
    }
  }
}
