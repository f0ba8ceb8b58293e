package dev.millrace.config;

import dev.millrace.config.SinkDefinition.FileSink;
import dev.millrace.error.FileErrors;
import dev.millrace.error.UserErrors;
import dev.millrace.event.FileColumns;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.apache.spark.sql.types.StructField;

/**
 * Files that appear in a folder, the relation {@code rows}.
 *
 * @param path a folder, as a path or a URI of Hadoop's file systems; files of folders in it are
 *     rejected
 * @param maxFilesPerTrigger most files a micro-batch takes
 * @param options of CSV see {@link CsvDialect}; of other formats passed to Spark's reader
 */
public record FileSourceDefinition(
    String path, FileFormat format, long maxFilesPerTrigger, Map<String, String> options)
    implements SourceDefinition {

  public FileSourceDefinition {
    options = Map.copyOf(options);
  }

  @Override
  public String kind() {
    return "files";
  }

  @Override
  public String place() {
    return format.spelling() + " files in " + path;
  }

  /** Without the options' values, which may be secret. */
  @Override
  public String toString() {
    return place() + ", options " + new TreeSet<>(options.keySet());
  }

  @Override
  public Contents contents() {
    return Contents.FILES;
  }

  @Override
  public Optional<String> objectionToState() {
    return Optional.of(FileErrors.takenWhole());
  }

  @Override
  public String relationName() {
    return "rows";
  }

  @Override
  public boolean hasTable() {
    return format != FileFormat.TEXT;
  }

  /** {@inheritDoc} Without a header CSV has no names of columns. */
  @Override
  public Optional<String> inferredFrom() {
    return hasTable() && (format != FileFormat.CSV || CsvDialect.of(options).hasHeader())
        ? Optional.of("the files that are there")
        : Optional.empty();
  }

  @Override
  public List<StructField> rowColumns() {
    return format == FileFormat.TEXT ? FileColumns.TEXT : List.of();
  }

  @Override
  public List<StructField> positionColumns() {
    return FileColumns.POSITION;
  }

  @Override
  public Optional<String> objectionTo(SinkDefinition sink) {
    return sink instanceof FileSink files && Values.overlap(files.path(), path)
        ? Optional.of(UserErrors.readsItsOwnFolder(files.path(), path))
        : Optional.empty();
  }
}
