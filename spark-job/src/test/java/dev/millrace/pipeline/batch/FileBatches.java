package dev.millrace.pipeline.batch;

import dev.millrace.config.FileFormat;
import dev.millrace.config.TableDefinition;
import dev.millrace.source.file.FileFolder;
import dev.millrace.source.file.SourceFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;

/** Batches of files that a test has written. */
public final class FileBatches {

  private FileBatches() {}

  public static FileBatch of(
      SparkSession session,
      FileFormat format,
      Map<String, String> options,
      TableDefinition table,
      List<SourceFile> files) {
    return new FileBatch(
        session,
        files,
        new FileBatch.Contents(format, options, table, Set.of(table.rowType().fieldNames())),
        Optional.empty(),
        true);
  }

  /** Files as they are now, in their order. */
  public static List<SourceFile> files(Path... paths) throws IOException {
    List<SourceFile> files = new ArrayList<>();
    for (Path path : paths) {
      files.addAll(FileFolder.of(path.toUri().toString(), new Configuration()).file());
    }
    return files;
  }

  /** Why files are rejected, by name. */
  public static Map<String, String> rejected(FileBatch batch) {
    return batch.outcomes().stream()
        .filter(FileOutcome::isRejected)
        .collect(
            Collectors.toMap(
                outcome -> outcome.file().name(), outcome -> outcome.error().message()));
  }
}
