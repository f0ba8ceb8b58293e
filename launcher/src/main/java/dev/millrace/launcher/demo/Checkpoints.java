package dev.millrace.launcher.demo;

import dev.millrace.stack.server.Folders;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What Spark's streaming queries write of their progress, below one folder: a batch N is done when
 * {@code commits/N} exists, and {@code offsets/N} then states how far it came.
 */
record Checkpoints(Path folder) {

  /** The checkpoint of one query. */
  record Query(Path folder) {

    /** The last batch that is done; empty where there is none. */
    Optional<Long> lastCommitted() throws IOException {
      try (Stream<Path> commits = Files.list(folder.resolve("commits"))) {
        return commits
            .map(path -> path.getFileName().toString())
            .filter(name -> name.matches("[0-9]+"))
            .map(Long::valueOf)
            .max(Long::compare);
      }
    }

    /** The end of a batch, JSON as the query's source writes it. */
    String end(long batch) throws IOException {
      List<String> lines =
          Files.readAllLines(folder.resolve("offsets").resolve(Long.toString(batch)));
      return lines.get(lines.size() - 1);
    }
  }

  /** What is asked of a query. */
  interface Question {
    boolean isTrueOf(Query query) throws IOException;
  }

  /** Whether there are queries, and the answer is yes for all of them. */
  boolean isTrueOfAll(Question question) {
    try {
      List<Path> queries =
          Folders.below(folder).stream()
              .filter(path -> path.endsWith("commits"))
              .map(Path::getParent)
              .toList();
      for (Path query : queries) {
        if (!question.isTrueOf(new Query(query))) {
          return false;
        }
      }
      return !queries.isEmpty();
    } catch (IOException | UncheckedIOException e) {
      // Spark replaces these files while they are read: the next look will see them.
      return false;
    }
  }
}
