package dev.millrace.benchmark.latency;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Looks into a folder repeatedly. A file counts from when a reader would take it: where Spark keeps
 * a log of its files ({@code _spark_metadata}), once it is in the log; else once it is there.
 */
final class ParquetObserver extends Observer {

  private static final String LOG = "_spark_metadata";
  private static final Pattern LOGGED = Pattern.compile("\"path\":\"file://([^\"]+)\"");
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  private final Path folder;
  private final boolean hasLog;
  private final Set<Path> read = new HashSet<>();
  private final ParquetIds ids = new ParquetIds(false);

  ParquetObserver(Path folder, boolean hasLog) {
    super("reader of " + folder);
    this.folder = folder;
    this.hasLog = hasLog;
  }

  @Override
  void look(Times wanted) throws IOException {
    List<Path> files = hasLog ? logged() : published();
    long now = System.nanoTime();
    for (Path file : files) {
      ids.read(new org.apache.hadoop.fs.Path(file.toUri()), id -> seen(id, now));
    }
    LockSupport.parkNanos(PAUSE_NANOS);
  }

  private List<Path> published() throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> found = Files.walk(folder)) {
      return found
          .filter(file -> file.toString().endsWith(".parquet"))
          .filter(file -> !isHidden(folder.relativize(file)))
          .filter(read::add)
          .toList();
    }
  }

  private static boolean isHidden(Path file) {
    for (Path part : file) {
      if (part.toString().startsWith(".") || part.toString().startsWith("_")) {
        return true;
      }
    }
    return false;
  }

  private List<Path> logged() throws IOException {
    Path log = folder.resolve(LOG);
    if (!Files.isDirectory(log)) {
      return List.of();
    }
    List<Path> entries;
    try (Stream<Path> found = Files.list(log)) {
      entries =
          found
              // Every tenth entry has those before it as well, and is the only one of its batch.
              .filter(file -> file.getFileName().toString().matches("\\d+(\\.compact)?"))
              .filter(read::add)
              .toList();
    }
    return entries.stream().flatMap(ParquetObserver::filesOf).filter(read::add).toList();
  }

  private static Stream<Path> filesOf(Path entry) {
    try {
      return LOGGED
          .matcher(Files.readString(entry))
          .results()
          .map(found -> Path.of(found.group(1)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  void release() {}
}
