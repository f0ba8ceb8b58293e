package dev.millrace.sink.iceberg;

import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.iceberg.Table;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.StructType;

/**
 * Hands on the rows of one task: a few to the driver, which makes one file of those of all tasks,
 * many as files. Runs on executors.
 *
 * <p>The files of an attempt that failed are removed; those of one that was killed are in no
 * snapshot.
 *
 * @param table that can be serialized
 * @param type of the rows: those of the plan with the types of the table
 * @param operation part of the names of files
 */
record WriteRows(Table table, IcebergPlan plan, StructType type, String operation)
    implements FlatMapFunction<Iterator<InternalRow>, TaskRows>, Serializable {

  /** What the driver takes of a task. */
  static final int MAX_BYTES_AT_HAND = 256 * 1024;

  @Override
  public Iterator<TaskRows> call(Iterator<InternalRow> all) throws IOException {
    UnsafeProjection projection = UnsafeProjection.create(type);
    KeyCheck keys = new KeyCheck(plan, type);
    Iterator<InternalRow> rows = plan.checksKey() ? keys.over(all) : all;
    List<byte[]> atHand = new ArrayList<>();
    long bytes = 0;
    while (rows.hasNext() && bytes <= MAX_BYTES_AT_HAND) {
      byte[] row = projection.apply(rows.next()).copy().getBytes();
      atHand.add(row);
      bytes += row.length;
    }
    if (bytes <= MAX_BYTES_AT_HAND) {
      return List.of(TaskRows.atHand(atHand, keys.hasRowsOfOneKey())).iterator();
    }
    TaskContext task = TaskContext.get();
    try (RowFiles files =
        new RowFiles(table, plan, type, task.partitionId(), task.taskAttemptId(), operation)) {
      addAll(files, atHand, type.length());
      atHand.clear();
      while (rows.hasNext()) {
        files.add(rows.next());
      }
      WrittenFiles written = files.result();
      return List.of(TaskRows.of(written, keys.hasRowsOfOneKey())).iterator();
    }
  }

  /** Adds rows that are there as bytes. */
  static void addAll(RowFiles files, List<byte[]> rows, int columns) {
    UnsafeRow row = new UnsafeRow(columns);
    for (byte[] each : rows) {
      row.pointTo(each, each.length);
      files.add(row);
    }
  }
}
