package dev.millrace.source.file;

import dev.millrace.config.FileSourceDefinition;
import dev.millrace.config.SourceDefinition;
import dev.millrace.error.FileErrors;
import dev.millrace.source.Source;
import dev.millrace.source.StreamRelations;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * The files that appear in a folder, a stream of {@link SourceFile}s: their contents are read a
 * micro-batch at a time, see {@link FileReader}.
 */
public record FileSource(FileSourceDefinition source) implements Source {

  @Override
  public SourceDefinition check() {
    try {
      FileFolder folder = FileFolder.of(source.path(), new Configuration());
      if (!folder.files().getFileStatus(folder.path()).isDirectory()) {
        throw FileErrors.noFolder(source.path());
      }
      return source;
    } catch (FileNotFoundException e) {
      throw FileErrors.noFolder(source.path());
    } catch (IOException e) {
      throw FileErrors.unreachableFolder(source.path(), e);
    }
  }

  /** The folder, with the file system that it is of. */
  public Path folder(SparkSession session) {
    try {
      return FileFolder.of(source.path(), session.sessionState().newHadoopConf()).path();
    } catch (IOException e) {
      throw FileErrors.unreachableFolder(source.path(), e);
    }
  }

  @Override
  public Dataset<Row> open(SparkSession session) {
    return StreamRelations.open(session, new FileScan(session, source), source.kind());
  }

  /**
   * The files of a micro-batch, those that were found first before others.
   *
   * @param batch rows of {@link #open}
   */
  public static List<SourceFile> files(Dataset<Row> batch) {
    return batch.collectAsList().stream()
        .map(row -> new SourceFile(row.getString(0), row.getLong(1), row.getLong(2)))
        .toList();
  }
}
