package dev.millrace.sink.file;

import dev.millrace.config.OutputDefinition.Mode;
import dev.millrace.config.SinkDefinition.FileSink;
import dev.millrace.error.FileErrors;
import dev.millrace.error.RunErrors;
import dev.millrace.sink.Batch;
import dev.millrace.sink.Sink;
import dev.millrace.sink.StorageLimit;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
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

  private final FileSink definition;
  private final Mode mode;
  private final BatchFolders folders;
  private final FileContext files;
  private final Path published;
  private final Path stagingOfAllRuns;
  private final Path staging;

  public FileBatchSink(FileSink definition, Mode mode, Configuration hadoop) {
    this.definition = definition;
    this.mode = mode;
    try {
      this.folders = BatchFolders.of(definition, hadoop);
      this.files = folders.files();
      this.published = folders.batches();
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
      Optional<String> owner = folders.owner();
      if (owner.isPresent() && !owner.get().equals(queryId)) {
        throw RunErrors.foreignOutput(published.toString(), owner.get(), queryId);
      }
      if (owner.isEmpty() && !folders.published().isEmpty()) {
        throw RunErrors.foreignOutput(published.toString(), "unknown", queryId);
      }
      if (owner.isEmpty() && firstBatch > 0) {
        throw RunErrors.missingOutput(published.toString(), firstBatch);
      }
      // Only now: what lies there is of this checkpoint, and so of a run that has crashed.
      files.delete(stagingOfAllRuns, true);
      files.mkdir(staging, null, true);
      folders.write(new Path(staging, "owner"), queryId);
      if (owner.isEmpty()) {
        files.rename(
            new Path(staging, "owner"), BatchFolders.ownerFile(published), Options.Rename.NONE);
        folders.write(new Path(staging, "owner"), queryId);
      }
      if (mode == Mode.COMPLETE) {
        TreeMap<Long, Path> left = folders.published();
        left.pollLastEntry();
        remove(left.values());
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
      Path target = new Path(published, BatchFolders.BATCH + batch.id());
      if (files.util().exists(target)) {
        return Delivery.WAS_DELIVERED;
      }
      Path staged = new Path(staging, BatchFolders.BATCH + batch.id());
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
    Collection<Path> replaced = mode == Mode.COMPLETE ? folders.published().values() : List.of();
    DiskSync.tree(staged);
    files.rename(staged, target, Options.Rename.NONE);
    DiskSync.one(target.getParent());
    remove(replaced);
  }

  /** By a rename each: a reader that lists a folder meanwhile finds it whole or not at all. */
  private void remove(Collection<Path> replaced) throws IOException {
    for (Path older : replaced) {
      files.rename(
          older, new Path(staging, "replaced-" + older.getName()), Options.Rename.OVERWRITE);
    }
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
