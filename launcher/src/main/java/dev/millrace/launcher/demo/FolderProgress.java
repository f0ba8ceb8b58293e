package dev.millrace.launcher.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.launcher.demo.Checkpoints.Query;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Which files of a folder streaming queries have processed, from the checkpoints that Spark writes:
 * the end of a batch states how far it came in its log of files, {@code sources/0}.
 */
final class FolderProgress {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Checkpoints checkpoints;

  /**
   * @param checkpoints a folder with the checkpoints of any number of queries somewhere below it
   */
  FolderProgress(Path checkpoints) {
    this.checkpoints = new Checkpoints(checkpoints);
  }

  /** Whether there are queries, and all have processed the files of these names. */
  boolean hasProcessed(Set<String> names) {
    return checkpoints.isTrueOfAll(query -> processed(query).containsAll(names));
  }

  private static Set<String> processed(Query query) throws IOException {
    Optional<Long> committed = query.lastCommitted();
    Set<String> names = new HashSet<>();
    if (committed.isEmpty()) {
      return names;
    }
    long end = JSON.readTree(query.end(committed.get())).path("logOffset").asLong(-1);
    try (Stream<Path> log = Files.list(query.folder().resolve("sources").resolve("0"))) {
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
}
