package dev.millrace.source;

import static org.apache.spark.sql.functions.col;

import dev.millrace.config.FileSourceDefinition;
import dev.millrace.config.SourceDefinition;
import dev.millrace.error.FileErrors;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.UnsupportedFileSystemException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * The files that appear in a folder, a stream of their paths: what is in them is read a micro-batch
 * at a time, when it is known which of them can be.
 */
public record FileSource(FileSourceDefinition source) implements Source {

  /** Where a file is, as a path or a URI. */
  public static final String PATH = "path";

  /** All columns of Spark's source of whole files; the content is not asked for, so not read. */
  private static final StructType FILES =
      StructType.fromDDL("path STRING, modificationTime TIMESTAMP, length BIGINT, content BINARY");

  @Override
  public SourceDefinition check() {
    Path folder = folder();
    try {
      FileContext files = files();
      if (!files.util().exists(folder) || !files.getFileStatus(folder).isDirectory()) {
        throw FileErrors.noFolder(source.path());
      }
      return source;
    } catch (IOException e) {
      throw FileErrors.unreachableFolder(source.path(), e);
    }
  }

  /** The folder, with the file system that it is of. */
  public Path folder() {
    return files().makeQualified(new Path(source.path()));
  }

  FileContext files() {
    try {
      return FileContext.getFileContext(new Path(source.path()).toUri(), new Configuration());
    } catch (UnsupportedFileSystemException e) {
      throw FileErrors.unreachableFolder(source.path(), e);
    }
  }

  @Override
  public Dataset<Row> open(SparkSession session) {
    return session
        .readStream()
        .format("binaryFile")
        .schema(FILES)
        .option("maxFilesPerTrigger", source.maxFilesPerTrigger())
        // A file is new if it was not seen, however old it is: Spark passes over what is a week
        // older
        // than the newest.
        .option("maxFileAge", Long.MAX_VALUE / 1000 + "ms")
        // Without it the names of folders would become columns.
        .option("recursiveFileLookup", "true")
        // A file that is gone before it was read can't stop those that are there.
        .option("ignoreMissingFiles", "true")
        .load(source.path())
        .select(col(PATH));
  }
}
