package dev.millrace.view.table;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.BoundReference;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;

/** The key of a table's rows as bytes, the same for equal keys. For one task. */
public final class TableKey {

  private final UnsafeProjection projection;

  /**
   * The key of rows whose columns begin at an ordinal.
   *
   * @param first the ordinal of the table's first column
   */
  public TableKey(TableLayout layout, int first) {
    List<Expression> columns = new ArrayList<>();
    for (int ordinal : layout.keyOrdinals()) {
      columns.add(
          Expressions.normalized(
              new BoundReference(
                  first + ordinal, layout.columns().fields()[ordinal].dataType(), true)));
    }
    this.projection = Expressions.projection(columns.toArray(Expression[]::new));
  }

  /** The number of the partition of the state that has a key. */
  public static int partition(byte[] key, int partitions) {
    return Math.floorMod(Expressions.hash(key), partitions);
  }

  /** Null where a column of the key is null. */
  public byte[] of(InternalRow row) {
    UnsafeRow key = projection.apply(row);
    return key.anyNull() ? null : key.getBytes().clone();
  }
}
