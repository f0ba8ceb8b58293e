package dev.millrace.view;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** What a batch changed in the results of the views; the state has it already. Driver only. */
public final class ViewBatch implements AutoCloseable {

  /** The row of the result before the batch; null for a row that it did not have. */
  public static final String BEFORE = "before";

  /** The row of the result after the batch; null for a row that it has no more. */
  public static final String AFTER = "after";

  /** Of a problem: the name of the view, or null where the change concerns the table. */
  public static final String VIEW = "view";

  private final SparkSession session;
  private final JavaRDD<InternalRow> rows;
  private final List<ViewPlan> plans;
  private final BatchViews batch;

  ViewBatch(
      SparkSession session, JavaRDD<InternalRow> rows, List<ViewPlan> plans, BatchViews batch) {
    this.session = session;
    this.rows = rows;
    this.plans = plans;
    this.batch = batch;
  }

  /** Whether {@link #changes} of a view is its whole result, each row as one that was added. */
  public boolean isWhole(String view) {
    return batch.isWhole(view);
  }

  /**
   * The rows of a view's result that changed, each once: {@link #BEFORE} and {@link #AFTER}, both
   * with the result's columns.
   */
  public Dataset<Row> changes(String view) {
    int number = number(view);
    StructType result = plans.get(number).result();
    StructType type = new StructType().add(BEFORE, result, true).add(AFTER, result, true);
    return session.internalCreateDataFrame(
        rows.mapPartitions(new Pairs(number, result.length(), type), true).rdd(), type, false);
  }

  /** All that the batch found, of {@link ViewRow#TYPE}. */
  JavaRDD<InternalRow> rows() {
    return rows;
  }

  /** What was left out of the table or of a view, and why. */
  public Dataset<Row> problems() {
    StructType type =
        new StructType()
            .add(VIEW, DataTypes.StringType)
            .add("reason", DataTypes.StringType)
            .add("partition", DataTypes.IntegerType)
            .add("offset", DataTypes.LongType);
    List<String> names = plans.stream().map(ViewPlan::name).toList();
    return session.internalCreateDataFrame(
        rows.mapPartitions(new Problems(names, type), true).rdd(), type, false);
  }

  private int number(String view) {
    for (int i = 0; i < plans.size(); i++) {
      if (plans.get(i).name().equals(view)) {
        return i;
      }
    }
    throw new IllegalArgumentException("no view is named " + view);
  }

  /** Frees the rows. */
  @Override
  public void close() {
    rows.unpersist(false);
  }

  private record Pairs(int view, int fields, StructType type)
      implements FlatMapFunction<Iterator<InternalRow>, InternalRow> {

    @Override
    public Iterator<InternalRow> call(Iterator<InternalRow> rows) {
      UnsafeProjection projection = UnsafeProjection.create(type);
      return new FlatIterator<>(
          rows,
          (each, out) -> {
            UnsafeRow row = (UnsafeRow) each;
            int kind = row.getInt(ViewRow.KIND);
            if (row.getInt(ViewRow.VIEW) == view && kind != ViewRow.PROBLEM) {
              InternalRow pair =
                  new GenericInternalRow(
                      new Object[] {
                        Expressions.row(row.getBinary(ViewRow.BEFORE), fields),
                        Expressions.row(row.getBinary(ViewRow.AFTER), fields)
                      });
              out.accept(projection.apply(pair));
            }
          });
    }
  }

  private record Problems(List<String> views, StructType type)
      implements FlatMapFunction<Iterator<InternalRow>, InternalRow> {

    @Override
    public Iterator<InternalRow> call(Iterator<InternalRow> rows) {
      UnsafeProjection projection = UnsafeProjection.create(type);
      return new FlatIterator<>(
          rows,
          (each, out) -> {
            UnsafeRow row = (UnsafeRow) each;
            if (row.getInt(ViewRow.KIND) == ViewRow.PROBLEM) {
              int view = row.getInt(ViewRow.VIEW);
              List<Object> fields = new ArrayList<>();
              fields.add(
                  view < 0
                      ? null
                      : org.apache.spark.unsafe.types.UTF8String.fromString(views.get(view)));
              fields.add(row.getUTF8String(ViewRow.REASON));
              fields.add(row.isNullAt(ViewRow.PARTITION) ? null : row.getInt(ViewRow.PARTITION));
              fields.add(row.isNullAt(ViewRow.OFFSET) ? null : row.getLong(ViewRow.OFFSET));
              out.accept(projection.apply(new GenericInternalRow(fields.toArray())));
            }
          });
    }
  }
}
