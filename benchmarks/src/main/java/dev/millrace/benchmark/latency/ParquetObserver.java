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
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.api.ReadSupport;
import org.apache.parquet.hadoop.example.GroupReadSupport;

/**
 * Looks into a folder repeatedly. A file counts from when a reader would take it: where Spark keeps
 * a log of its files ({@code _spark_metadata}), once it is in the log; else once it is there.
 */
final class ParquetObserver extends Observer {

  private static final String PROJECTION = "message row { optional int64 id; }";
  private static final String LOG = "_spark_metadata";
  private static final Pattern LOGGED = Pattern.compile("\"path\":\"file://([^\"]+)\"");
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  private final Path folder;
  private final boolean hasLog;
  private final Set<Path> read = new HashSet<>();
  private final Configuration configuration = new Configuration();

  ParquetObserver(Path folder, boolean hasLog) {
    super("reader of " + folder);
    this.folder = folder;
    this.hasLog = hasLog;
    configuration.set(ReadSupport.PARQUET_READ_SCHEMA, PROJECTION);
  }

  @Override
  void look(Times wanted) throws IOException {
    List<Path> files = hasLog ? logged() : published();
    long now = System.nanoTime();
    for (Path file : files) {
      try (ParquetReader<Group> rows =
          ParquetReader.builder(new GroupReadSupport(), new org.apache.hadoop.fs.Path(file.toUri()))
              .withConf(configuration)
              .build()) {
        for (Group row = rows.read(); row != null; row = rows.read()) {
          seen(row.getLong("id", 0), now);
        }
      }
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
