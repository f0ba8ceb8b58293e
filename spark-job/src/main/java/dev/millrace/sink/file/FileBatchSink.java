package dev.millrace.sink.file;

import dev.millrace.config.OutputDefinition.Mode;
import dev.millrace.config.SinkDefinition.FileSink;
import dev.millrace.error.FileErrors;
import dev.millrace.error.RunErrors;
import dev.millrace.sink.Batch;
import dev.millrace.sink.Sink;
import dev.millrace.sink.StorageLimit;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.LongAccumulator;

/**
 * Files, one folder a batch.
 *
 * <p>A batch is written to a hidden folder next to the output's and published as {@code batch=N} by
 * one rename. So a reader of any kind sees whole batches, each once, and needs no metadata of ours:
 *
 * <pre>
 *   output/.bookings.staging/RUN/batch=8/...   being written
 *   output/bookings/batch=6/part-....parquet   published, final
 *   output/bookings/batch=7/part-....parquet
 *   output/bookings/_owner                     the checkpoint that counts these batches
 * </pre>
 *
 * <p>A batch without rows publishes nothing. With {@link Mode#COMPLETE} the newest batch replaces
 * the one before it: it is published first, then the other is removed, so that a crash in between
 * leaves both, of which the next start removes the older. File systems must rename atomically
 * (local disks, HDFS, ABFS; not S3). On a local disk a batch is synced before it is published.
 */
public final class FileBatchSink implements Sink {

  static final String BATCH = "batch=";
  static final String OWNER = "_owner";

  private final FileSink definition;
  private final Mode mode;
  private final FileContext files;
  private final Path published;
  private final Path stagingOfAllRuns;
  private final Path staging;

  public FileBatchSink(FileSink definition, Mode mode, Configuration hadoop) {
    this.definition = definition;
    this.mode = mode;
    try {
      Path path = new Path(definition.path());
      this.files = FileContext.getFileContext(path.toUri(), hadoop);
      this.published = files.makeQualified(path);
    } catch (IOException e) {
      throw RunErrors.unwritableFolder("output folder", definition.path(), e);
    }
    if (!FileSink.RENAMING_SCHEMES.contains(published.toUri().getScheme())) {
      throw FileErrors.withoutAtomicRename(published.toString(), FileSink.RENAMING_SCHEMES);
    }
    this.stagingOfAllRuns = new Path(published.getParent(), "." + published.getName() + ".staging");
    this.staging = new Path(stagingOfAllRuns, UUID.randomUUID().toString());
  }

  @Override
  public void begin(String queryId, long firstBatch) {
    try {
      files.mkdir(published, null, true);
      Path owner = new Path(published, OWNER);
      boolean isOwned = files.util().exists(owner);
      if (isOwned) {
        requireOwner(owner, queryId);
      } else if (!batches().isEmpty()) {
        throw RunErrors.foreignOutput(published.toString(), "unknown", queryId);
      } else if (firstBatch > 0) {
        throw RunErrors.missingOutput(published.toString(), firstBatch);
      }
      // Only now: what lies there is of this checkpoint, and so of a run that has crashed.
      files.delete(stagingOfAllRuns, true);
      files.mkdir(staging, null, true);
      write(new Path(staging, "owner"), queryId);
      if (!isOwned) {
        files.rename(new Path(staging, "owner"), owner, Options.Rename.NONE);
        write(new Path(staging, "owner"), queryId);
      }
      if (mode == Mode.COMPLETE) {
        List<Path> left = batches();
        left.sort(Comparator.comparingLong(FileBatchSink::number));
        remove(left.subList(0, Math.max(0, left.size() - 1)));
      }
    } catch (IOException e) {
      throw RunErrors.unwritableFolder("output folder", published.toString(), e);
    }
  }

  @Override
  public List<StorageLimit> limits(StructType result) {
    return FileLimits.of(definition, result);
  }

  @Override
  public Delivery deliver(Batch batch) {
    try {
      Path target = new Path(published, BATCH + batch.id());
      if (files.util().exists(target)) {
        return Delivery.WAS_DELIVERED;
      }
      Path staged = new Path(staging, BATCH + batch.id());
      boolean hasRows = write(batch, staged);
      // A later run of the same checkpoint removes this run's folder while tasks still write to it.
      if (!files.util().exists(new Path(staging, "owner"))) {
        throw RunErrors.overtaken(published.toString(), batch.id());
      }
      if (hasRows || mode == Mode.COMPLETE) {
        publish(staged, target);
      } else {
        files.delete(staged, true);
      }
      return Delivery.DELIVERED;
    } catch (IOException e) {
      throw RunErrors.unwritableFolder("output folder", published.toString(), e);
    }
  }

  private boolean write(Batch batch, Path staged) {
    LongAccumulator count = batch.rows().sparkSession().sparkContext().longAccumulator();
    boolean isCsv = definition.kind().equals("csv");
    DataFrameWriter<Row> writer =
        counted(batch.rows(), count)
            .write()
            .format(isCsv ? CsvFormat.class.getName() : definition.kind())
            .options(definition.options())
            .mode(SaveMode.Overwrite)
            .option("mapreduce.fileoutputcommitter.marksuccessfuljobs", "false")
            // Of json, which would leave out the microseconds.
            .option("timestampFormat", "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX")
            .option("timestampNTZFormat", "yyyy-MM-dd'T'HH:mm:ss.SSSSSS")
            // Of json: a row has the same fields, regardless of which are null.
            .option("ignoreNullFields", "false");
    if (!definition.partitionBy().isEmpty()) {
      writer.partitionBy(definition.partitionBy().toArray(String[]::new));
    }
    writer.save(staged.toString());
    return count.value() > 0;
  }

  /** Known when the job has ended; the events of Spark's own metrics may be dropped. */
  private static Dataset<Row> counted(Dataset<Row> rows, LongAccumulator count) {
    UDF1<Boolean, Boolean> counting =
        isKept -> {
          count.add(1);
          return isKept;
        };
    return rows.where(
        functions
            .udf(counting, DataTypes.BooleanType)
            .asNondeterministic()
            .apply(functions.lit(true)));
  }

  private void publish(Path staged, Path target) throws IOException {
    List<Path> replaced = mode == Mode.COMPLETE ? batches() : List.of();
    sync(staged);
    files.rename(staged, target, Options.Rename.NONE);
    syncFile(target.getParent());
    remove(replaced);
  }

  /** By a rename each: a reader that lists a folder meanwhile finds it whole or not at all. */
  private void remove(List<Path> replaced) throws IOException {
    for (Path older : replaced) {
      files.rename(
          older, new Path(staging, "replaced-" + older.getName()), Options.Rename.OVERWRITE);
    }
  }

  static long number(Path batch) {
    return Long.parseLong(batch.getName().substring(BATCH.length()));
  }

  /**
   * Writes files and folders through to a local disk; other file systems have rules of their own.
   */
  private void sync(Path folder) throws IOException {
    if (isLocal()) {
      try (Stream<java.nio.file.Path> all =
          Files.walk(java.nio.file.Path.of(folder.toUri().getPath()))) {
        for (java.nio.file.Path each : (Iterable<java.nio.file.Path>) all::iterator) {
          force(each);
        }
      }
    }
  }

  private void syncFile(Path file) throws IOException {
    if (isLocal()) {
      force(java.nio.file.Path.of(file.toUri().getPath()));
    }
  }

  private boolean isLocal() {
    return published.toUri().getScheme().equals("file");
  }

  private static void force(java.nio.file.Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private void requireOwner(Path owner, String queryId) throws IOException {
    try (FSDataInputStream in = files.open(owner)) {
      String found = new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
      if (!found.equals(queryId)) {
        throw RunErrors.foreignOutput(published.toString(), found, queryId);
      }
    }
  }

  private void write(Path file, String line) throws IOException {
    try (FSDataOutputStream out = files.create(file, EnumSet.of(CreateFlag.CREATE))) {
      out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
    }
  }

  private List<Path> batches() throws IOException {
    List<Path> batches = new ArrayList<>();
    var statuses = files.listStatus(published);
    while (statuses.hasNext()) {
      Path path = statuses.next().getPath();
      if (path.getName().startsWith(BATCH)) {
        batches.add(path);
      }
    }
    return batches;
  }

  @Override
  public void close() {
    try {
      files.delete(staging, true);
      if (files.util().exists(stagingOfAllRuns) && !files.listStatus(stagingOfAllRuns).hasNext()) {
        files.delete(stagingOfAllRuns, false);
      }
    } catch (IOException e) {
      throw RunErrors.unwritableFolder("output folder", staging.toString(), e);
    }
  }
}
