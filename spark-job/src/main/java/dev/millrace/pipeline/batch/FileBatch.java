package dev.millrace.pipeline.batch;

import dev.millrace.config.FileFormat;
import dev.millrace.config.TableDefinition;
import dev.millrace.config.TableDefinition.OnError;
import dev.millrace.decode.MessageDecoder;
import dev.millrace.decode.MessageForm;
import dev.millrace.error.FileErrors;
import dev.millrace.event.DecodeCounts;
import dev.millrace.event.DecodeMetrics;
import dev.millrace.event.FileColumns;
import dev.millrace.source.file.FileReader;
import dev.millrace.source.file.SourceFile;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;

/**
 * Files that are read by one job: the one that evaluates {@link #rows}, each task some of the
 * files. It finds out which of them are rejected as well.
 */
public final class FileBatch implements DecodedBatch {

  private static final StructType DEAD_LETTERS =
      StructType.fromDDL("file STRING, code STRING, column STRING, message STRING");

  /** Small batches are not worth another task, which may write another file. */
  private static final long MIN_TASK_BYTES = 32L << 20;

  /** A task has at most so many bytes, unless one file has more. */
  private static final long MAX_TASK_BYTES = 128L << 20;

  /** What opening a file costs, as the time to read so many bytes. */
  private static final long OPENING_BYTES = 4L << 20;

  private final List<SourceFile> files;
  private final FileTally tally;
  private final Dataset<Row> rows;
  private final boolean isKept;

  /**
   * What is in the files.
   *
   * @param columns those of the table that are needed; the others are checked and left out
   */
  public record Contents(
      FileFormat format, Map<String, String> options, TableDefinition table, Set<String> columns) {

    /** Nothing of the records' bytes is left to decode where they have types of their own. */
    private Optional<MessageDecoder> decoder() {
      return format.isDecoded()
          ? Optional.of(new MessageDecoder(MessageForm.ROW, table, tableColumns()))
          : Optional.empty();
    }

    private Set<String> tableColumns() {
      Set<String> needed = new HashSet<>(columns);
      needed.retainAll(Set.of(table.rowType().fieldNames()));
      return needed;
    }
  }

  /**
   * Files that are still to be read.
   *
   * @param folder that each file has to be in; empty for any
   * @param isReadOnce see {@link BatchDecoder#decode}
   */
  public FileBatch(
      SparkSession session,
      List<SourceFile> files,
      Contents contents,
      Optional<Path> folder,
      boolean isReadOnce) {
    this.files = files;
    this.tally = FileTally.in(session.sparkContext());
    this.isKept = !isReadOnce;
    List<SourceFile> readable = new ArrayList<>();
    for (SourceFile file : files) {
      Path parent = file.path().getParent();
      if (folder.isEmpty() || isSame(folder.get(), parent)) {
        readable.add(file);
      } else {
        tally.add(new FileOutcome(file, 0, FileErrors.inSubfolder(parent.getName())));
      }
    }
    if (contents.table().onError() == OnError.FAIL && readable.size() < files.size()) {
      throw FileErrors.stoppedAtFile(tally.value().values().iterator().next().error());
    }
    Dataset<Row> read = read(session, readable, contents);
    this.rows = isKept ? read.persist(StorageLevel.MEMORY_AND_DISK()) : read;
  }

  private Dataset<Row> read(SparkSession session, List<SourceFile> readable, Contents contents) {
    FileReader reader =
        new FileReader(session, contents.format(), contents.options(), contents.table());
    Optional<MessageDecoder> decoder = contents.decoder();
    StructType type =
        decoder
            .map(MessageDecoder::rowType)
            .orElseGet(reader::recordType)
            .add(FileColumns.POSITION.get(0));
    List<List<SourceFile>> tasks = tasks(readable, session.sparkContext().defaultParallelism());
    return session.internalCreateDataFrame(
        JavaSparkContext.fromSparkContext(session.sparkContext())
            .parallelize(tasks, Math.max(1, tasks.size()))
            .mapPartitions(
                new FileRows(reader, decoder.orElse(null), contents.table().onError(), type, tally))
            .rdd(),
        type,
        false);
  }

  /** Files of about as many bytes for each task, in their order. */
  static List<List<SourceFile>> tasks(List<SourceFile> files, int parallelism) {
    long total = files.stream().mapToLong(FileBatch::cost).sum();
    long most = Math.max(MIN_TASK_BYTES, Math.min(MAX_TASK_BYTES, total / parallelism));
    long count = Math.max(1, (total + most - 1) / most);
    List<List<SourceFile>> tasks = new ArrayList<>();
    long taken = 0;
    for (SourceFile file : files) {
      if (taken >= tasks.size() * (total / count)) {
        tasks.add(new ArrayList<>());
      }
      tasks.get(tasks.size() - 1).add(file);
      taken += cost(file);
    }
    return tasks;
  }

  private static long cost(SourceFile file) {
    return file.bytes() + OPENING_BYTES;
  }

  @Override
  public Dataset<Row> rows() {
    return rows;
  }

  @Override
  public DecodeMetrics metrics(boolean wasRead) {
    long changes = 0;
    long rejected = 0;
    for (FileOutcome outcome : outcomes()) {
      changes += outcome.rows();
      rejected += outcome.isRejected() ? 1 : 0;
    }
    return new DecodeMetrics(new DecodeCounts(changes, rejected, 0), List.of());
  }

  @Override
  public Dataset<Row> deadLetters(UnaryOperator<Dataset<Row>> complete) {
    List<Row> letters =
        outcomes().stream()
            .filter(FileOutcome::isRejected)
            .map(
                outcome ->
                    RowFactory.create(
                        outcome.file().name(),
                        outcome.error().code().name(),
                        outcome.error().column(),
                        outcome.error().message()))
            .toList();
    return rows.sparkSession().createDataFrame(letters, DEAD_LETTERS);
  }

  /** What became of every file; by an action of its own where none has read all of them. */
  public List<FileOutcome> outcomes() {
    if (tally.value().size() < files.size()) {
      rows.queryExecution().toRdd().count();
    }
    return List.copyOf(tally.value().values());
  }

  @Override
  public void close() {
    if (isKept) {
      rows.unpersist();
    }
  }

  private static boolean isSame(Path expected, Path found) {
    return expected.toUri().getPath().equals(found.toUri().getPath());
  }
}
