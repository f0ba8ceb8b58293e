package dev.millrace.sink.iceberg;

import dev.millrace.sink.TableChange;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.PartitionKey;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.io.FileWriter;
import org.apache.iceberg.io.OutputFileFactory;
import org.apache.iceberg.io.RollingDataWriter;
import org.apache.iceberg.io.RollingEqualityDeleteWriter;
import org.apache.iceberg.util.PropertyUtil;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.ProjectingInternalRow;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * Rows of a batch on their way to files: those that are written, and the keys of those that they
 * take the place of or that are gone. A file for each partition, and more where one becomes large.
 * What is closed without a result leaves no file. On executors and on the driver; not thread-safe.
 *
 * <p>A delete counts for the rows of commits before its own: a row that is written in the same
 * batch stays.
 */
final class RowFiles implements AutoCloseable {

  private static final UTF8String NEW = UTF8String.fromString("c");
  private static final UTF8String GONE = UTF8String.fromString("d");

  private final Table table;
  private final IcebergPlan plan;
  private final OutputFileFactory names;
  private final ParquetRows format;
  private final long maxBytes;
  private final PartitionSpec spec;
  private final PartitionSpec deleteSpec;
  private final PartitionKey partition;
  private final PartitionKey deletePartition;
  private final RowStruct struct;
  private final ProjectingInternalRow written;
  private final ProjectingInternalRow key;
  private final Map<StructLike, RollingDataWriter<InternalRow>> rows = new HashMap<>();
  private final Map<StructLike, RollingEqualityDeleteWriter<InternalRow>> deletes = new HashMap<>();
  private boolean isKept;

  /**
   * @param type of the rows: those of the plan with the types of the table
   * @param task with {@code attempt}, part of the names of files; no other attempt has both
   * @param operation part of the names of files; no other batch or run has it
   */
  RowFiles(
      Table table, IcebergPlan plan, StructType type, int task, long attempt, String operation) {
    this.table = table;
    this.plan = plan;
    this.names =
        OutputFileFactory.builderFor(table, task, attempt)
            .format(FileFormat.PARQUET)
            .operationId(operation)
            .build();
    this.format = ParquetRows.of(table, plan);
    this.maxBytes =
        PropertyUtil.propertyAsLong(
            table.properties(),
            TableProperties.WRITE_TARGET_FILE_SIZE_BYTES,
            TableProperties.WRITE_TARGET_FILE_SIZE_BYTES_DEFAULT);
    this.spec = table.spec();
    this.deleteSpec = plan.deleteSpec(table);
    this.partition = new PartitionKey(spec, format.written());
    this.deletePartition =
        deleteSpec == null ? null : new PartitionKey(deleteSpec, format.written());
    this.written = plan.projection(type, plan.stored().stream().map(StructField::name).toList());
    this.key = plan.projection(type, plan.key());
    this.struct = new RowStruct(written.schema());
  }

  /** Takes a row over; it may be another one afterwards. */
  void add(InternalRow row) {
    UTF8String operation = plan.hasOperation() ? row.getUTF8String(0) : null;
    written.project(row);
    if (plan.change() == TableChange.MERGE && !NEW.equals(operation)) {
      key.project(row);
      deletes
          .computeIfAbsent(partitionOf(deleteSpec, deletePartition), this::newDeletes)
          .write(key);
    }
    if (!GONE.equals(operation)) {
      rows.computeIfAbsent(partitionOf(spec, partition), this::newRows).write(written);
    }
  }

  /** Null for a layout without partitions. */
  private StructLike partitionOf(PartitionSpec layout, PartitionKey found) {
    if (layout.isUnpartitioned()) {
      return null;
    }
    found.partition(struct.over(written));
    return found.copy();
  }

  private RollingDataWriter<InternalRow> newRows(StructLike place) {
    return new RollingDataWriter<>(format, names, table.io(), maxBytes, spec, place);
  }

  private RollingEqualityDeleteWriter<InternalRow> newDeletes(StructLike place) {
    return new RollingEqualityDeleteWriter<>(
        format, names, table.io(), maxBytes, deleteSpec, place);
  }

  /**
   * Ends the files, which stay from now on.
   *
   * @return what a commit adds to the table
   */
  WrittenFiles result() throws IOException {
    closeAll();
    isKept = true;
    return new WrittenFiles(
        rows.values().stream()
            .flatMap(writer -> writer.result().dataFiles().stream())
            .toArray(DataFile[]::new),
        deletes.values().stream()
            .flatMap(writer -> writer.result().deleteFiles().stream())
            .toArray(DeleteFile[]::new));
  }

  private void closeAll() throws IOException {
    for (FileWriter<InternalRow, ?> writer : rows.values()) {
      writer.close();
    }
    for (FileWriter<InternalRow, ?> writer : deletes.values()) {
      writer.close();
    }
  }

  @Override
  public void close() {
    if (isKept) {
      return;
    }
    try {
      closeAll();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      format.locations().forEach(table.io()::deleteFile);
    }
  }
}
