package dev.millrace.sink.iceberg;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.deletes.EqualityDeleteWriter;
import org.apache.iceberg.deletes.PositionDeleteWriter;
import org.apache.iceberg.encryption.EncryptedOutputFile;
import org.apache.iceberg.io.DataWriter;
import org.apache.iceberg.io.FileWriterFactory;
import org.apache.iceberg.parquet.Parquet;
import org.apache.iceberg.spark.SparkSchemaUtil;
import org.apache.iceberg.spark.data.SparkParquetWriters;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructType;

/**
 * Files of Parquet, of rows and of deletes by key. Notes where each is, so that all can be removed.
 *
 * @param written the columns of the rows
 * @param key those of the deletes
 * @param locations of the files that were begun
 */
record ParquetRows(Table table, Schema written, Schema key, List<String> locations)
    implements FileWriterFactory<InternalRow> {

  static ParquetRows of(Table table, IcebergPlan plan) {
    return new ParquetRows(table, plan.written(table), plan.keyOf(table), new ArrayList<>());
  }

  @Override
  public DataWriter<InternalRow> newDataWriter(
      EncryptedOutputFile file, PartitionSpec spec, StructLike partition) {
    locations.add(file.encryptingOutputFile().location());
    StructType type = SparkSchemaUtil.convert(written);
    try {
      return Parquet.writeData(file)
          .forTable(table)
          .schema(written)
          .createWriterFunc(
              (schema, parquet) -> SparkParquetWriters.buildWriter(schema, parquet, type))
          .withSpec(spec)
          .withPartition(partition)
          .build();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public EqualityDeleteWriter<InternalRow> newEqualityDeleteWriter(
      EncryptedOutputFile file, PartitionSpec spec, StructLike partition) {
    locations.add(file.encryptingOutputFile().location());
    StructType type = SparkSchemaUtil.convert(key);
    try {
      return Parquet.writeDeletes(file)
          .forTable(table)
          .rowSchema(key)
          .equalityFieldIds(key.columns().stream().map(NestedField::fieldId).toList())
          .createWriterFunc(
              (schema, parquet) -> SparkParquetWriters.buildWriter(schema, parquet, type))
          .withSpec(spec)
          .withPartition(partition)
          .buildEqualityWriter();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public PositionDeleteWriter<InternalRow> newPositionDeleteWriter(
      EncryptedOutputFile file, PartitionSpec spec, StructLike partition) {
    throw new UnsupportedOperationException("rows are deleted by their key");
  }
}
