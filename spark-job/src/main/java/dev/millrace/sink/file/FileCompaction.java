package dev.millrace.sink.file;

import static org.apache.spark.sql.functions.col;

import dev.millrace.config.CompactionOptions;
import dev.millrace.config.CompactionOptions.Retention;
import dev.millrace.config.SinkDefinition.FileSink;
import dev.millrace.error.FileErrors;
import dev.millrace.error.RunErrors;
import dev.millrace.error.UserException;
import dev.millrace.sink.SinkCompaction;
import dev.millrace.sink.file.BatchFolders.Compacted;
import dev.millrace.sql.Columns;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Options.Rename;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;

/**
 * Copies batches of an output into few files, in the folder next to it, and removes them from the
 * output's folder once they need not stay there.
 *
 * <p>A published batch never changes, so a copy of it is final. Batches are taken in their order;
 * their copies are published by one rename, as {@code from-N}, where N is one more than the last
 * batch that is copied. So each batch is copied once: a second compaction at the same time finds
 * the name taken. A batch without rows has no folder, and counts as copied.
 *
 * <p>The newest batch always stays in the output's folder, for a run that starts again looks there
 * for the batch that it had not committed.
 */
final class FileCompaction implements SinkCompaction {

  /** Formats whose files hold their columns' types and are read by column. */
  static final Set<String> FORMATS = Set.of("parquet", "orc");

  /** A file of the folder that a compaction writes to; it is gone once another one has begun. */
  private static final String MARKER = "owner";

  private static final String REMOVED = "removed-";

  /** What one Spark job copies. */
  private static final long MAX_BYTES = 4L << 30;

  private final FileSink sink;
  private final BatchFolders folders;
  private final Path stagingOfAllRuns;
  private final Path staging;

  FileCompaction(FileSink sink, Configuration hadoop) {
    this.sink = sink;
    try {
      this.folders = BatchFolders.of(sink, hadoop);
    } catch (IOException e) {
      throw RunErrors.unwritableFolder("output folder", sink.path(), e);
    }
    Path compacted = folders.compacted();
    this.stagingOfAllRuns = new Path(compacted.getParent(), "." + compacted.getName() + ".staging");
    this.staging = new Path(stagingOfAllRuns, UUID.randomUUID().toString());
  }

  @Override
  public List<String> run(SparkSession session, CompactionOptions options) {
    String place = folders.compacted().toString();
    try {
      Optional<String> owner = folders.owner();
      if (owner.isEmpty()) {
        return List.of();
      }
      takeFolder(owner.get());
    } catch (FileNotFoundException e) {
      // Two have begun at the same time, and remove what the other one has staged.
      throw FileErrors.compactedMeanwhile(place, e);
    } catch (IOException e) {
      throw RunErrors.unwritableFolder("folder", place, e);
    }
    try {
      return compacted(session, options);
    } catch (UserException e) {
      throw e;
    } catch (Exception e) {
      // Spark's own exception is checked, and its methods do not declare it.
      throw isOvertaken()
          ? FileErrors.compactedMeanwhile(place, e)
          : FileErrors.notCompacted(place, e);
    }
  }

  private List<String> compacted(SparkSession session, CompactionOptions options)
      throws IOException {
    List<String> done = new ArrayList<>();
    // Not those that come meanwhile: a run may publish them faster than they are copied.
    TreeMap<Long, Path> published = folders.published();
    long last = published.isEmpty() ? -1 : published.lastKey();
    for (Optional<String> copied = copy(session, options, last);
        copied.isPresent();
        copied = copy(session, options, last)) {
      done.add(copied.get());
    }
    if (options.keep().isPresent()) {
      remove(options.keep().get()).ifPresent(done::add);
    }
    folders.files().delete(staging, true);
    if (!folders.files().listStatus(stagingOfAllRuns).hasNext()) {
      folders.files().delete(stagingOfAllRuns, false);
    }
    return done;
  }

  /** Whether another compaction has begun since, which removes what this one was writing. */
  private boolean isOvertaken() {
    try {
      return !folders.files().util().exists(new Path(staging, MARKER));
    } catch (IOException e) {
      throw RunErrors.unwritableFolder("folder", staging.toString(), e);
    }
  }

  private void takeFolder(String owner) throws IOException {
    Optional<String> found = folders.compactedOwner();
    if (found.isPresent() && !found.get().equals(owner)) {
      throw FileErrors.compactedByOther(
          folders.compacted().toString(), found.get(), sink.path(), owner);
    }
    removeStagedByOthers();
    folders.files().mkdir(staging, null, true);
    if (found.isEmpty()) {
      folders.files().mkdir(folders.compacted(), null, true);
      folders.write(new Path(staging, MARKER), owner);
      rename(new Path(staging, MARKER), BatchFolders.ownerFile(folders.compacted()));
    }
    folders.write(new Path(staging, MARKER), owner);
  }

  /**
   * What lies there is of a compaction that was ended, or of one that is under way, which then
   * fails. A folder is renamed before its files are deleted: it is published whole or not at all.
   */
  private void removeStagedByOthers() throws IOException {
    if (folders.files().util().exists(stagingOfAllRuns)) {
      for (FileStatus each : folders.files().util().listStatus(stagingOfAllRuns)) {
        Path removed = each.getPath();
        if (!removed.getName().startsWith(REMOVED)) {
          removed = new Path(stagingOfAllRuns, REMOVED + UUID.randomUUID());
          folders.files().rename(each.getPath(), removed, Rename.NONE);
        }
        folders.files().delete(removed, true);
      }
    }
  }

  /**
   * Copies the next batches, as many as one job takes; empty for none.
   *
   * @param last the last batch that is copied
   */
  private Optional<String> copy(SparkSession session, CompactionOptions options, long last)
      throws IOException {
    List<Compacted> before = folders.compactions();
    long first = before.isEmpty() ? 0 : before.get(before.size() - 1).last() + 1;
    TreeMap<Long, Path> batches = new TreeMap<>();
    long bytes = 0;
    for (Map.Entry<Long, Path> each : folders.published().tailMap(first).entrySet()) {
      long more = bytes(each.getValue());
      boolean isFull = !batches.isEmpty() && bytes + more > MAX_BYTES;
      if (isFull || each.getKey() > last) {
        break;
      }
      batches.put(each.getKey(), each.getValue());
      bytes += more;
    }
    if (batches.isEmpty() || (options.isFullOnly() && bytes < options.fileBytes())) {
      return Optional.empty();
    }
    Path staged = new Path(staging, UUID.randomUUID().toString());
    int files = (int) Math.max(1, (bytes + options.fileBytes() - 1) / options.fileBytes());
    write(session, List.copyOf(batches.values()), files, staged);
    if (isOvertaken()) {
      // Tasks make folders that were removed again, without what other tasks had written there.
      throw FileErrors.compactedMeanwhile(folders.compacted().toString(), null);
    }
    folders.write(BatchFolders.lastFile(staged), Long.toString(batches.lastKey()));
    DiskSync.tree(staged);
    rename(staged, new Path(folders.compacted(), BatchFolders.FROM + first));
    DiskSync.one(folders.compacted());
    return Optional.of(
        "copied %,d batches (%d to %d, %,d bytes) to %s"
            .formatted(
                batches.size(),
                batches.firstKey(),
                batches.lastKey(),
                bytes,
                folders.compacted().toUri().getPath() + "/" + BatchFolders.FROM + first));
  }

  private void rename(Path staged, Path target) throws IOException {
    try {
      folders.files().rename(staged, target, Rename.NONE);
    } catch (FileAlreadyExistsException e) {
      throw FileErrors.compactedMeanwhile(folders.compacted().toString(), e);
    }
  }

  private long bytes(Path batch) throws IOException {
    long bytes = 0;
    var found = folders.files().util().listFiles(batch, true);
    while (found.hasNext()) {
      bytes += found.next().getLen();
    }
    return bytes;
  }

  private void write(SparkSession session, List<Path> batches, int files, Path target) {
    SparkSession reading = session.newSession();
    // The names of folders are texts: 007 is not 7.
    reading.conf().set("spark.sql.sources.partitionColumnTypeInference.enabled", "false");
    if (List.of(reading.read().format(sink.kind()).load(batches.get(0).toString()).columns())
        .contains(BatchFolders.BATCH_COLUMN)) {
      throw FileErrors.columnNamedBatch(folders.batches().toString());
    }
    Dataset<Row> rows =
        reading
            .read()
            .format(sink.kind())
            .option("basePath", folders.batches().toString())
            // A column that was added later is null in batches before it.
            .option("mergeSchema", "true")
            .load(batches.stream().map(Path::toString).toArray(String[]::new))
            .withColumn(
                BatchFolders.BATCH_COLUMN, col(BatchFolders.BATCH_COLUMN).cast(DataTypes.LongType));
    Column[] partitions = sink.partitionBy().stream().map(Columns::named).toArray(Column[]::new);
    DataFrameWriter<Row> writer =
        (partitions.length == 0 ? rows.coalesce(files) : rows.repartition(files, partitions))
            .write()
            .format(sink.kind())
            .mode(SaveMode.ErrorIfExists)
            .option("mapreduce.fileoutputcommitter.marksuccessfuljobs", "false");
    if (partitions.length > 0) {
      writer.partitionBy(sink.partitionBy().toArray(String[]::new));
    }
    writer.save(target.toString());
  }

  /** By a rename each: a reader that lists the folder meanwhile finds a batch whole or not. */
  private Optional<String> remove(Retention keep) throws IOException {
    List<Compacted> copied = folders.compactions();
    if (copied.isEmpty()) {
      return Optional.empty();
    }
    TreeMap<Long, Path> published = folders.published();
    long last = copied.get(copied.size() - 1).last();
    Optional<Instant> oldest = keep.age().map(Instant.now()::minus);
    int position = 0;
    int removed = 0;
    for (Map.Entry<Long, Path> each : published.descendingMap().entrySet()) {
      boolean isNewest = position++ < Math.max(1, keep.newest().orElse(1));
      boolean isYoung = oldest.isPresent() && !modified(each.getValue()).isBefore(oldest.get());
      if (!isNewest && !isYoung && each.getKey() <= last) {
        folders
            .files()
            .rename(each.getValue(), new Path(staging, each.getValue().getName()), Rename.NONE);
        removed++;
      }
    }
    return removed == 0
        ? Optional.empty()
        : Optional.of(
            "removed %,d batches that are copied from %s"
                .formatted(removed, folders.batches().toUri().getPath()));
  }

  private Instant modified(Path batch) throws IOException {
    return Instant.ofEpochMilli(folders.files().getFileStatus(batch).getModificationTime());
  }
}
