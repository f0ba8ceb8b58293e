package dev.millrace.stack.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Which files of a folder streaming queries have processed, from the checkpoints that Spark writes:
 * a batch N is done when {@code commits/N} exists, {@code offsets/N} then says how far in its log
 * of files it came, and {@code sources/0} is that log.
 */
final class FolderProgress {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path checkpoints;

  /**
   * @param checkpoints a folder with the checkpoints of any number of queries somewhere below it
   */
  FolderProgress(Path checkpoints) {
    this.checkpoints = checkpoints;
  }

  /** Whether there are queries, and all have processed the files of these names. */
  boolean hasProcessed(Set<String> names) {
    try (Stream<Path> below =
        Files.exists(checkpoints) ? Files.walk(checkpoints) : Stream.empty()) {
      List<Path> queries =
          below
              .filter(path -> path.endsWith("commits") && Files.isDirectory(path))
              .map(Path::getParent)
              .toList();
      for (Path query : queries) {
        if (!processed(query).containsAll(names)) {
          return false;
        }
      }
      return !queries.isEmpty();
    } catch (IOException e) {
      // Spark replaces these files while they are read: the next look will see them.
      return false;
    }
  }

  private static Set<String> processed(Path query) throws IOException {
    Optional<Long> committed = newest(query.resolve("commits"));
    Set<String> names = new HashSet<>();
    if (committed.isEmpty()) {
      return names;
    }
    List<String> offsets =
        Files.readAllLines(query.resolve("offsets").resolve(committed.get().toString()));
    long end = JSON.readTree(offsets.get(offsets.size() - 1)).path("logOffset").asLong(-1);
    try (Stream<Path> log = Files.list(query.resolve("sources").resolve("0"))) {
      for (Path batch : log.filter(FolderProgress::isBatch).toList()) {
        for (String line : Files.readAllLines(batch)) {
          JsonNode entry = line.startsWith("{") ? JSON.readTree(line) : JSON.createObjectNode();
          if (entry.path("batchId").asLong(Long.MAX_VALUE) <= end) {
            String path = entry.path("path").asText();
            names.add(path.substring(path.lastIndexOf('/') + 1));
          }
        }
      }
    }
    return names;
  }

  /** A batch's own entries, or those of all batches up to it. */
  private static boolean isBatch(Path path) {
    return path.getFileName().toString().matches("[0-9]+(\\.compact)?");
  }

  private static Optional<Long> newest(Path log) throws IOException {
    try (Stream<Path> files = Files.list(log)) {
      return files
          .map(path -> path.getFileName().toString())
          .filter(name -> name.matches("[0-9]+"))
          .map(Long::valueOf)
          .max(Long::compare);
    }
  }
}
