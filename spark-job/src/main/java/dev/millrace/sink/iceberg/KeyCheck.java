package dev.millrace.sink.iceberg;

import java.util.Iterator;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.ProjectingInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.StructType;

/** Notices two rows of one key that are next to one another. Not thread-safe. */
final class KeyCheck {

  private final ProjectingInternalRow key;
  private final UnsafeProjection projection;
  private UnsafeRow last;
  private boolean hasRowsOfOneKey;

  /**
   * @param type of the rows
   */
  KeyCheck(IcebergPlan plan, StructType type) {
    this.key = plan.projection(type, plan.key());
    this.projection = UnsafeProjection.create(key.schema());
  }

  /** The same rows, each looked at when it is taken. */
  Iterator<InternalRow> over(Iterator<InternalRow> rows) {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return rows.hasNext();
      }

      @Override
      public InternalRow next() {
        InternalRow row = rows.next();
        key.project(row);
        UnsafeRow found = projection.apply(key);
        hasRowsOfOneKey |= found.equals(last);
        last = found.copy();
        return row;
      }
    };
  }

  /** Whether there were such rows so far. */
  boolean hasRowsOfOneKey() {
    return hasRowsOfOneKey;
  }
}
