package dev.millrace.sink.iceberg;

import dev.millrace.config.OutputDefinition;
import dev.millrace.config.SinkDefinition.IcebergSink;
import dev.millrace.error.IcebergErrors;
import dev.millrace.sink.SinkContents;
import java.io.IOException;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.DeleteFiles;
import org.apache.iceberg.SnapshotSummary;
import org.apache.iceberg.Table;
import org.apache.iceberg.Transaction;
import org.apache.iceberg.UpdateProperties;
import org.apache.iceberg.expressions.Expressions;

/**
 * The rows of an output's table, and their mark. A table without a mark of this output is not its:
 * it stays. One that Millrace has created goes as a whole.
 */
record IcebergContents(OutputDefinition output, String pipeline, Configuration hadoop)
    implements SinkContents {

  private IcebergSink sink() {
    return (IcebergSink) output.sink();
  }

  @Override
  public Optional<String> description() {
    try (OpenCatalog catalog = OpenCatalog.open(sink(), hadoop)) {
      return own(catalog).map(this::description);
    } catch (IOException | RuntimeException e) {
      throw CatalogFailures.refusal(sink().place(), e);
    }
  }

  private String description(Table table) {
    String files =
        table.currentSnapshot() == null
            ? "0"
            : table
                .currentSnapshot()
                .summary()
                .getOrDefault(SnapshotSummary.TOTAL_DATA_FILES_PROP, "0");
    return "%s (%s data files), its mark (batch %d)"
        .formatted(sink().place(), files, BatchMark.of(table).orElseThrow().batch());
  }

  @Override
  public void delete() {
    try (OpenCatalog catalog = OpenCatalog.open(sink(), hadoop)) {
      Optional<Table> table = own(catalog);
      if (table.isPresent()) {
        if (table.get().properties().containsKey(BatchMark.IS_CREATED)) {
          catalog.drop();
        } else {
          empty(table.get());
        }
      }
    } catch (IOException | RuntimeException e) {
      throw IcebergErrors.undeletable(sink().place(), e);
    }
  }

  private static void empty(Table table) {
    Transaction transaction = table.newTransaction();
    DeleteFiles deletion = transaction.newDelete().deleteFromRowFilter(Expressions.alwaysTrue());
    deletion.set(BatchMark.IS_RELEASED, "true");
    deletion.commit();
    UpdateProperties properties = transaction.updateProperties();
    BatchMark.of(table).orElseThrow().properties().keySet().forEach(properties::remove);
    properties.commit();
    transaction.commitTransaction();
  }

  private Optional<Table> own(OpenCatalog catalog) {
    return catalog
        .table()
        .filter(
            table ->
                BatchMark.of(table)
                    .filter(
                        mark ->
                            mark.pipeline().equals(pipeline) && mark.output().equals(output.name()))
                    .isPresent());
  }
}
