package dev.millrace.pipeline;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.decode;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.min_by;
import static org.apache.spark.sql.functions.raise_error;
import static org.apache.spark.sql.functions.when;

import dev.millrace.config.FileFormat;
import dev.millrace.config.TableDefinition.OnError;
import dev.millrace.decode.Decode;
import dev.millrace.decode.MessageForm;
import dev.millrace.error.DataError;
import dev.millrace.error.FileErrors;
import dev.millrace.event.DecodeCounts;
import dev.millrace.event.DecodeMetrics;
import dev.millrace.event.FileColumns;
import dev.millrace.event.Relation;
import dev.millrace.observe.ProgressReporter;
import dev.millrace.source.FileReader;
import dev.millrace.source.FileSource;
import dev.millrace.source.UnreadableFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * Files, each taken as a whole or not at all. The raw rows are their paths. Not thread-safe: one
 * for each query.
 *
 * <p>A micro-batch's files are read twice, first to find those that are odd. That is one pass over
 * all of them together; only where Spark fails are they read in ever smaller groups, until the file
 * that it fails at is found.
 */
final class FileIntake implements Intake {

  private static final StructType REJECTS =
      StructType.fromDDL("file STRING, code STRING, column STRING, message STRING");

  private final FileReader reader;
  private final Relation relation;

  /** The folder that files are expected in; empty where they may be anywhere. */
  private final Optional<Path> folder;

  private Dataset<Row> lastRaw;
  private Files last;

  /**
   * The files of a micro-batch.
   *
   * @param odd by name, why they are not taken
   */
  record Files(List<String> good, Map<String, DataError> odd) {}

  FileIntake(FileReader reader, Relation relation, Optional<Path> folder) {
    this.reader = reader;
    this.relation = relation;
    this.folder = folder;
  }

  @Override
  public Dataset<Row> taken(Dataset<Row> raw, Set<String> columns) {
    Files files = files(raw);
    if (reader.table().onError() == OnError.FAIL) {
      files.odd().values().stream()
          .findFirst()
          .ifPresent(
              odd -> {
                throw FileErrors.stoppedAtFile(odd);
              });
    }
    return rows(raw.sparkSession(), files.good());
  }

  /** {@inheritDoc} Of the files that were taken last. */
  @Override
  public Dataset<Row> observed(Dataset<Row> taken) {
    return taken.observe(ProgressReporter.DECODE, changes(), rejected(), skipped());
  }

  /** {@inheritDoc} Of the files that were taken last. */
  @Override
  public DecodeMetrics metrics(Dataset<Row> taken) {
    return DecodeMetrics.of(taken.agg(changes(), rejected(), skipped()).collectAsList().get(0));
  }

  private static Column changes() {
    return count(lit(1)).as(DecodeCounts.CHANGES);
  }

  private Column rejected() {
    long odd = last.odd().size();
    return coalesce(max(lit(odd)), lit(odd)).as(DecodeCounts.REJECTED);
  }

  private static Column skipped() {
    return count(lit(null)).as(DecodeCounts.SKIPPED);
  }

  @Override
  public Dataset<Row> rows(Dataset<Row> taken) {
    return taken;
  }

  @Override
  public Dataset<Row> rejects(Dataset<Row> raw) {
    List<Row> rejects = new ArrayList<>();
    files(raw)
        .odd()
        .forEach(
            (file, error) ->
                rejects.add(
                    RowFactory.create(file, error.code().name(), error.column(), error.message())));
    return raw.sparkSession().createDataFrame(rejects, REJECTS);
  }

  /** The rows of files that are good, in the columns of the relation. */
  Dataset<Row> rows(SparkSession session, List<String> paths) {
    if (paths.isEmpty()) {
      return session.createDataFrame(List.<Row>of(), relation.columns());
    }
    if (!reader.format().isDecoded()) {
      return reader.rows(session, paths);
    }
    List<String> position = List.of(FileColumns.FILE);
    Column isUnchanged =
        when(
                col(FileColumns.FAULT).isNotNull(),
                raise_error(
                        concat(
                            lit(FileErrors.CHANGED),
                            col(FileColumns.FILE),
                            lit(": "),
                            col(FileColumns.FAULT)))
                    .cast("boolean"))
            .otherwise(true);
    return Decode.changes(
        decoded(session, paths).where(isUnchanged), position, position, OnError.REJECT);
  }

  private Files files(Dataset<Row> raw) {
    if (raw != lastRaw) {
      last =
          check(
              raw.sparkSession(),
              raw.select(FileSource.PATH).as(Encoders.STRING()).collectAsList().stream()
                  .sorted()
                  .toList());
      lastRaw = raw;
    }
    return last;
  }

  /** Tells the files that can be read as declared from the others. */
  Files check(SparkSession session, List<String> paths) {
    Map<String, DataError> odd = new TreeMap<>();
    List<String> readable = new ArrayList<>();
    for (String path : paths) {
      Optional<String> fault = fault(session, path);
      fault.ifPresent(reason -> reject(odd, path, reason));
      if (fault.isEmpty()) {
        readable.add(path);
      }
    }
    findOdd(session, readable, odd);
    List<String> good = readable.stream().filter(path -> !odd.containsKey(name(path))).toList();
    return new Files(good, odd);
  }

  private Optional<String> fault(SparkSession session, String path) {
    Path parent = new Path(path).getParent();
    if (folder.filter(expected -> !isSame(expected, parent)).isPresent()) {
      return Optional.of(FileErrors.inSubfolder(parent.getName()));
    }
    try {
      return reader.fault(session, path);
    } catch (Exception e) {
      return Optional.of(unreadable(e, UnreadableFile.isCauseOfOpening(e)));
    }
  }

  private void findOdd(SparkSession session, List<String> paths, Map<String, DataError> odd) {
    if (paths.isEmpty()) {
      return;
    }
    try {
      findLines(session, paths, odd);
    } catch (Exception e) {
      String reason = unreadable(e, UnreadableFile.isCauseOf(e));
      if (paths.size() == 1) {
        reject(odd, paths.get(0), reason);
      } else {
        int half = paths.size() / 2;
        findOdd(session, paths.subList(0, half), odd);
        findOdd(session, paths.subList(half, paths.size()), odd);
      }
    }
  }

  private void findLines(SparkSession session, List<String> paths, Map<String, DataError> odd) {
    if (!reader.format().isDecoded()) {
      requireReadable(session, paths, odd);
      return;
    }
    Column isRejected = col(Decode.DECODED + "." + Decode.OUTCOME).equalTo(lit(Decode.REJECTED));
    Column message =
        coalesce(col(FileColumns.FAULT), col(Decode.DECODED + "." + Decode.ERROR + ".message"));
    List<Row> faults =
        decoded(session, paths)
            .where(col(FileColumns.FAULT).isNotNull().or(isRejected))
            .groupBy(FileColumns.FILE)
            .agg(
                count(lit(1)),
                min(FileColumns.LINE),
                min_by(message, coalesce(col(FileColumns.LINE), lit(0L))))
            .collectAsList();
    for (Row fault : faults) {
      reject(odd, fault.getString(0), unreadableLines(fault));
    }
  }

  private static String unreadableLines(Row fault) {
    long count = fault.getLong(1);
    String reason = fault.getString(3);
    if (fault.isNullAt(2)) {
      return FileErrors.unreadableLines(count, reason);
    }
    long line = fault.getLong(2);
    return line == 0 ? reason : FileErrors.unreadableLines(count, line, reason);
  }

  /** Reads files to their end; of text, finds those that are not UTF-8, too. */
  private void requireReadable(
      SparkSession session, List<String> paths, Map<String, DataError> odd) {
    Dataset<Row> rows = reader.rows(session, paths);
    if (reader.format() != FileFormat.TEXT) {
      rows.write().format("noop").mode("overwrite").save();
      return;
    }
    Column value = col(FileColumns.VALUE);
    Column again = decode(value.cast("binary"), "UTF-8");
    rows.where(again.notEqual(value))
        .select(FileColumns.FILE)
        .distinct()
        .as(Encoders.STRING())
        .collectAsList()
        .forEach(file -> reject(odd, file, FileErrors.notUtf8()));
  }

  private Dataset<Row> decoded(SparkSession session, List<String> paths) {
    Set<String> columns =
        reader.table().columns().stream().map(column -> column.name()).collect(Collectors.toSet());
    return Decode.messages(reader.lines(session, paths), MessageForm.ROW, reader.table(), columns);
  }

  /** Why Spark can't read a file; what is no fault of a file ends the batch. */
  private String unreadable(Exception failure, boolean isOfFile) {
    if (Thread.currentThread().isInterrupted() || !isOfFile) {
      throw failure instanceof RuntimeException unchecked
          ? unchecked
          : new IllegalStateException(failure);
    }
    return FileErrors.unreadable(reader.format().spelling(), failure);
  }

  private void reject(Map<String, DataError> odd, String path, String reason) {
    odd.putIfAbsent(name(path), FileErrors.oddFile(name(path), reason));
  }

  private static String name(String path) {
    return new Path(path).getName();
  }

  private static boolean isSame(Path expected, Path found) {
    return expected.toUri().getPath().equals(found.toUri().getPath());
  }
}
