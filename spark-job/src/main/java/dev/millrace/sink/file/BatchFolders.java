package dev.millrace.sink.file;

import dev.millrace.config.SinkDefinition.FileSink;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.Path;

/**
 * Where the batches of an output are: in its folder, one folder each, and, once they are compacted,
 * in the folder next to it, many in one.
 *
 * <pre>
 *   output/bookings/_owner                              the checkpoint that counts the batches
 *   output/bookings/batch=6/part-....parquet
 *   output/bookings/batch=7/part-....parquet
 *   output/bookings.compacted/_owner
 *   output/bookings.compacted/from-0/part-....parquet   batches 0 to 4, with a column batch
 *   output/bookings.compacted/from-0/_last              4
 * </pre>
 *
 * <p>Driver only.
 */
record BatchFolders(FileContext files, Path batches) {

  static final String BATCH = "batch=";

  /** The number of a row's batch in copies, as readers of the output's folder have it. */
  static final String BATCH_COLUMN = "batch";

  static final String FROM = "from-";
  private static final String OWNER = "_owner";
  private static final String LAST = "_last";

  /** The folders of a sink, which need not exist. */
  static BatchFolders of(FileSink sink, Configuration hadoop) throws IOException {
    Path path = new Path(sink.path());
    FileContext files = FileContext.getFileContext(path.toUri(), hadoop);
    return new BatchFolders(files, files.makeQualified(path));
  }

  /**
   * Batches that are compacted.
   *
   * @param last the last of them
   */
  record Compacted(Path path, long first, long last) {}

  Path compacted() {
    return new Path(batches.getParent(), batches.getName() + ".compacted");
  }

  /** Batches by number. */
  TreeMap<Long, Path> published() throws IOException {
    TreeMap<Long, Path> found = new TreeMap<>();
    for (Path each : list(batches, BATCH)) {
      found.put(number(each), each);
    }
    return found;
  }

  /** What is compacted, in the order of batches. */
  List<Compacted> compactions() throws IOException {
    List<Compacted> found = new ArrayList<>();
    for (Path each : list(compacted(), FROM)) {
      long first = Long.parseLong(each.getName().substring(FROM.length()));
      found.add(new Compacted(each, first, Long.parseLong(line(new Path(each, LAST)))));
    }
    found.sort(Comparator.comparingLong(Compacted::first));
    return found;
  }

  /** The checkpoint that counts the batches; empty where no run has begun. */
  Optional<String> owner() throws IOException {
    Path owner = ownerFile(batches);
    return files.util().exists(owner) ? Optional.of(line(owner)) : Optional.empty();
  }

  /** The checkpoint whose batches are compacted; empty where none is. */
  Optional<String> compactedOwner() throws IOException {
    Path owner = ownerFile(compacted());
    return files.util().exists(owner) ? Optional.of(line(owner)) : Optional.empty();
  }

  static Path ownerFile(Path folder) {
    return new Path(folder, OWNER);
  }

  static Path lastFile(Path compaction) {
    return new Path(compaction, LAST);
  }

  static long number(Path batch) {
    return Long.parseLong(batch.getName().substring(BATCH.length()));
  }

  void write(Path file, String line) throws IOException {
    try (var out = files.create(file, EnumSet.of(CreateFlag.CREATE))) {
      out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
    }
  }

  private String line(Path file) throws IOException {
    try (var in = files.open(file)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
    }
  }

  private List<Path> list(Path folder, String prefix) throws IOException {
    List<Path> found = new ArrayList<>();
    if (files.util().exists(folder)) {
      var statuses = files.listStatus(folder);
      while (statuses.hasNext()) {
        Path each = statuses.next().getPath();
        if (each.getName().startsWith(prefix)) {
          found.add(each);
        }
      }
    }
    return found;
  }
}
