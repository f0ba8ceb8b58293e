package dev.millrace.pipeline.batch;

import dev.millrace.config.FileSourceDefinition;
import dev.millrace.config.TableDefinition;
import dev.millrace.source.file.FileSource;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Files, each taken as a whole or not at all. The raw rows are where they are. */
public record FileBatchDecoder(FileSourceDefinition source, TableDefinition table)
    implements BatchDecoder {

  @Override
  public DecodedBatch decode(Dataset<Row> raw, Set<String> columns, boolean isReadOnce) {
    return new FileBatch(
        raw.sparkSession(),
        FileSource.files(raw),
        new FileBatch.Contents(source.format(), source.options(), table, columns),
        Optional.of(new FileSource(source).folder(raw.sparkSession())),
        isReadOnce);
  }

  @Override
  public Dataset<Row> stream(Dataset<Row> raw, Set<String> columns) {
    throw new UnsupportedOperationException("files feed no result over all batches");
  }
}
