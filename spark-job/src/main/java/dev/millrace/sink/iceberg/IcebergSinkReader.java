package dev.millrace.sink.iceberg;

import dev.millrace.config.SinkDefinition.IcebergSink;
import dev.millrace.error.IcebergErrors;
import dev.millrace.sink.SinkReader;
import dev.millrace.sql.Columns;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.spark.source.SparkTable;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.execution.datasources.v2.DataSourceV2Relation;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;
import scala.Option;

/** The rows of a view's table and the mark of its batch, as of one snapshot. */
record IcebergSinkReader(IcebergSink sink, Configuration hadoop) implements SinkReader {

  @Override
  public Optional<Held> read(SparkSession session, StructType result) throws InterruptedException {
    CatalogRequests requests = new CatalogRequests(sink, line -> {});
    try (OpenCatalog catalog = requests.answered(() -> OpenCatalog.open(sink, hadoop))) {
      Table table =
          requests
              .answered(catalog::table)
              .orElseThrow(() -> IcebergErrors.missingTable(sink.place()));
      OptionalLong batch =
          BatchMark.of(table)
              .map(mark -> OptionalLong.of(mark.batch()))
              .orElse(OptionalLong.empty());
      Snapshot snapshot = table.currentSnapshot();
      // While the catalog is open: what reads the files ends with it.
      List<Row> rows =
          snapshot == null ? List.of() : rows(session, table, snapshot, result).collectAsList();
      return Optional.of(new Held(session.createDataFrame(rows, result), batch));
    } catch (IOException e) {
      throw IcebergErrors.unreadable(sink.place(), e);
    }
  }

  private static Dataset<Row> rows(
      SparkSession session, Table table, Snapshot snapshot, StructType result) {
    DataSourceV2Relation relation =
        DataSourceV2Relation.create(
            new SparkTable(table, snapshot.snapshotId(), false),
            Option.empty(),
            Option.empty(),
            CaseInsensitiveStringMap.empty());
    return Dataset.ofRows(session, relation)
        .select(
            Arrays.stream(result.fields())
                // Parts of a value may be null there, so they are not required to be otherwise.
                .map(
                    field ->
                        Columns.named(field.name())
                            .cast(field.dataType().asNullable())
                            .as(field.name()))
                .toArray(Column[]::new));
  }
}
