package dev.millrace.source;

import static org.apache.spark.sql.functions.col;

import dev.millrace.config.FileFormat;
import dev.millrace.config.FileSourceDefinition;
import dev.millrace.config.TableDefinition;
import dev.millrace.config.TableDefinition.OnError;
import dev.millrace.config.TableDefinition.TextEncoding;
import dev.millrace.error.FileErrors;
import dev.millrace.event.FileColumns;
import dev.millrace.event.RawColumns;
import dev.millrace.event.SampledMessage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * Reads some of the files that are in a source's folder beside any query: no position is kept.
 * Driver only. Fails as Spark does where a file can't be read; see {@link UnreadableFile}.
 */
public record FileSample(SparkSession session, FileSourceDefinition source) {

  /** The oldest files that the source's stream would find, first those that came first. */
  public List<String> paths(int most) {
    List<FileStatus> found = new ArrayList<>();
    FileSource folder = new FileSource(source);
    try {
      FileContext files = folder.files();
      RemoteIterator<FileStatus> statuses = files.listStatus(folder.folder());
      while (statuses.hasNext()) {
        FileStatus status = statuses.next();
        if (status.isFile()
            && status.getLen() > 0
            && !status.getPath().getName().matches("[._].*")) {
          found.add(status);
        }
      }
    } catch (IOException e) {
      throw FileErrors.unreachableFolder(source.path(), e);
    }
    return found.stream()
        .sorted(
            Comparator.comparingLong(FileStatus::getModificationTime)
                .thenComparing(status -> status.getPath().getName()))
        .limit(most)
        .map(status -> status.getPath().toString())
        .toList();
  }

  /** The columns of one file; of CSV texts by the header, of JSON none. */
  public StructType schema(String path) {
    return reader().schema(session, path);
  }

  /** The first rows of files of CSV with one header, or of JSON, each as the JSON of its values. */
  public List<SampledMessage> rows(List<String> paths, int most) {
    Dataset<Row> lines =
        source.format() == FileFormat.CSV
            ? reader()
                .lines(session, paths)
                .where(col(FileColumns.FAULT).isNull())
                .select(RawColumns.VALUE)
            : session.read().text(paths.toArray(String[]::new)).selectExpr("cast(value AS binary)");
    return lines.limit(most).collectAsList().stream()
        .map(row -> new SampledMessage(null, row.<byte[]>getAs(0)))
        .toList();
  }

  private FileReader reader() {
    return new FileReader(
        source.format(),
        source.options(),
        new TableDefinition(List.of(), TextEncoding.NONE, Set.of(), OnError.REJECT, List.of()));
  }
}
