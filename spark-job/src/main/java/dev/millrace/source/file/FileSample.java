package dev.millrace.source.file;

import dev.millrace.config.FileSourceDefinition;
import dev.millrace.config.TableDefinition;
import dev.millrace.config.TableDefinition.OnError;
import dev.millrace.config.TextEncoding;
import dev.millrace.error.FileErrors;
import dev.millrace.event.SampledMessage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * Reads some of the files that are in a source's folder apart from any query: no position is kept.
 * Driver only. Fails as {@link FileReader#open} does where a file can't be read.
 */
public final class FileSample {

  private final FileSourceDefinition source;
  private final SparkSession session;
  private final FileReader reader;

  public FileSample(SparkSession session, FileSourceDefinition source) {
    this.session = session;
    this.source = source;
    this.reader =
        new FileReader(
            session,
            source.format(),
            source.options(),
            new TableDefinition(List.of(), TextEncoding.NONE, Set.of(), OnError.REJECT, List.of()));
  }

  /** The oldest files that the source's stream would find, first those that came first. */
  public List<SourceFile> files(int most) {
    try {
      List<SourceFile> found =
          FileFolder.of(source.path(), session.sessionState().newHadoopConf()).list();
      return found.subList(0, Math.min(most, found.size()));
    } catch (IOException e) {
      throw FileErrors.unreachableFolder(source.path(), e);
    }
  }

  /** The columns of one file; of CSV texts by the header, of JSON none. */
  public StructType schema(SourceFile file) throws Exception {
    return reader.schema(file);
  }

  /** The first rows of a file of CSV or of JSON, each as the JSON of its values. */
  public List<SampledMessage> rows(SourceFile file, int most) throws Exception {
    List<SampledMessage> rows = new ArrayList<>();
    try (FileRecords records = reader.open(file)) {
      while (rows.size() < most && records.next()) {
        if (records.fault() == null) {
          rows.add(new SampledMessage(null, records.row().getBinary(0).clone()));
        }
      }
    }
    return rows;
  }
}
