package dev.millrace.view;

import dev.millrace.view.plan.BatchTime;
import dev.millrace.view.plan.ViewPlan;
import dev.millrace.view.table.Expressions;
import dev.millrace.view.table.FlatIterator;
import dev.millrace.view.table.TableFold.Rejection;
import dev.millrace.view.table.TableLayout;
import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;

/** What a batch changed in the results of the views; the state has it already. Driver only. */
public final class ViewBatch implements AutoCloseable {

  /** The row of the result before the batch; null for a row that it did not have. */
  public static final String BEFORE = "before";

  /** The row of the result after the batch; null for a row that it has no more. */
  public static final String AFTER = "after";

  /**
   * The partition of the last change of the table's row that a row of the result stems from; null
   * for a group. One of the replay topic's counts down from -1.
   */
  public static final String PARTITION = "partition";

  /** The offset of that change. */
  public static final String OFFSET = "offset";

  /** Of a problem: the name of the view, or null where the change concerns the table. */
  public static final String VIEW = "view";

  /** What the reason of a warning begins with that tells how many rows a large group has. */
  public static final String LARGE_GROUP = "LARGE_GROUP ";

  private static final StructType PROBLEM =
      new StructType()
          .add(VIEW, DataTypes.StringType)
          .add("reason", DataTypes.StringType)
          .add(PARTITION, DataTypes.IntegerType)
          .add(OFFSET, DataTypes.LongType)
          .add("key", DataTypes.StringType)
          .add("row", DataTypes.StringType)
          .add("column", DataTypes.StringType)
          .add("warning", DataTypes.BooleanType);

  private final SparkSession session;
  private final JavaRDD<InternalRow> rows;
  private final TableLayout layout;
  private final List<ViewPlan> plans;
  private final BatchViews batch;
  private final Totals totals;

  ViewBatch(
      SparkSession session,
      JavaRDD<InternalRow> rows,
      TableLayout layout,
      List<ViewPlan> plans,
      BatchViews batch,
      Totals totals) {
    this.totals = totals;
    this.session = session;
    this.rows = rows;
    this.layout = layout;
    this.plans = plans;
    this.batch = batch;
  }

  /** Whether {@link #changes} of a view is its whole result, each row as one that was added. */
  public boolean isWhole(String view) {
    return batch.isWhole(view);
  }

  /**
   * The rows of a view's result that changed, each once: {@link #BEFORE} and {@link #AFTER}, both
   * with the result's columns, and {@link #PARTITION} and {@link #OFFSET}.
   */
  public Dataset<Row> changes(String view) {
    int number = number(view);
    StructType result = plans.get(number).result();
    StructType type =
        new StructType()
            .add(BEFORE, result, true)
            .add(AFTER, result, true)
            .add(PARTITION, DataTypes.IntegerType)
            .add(OFFSET, DataTypes.LongType);
    return session.internalCreateDataFrame(
        rows.mapPartitions(new Pairs(number, result.length(), type), true).rdd(), type, false);
  }

  /** All that the batch found, of {@link ViewRow#TYPE}. */
  JavaRDD<InternalRow> rows() {
    return rows;
  }

  /**
   * What was left out of the table or of a view, and why: {@link #VIEW}, {@code reason}, {@code
   * partition} and {@code offset} (null for a group), {@code key} and {@code row} as JSON (the row
   * is null for a group), {@code column} with the names of the columns whose values are unknown
   * (null for every other reason), {@code warning} for what is not left out.
   */
  public Dataset<Row> problems() {
    return session.internalCreateDataFrame(
        rows.mapPartitions(new Problems(layout, plans, PROBLEM), true).rdd(), PROBLEM, false);
  }

  /** Whether {@link #problems} has any. */
  public boolean hasProblems() {
    return totals.problems() > 0;
  }

  /** How large the state is after the batch, and how long it took. */
  public StateSize size() {
    return totals.size();
  }

  /** What SQL calls now(), in microseconds since 1970; empty where no view depends on it. */
  public OptionalLong micros() {
    return totals.micros() == Long.MIN_VALUE
        ? OptionalLong.empty()
        : OptionalLong.of(totals.micros());
  }

  /** When time changes a view next, in microseconds since 1970; empty where it never does. */
  public OptionalLong nextMoment() {
    return totals.nextMoment() == BatchTime.NEVER
        ? OptionalLong.empty()
        : OptionalLong.of(totals.nextMoment());
  }

  /** How many rows snapshots removed, those that were deleted unseen; empty if none was applied. */
  public OptionalLong missedDeletes() {
    return totals.snapshots() == 0 ? OptionalLong.empty() : OptionalLong.of(totals.missedDeletes());
  }

  /**
   * What the tasks of a batch told.
   *
   * @param snapshots how often a partition of the state has applied some
   * @param awaitsEnds whether a snapshot is complete, and how far the topic goes is not known yet
   * @param micros what SQL calls now(), the lowest value where no view depends on it
   * @param nextMoment when time changes a view next
   */
  record Totals(
      StateSize size,
      long problems,
      long snapshots,
      long missedDeletes,
      boolean awaitsEnds,
      long micros,
      long nextMoment)
      implements Serializable {

    static final Totals NONE =
        new Totals(StateSize.NONE, 0, 0, 0, false, Long.MIN_VALUE, BatchTime.NEVER);

    /** Of one task, whose rows are evaluated to their end. */
    static Iterator<Totals> of(Iterator<InternalRow> rows) {
      Totals totals = NONE;
      while (rows.hasNext()) {
        totals = totals.plus(of(rows.next()));
      }
      return List.of(totals).iterator();
    }

    private static Totals of(InternalRow row) {
      return switch (row.getInt(ViewRow.KIND)) {
        case ViewRow.SIZE -> of(StateSize.of(row), 0, 0, 0, false);
        case ViewRow.PROBLEM, ViewRow.WARNING -> of(StateSize.NONE, 1, 0, 0, false);
        case ViewRow.MISSED_DELETES -> of(StateSize.NONE, 0, 1, row.getLong(ViewRow.ROWS), false);
        case ViewRow.AWAITS_ENDS -> of(StateSize.NONE, 0, 0, 0, true);
        case ViewRow.TIME ->
            new Totals(
                StateSize.NONE,
                0,
                0,
                0,
                false,
                row.getLong(ViewRow.BEGAN),
                row.isNullAt(ViewRow.ENDED) ? BatchTime.NEVER : row.getLong(ViewRow.ENDED));
        default -> NONE;
      };
    }

    private static Totals of(
        StateSize size, long problems, long snapshots, long missedDeletes, boolean awaitsEnds) {
      return new Totals(
          size, problems, snapshots, missedDeletes, awaitsEnds, NONE.micros, NONE.nextMoment);
    }

    Totals plus(Totals other) {
      return new Totals(
          size.plus(other.size),
          problems + other.problems,
          snapshots + other.snapshots,
          missedDeletes + other.missedDeletes,
          awaitsEnds || other.awaitsEnds,
          Math.max(micros, other.micros),
          Math.min(nextMoment, other.nextMoment));
    }
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

  private static Integer partition(UnsafeRow row) {
    return row.isNullAt(ViewRow.PARTITION) ? null : row.getInt(ViewRow.PARTITION);
  }

  private static Long offset(UnsafeRow row) {
    return row.isNullAt(ViewRow.OFFSET) ? null : row.getLong(ViewRow.OFFSET);
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
            if (row.getInt(ViewRow.VIEW) == view
                && (kind == ViewRow.CHANGE || kind == ViewRow.WHOLE)) {
              InternalRow pair =
                  new GenericInternalRow(
                      new Object[] {
                        Expressions.row(row.getBinary(ViewRow.BEFORE), fields),
                        Expressions.row(row.getBinary(ViewRow.AFTER), fields),
                        partition(row),
                        offset(row)
                      });
              out.accept(projection.apply(pair));
            }
          });
    }
  }

  private record Problems(TableLayout layout, List<ViewPlan> plans, StructType type)
      implements FlatMapFunction<Iterator<InternalRow>, InternalRow> {

    @Override
    public Iterator<InternalRow> call(Iterator<InternalRow> rows) {
      UnsafeProjection projection = UnsafeProjection.create(type);
      return new FlatIterator<>(
          rows,
          (each, out) -> {
            UnsafeRow row = (UnsafeRow) each;
            int kind = row.getInt(ViewRow.KIND);
            if (kind == ViewRow.PROBLEM || kind == ViewRow.WARNING) {
              int view = row.getInt(ViewRow.VIEW);
              out.accept(
                  projection.apply(
                      new GenericInternalRow(
                          new Object[] {
                            view < 0 ? null : UTF8String.fromString(plans.get(view).name()),
                            row.getUTF8String(ViewRow.REASON),
                            partition(row),
                            offset(row),
                            UTF8String.fromString(key(row)),
                            UTF8String.fromString(columns(row)),
                            UTF8String.fromString(unknown(row)),
                            kind == ViewRow.WARNING
                          })));
            }
          });
    }

    /** The key of a row, or of a group by the names of the result; null where there is none. */
    private String key(UnsafeRow row) {
      byte[] key = row.getBinary(ViewRow.KEY);
      int view = row.getInt(ViewRow.VIEW);
      if (key == null || key.length == 0) {
        return null;
      }
      StructType type = new StructType();
      if (view >= 0 && row.isNullAt(ViewRow.PARTITION)) {
        ViewPlan.Grouping level = plans.get(view).levels().get((int) row.getLong(ViewRow.ROWS));
        type = level.key();
      } else {
        for (String name : layout.key()) {
          type = type.add(layout.columns().apply(name));
        }
      }
      return json(Expressions.row(key, type.length()), type);
    }

    /** The table's columns of a row of the state, or of a change. */
    private String columns(UnsafeRow row) {
      byte[] image = row.getBinary(ViewRow.AFTER);
      if (image == null) {
        return null;
      }
      int before =
          row.getInt(ViewRow.VIEW) >= 0 ? TableLayout.ROW_FIELDS : TableLayout.CHANGE_FIELDS;
      StructType columns = layout.columns();
      UnsafeRow all = Expressions.row(image, before + columns.length());
      Object[] values = new Object[columns.length()];
      for (int i = 0; i < values.length; i++) {
        values[i] = all.get(before + i, columns.fields()[i].dataType());
      }
      return json(new GenericInternalRow(values), columns);
    }

    /** The columns of a change whose values are unknown, separated by commas. */
    private String unknown(UnsafeRow row) {
      String reason = row.getUTF8String(ViewRow.REASON).toString();
      boolean isMoved = reason.equals(Rejection.UNKNOWN_MOVED_VALUE.name());
      if (row.getInt(ViewRow.VIEW) >= 0
          || !(isMoved || reason.equals(Rejection.UNKNOWN_VALUE.name()))) {
        return null;
      }
      UnsafeRow change =
          Expressions.row(
              row.getBinary(ViewRow.AFTER), TableLayout.CHANGE_FIELDS + layout.columns().length());
      ArrayData names = change.getArray(isMoved ? TableLayout.PLACEHOLDERS : TableLayout.UNCHANGED);
      return IntStream.range(0, names.numElements())
          .mapToObj(i -> names.getUTF8String(i).toString())
          .filter(List.of(layout.columns().fieldNames())::contains)
          .collect(Collectors.joining(", "));
    }

    private static String json(InternalRow row, StructType type) {
      return ((Row) CatalystTypeConverters.convertToScala(row, type)).json();
    }
  }
}
