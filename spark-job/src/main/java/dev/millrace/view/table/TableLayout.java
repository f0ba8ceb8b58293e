package dev.millrace.view.table;

import dev.millrace.event.ChangeColumns;
import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * A table as its state keeps it. Immutable.
 *
 * @param name under which SQL reads it
 * @param key the names of the columns that are its key, in order
 * @param columns the columns that are kept: those of the key, and those that some view needs
 * @param partitions the number of partitions of the state; fixed for its life
 * @param tombstoneRetention for how long of its partition's source time a deleted key is remembered
 */
public record TableLayout(
    String name, List<String> key, StructType columns, int partitions, Duration tombstoneRetention)
    implements Serializable {

  /**
   * What stands before the columns of a change: op, lsn, tx_id, source_ts, snapshot, unchanged,
   * partition, offset, placeholders.
   */
  public static final int CHANGE_FIELDS = 9;

  static final int OP = 0;
  public static final int LSN = 1;
  static final int TX_ID = 2;
  static final int SOURCE_TS = 3;
  static final int SNAPSHOT = 4;
  public static final int UNCHANGED = 5;
  public static final int PARTITION = 6;
  public static final int OFFSET = 7;
  public static final int PLACEHOLDERS = 8;

  private static final List<String> CHANGE_COLUMNS =
      List.of(
          ChangeColumns.OP,
          ChangeColumns.LSN,
          ChangeColumns.TX_ID,
          ChangeColumns.SOURCE_TS,
          ChangeColumns.SNAPSHOT,
          ChangeColumns.UNCHANGED,
          ChangeColumns.PARTITION,
          ChangeColumns.OFFSET,
          ChangeColumns.PLACEHOLDERS);

  /** What stands before the columns of a row of the state; see {@link TableRow}. */
  public static final int ROW_FIELDS = 8;

  public TableLayout {
    key = List.copyOf(key);
  }

  /** The columns of {@code changes} that the state reads, in the order in which it reads them. */
  public List<String> changeColumns() {
    List<String> names = new ArrayList<>(CHANGE_COLUMNS);
    names.addAll(List.of(columns.fieldNames()));
    return names;
  }

  /** The ordinals of the key's columns among {@link #columns}. */
  int[] keyOrdinals() {
    return key.stream().mapToInt(columns::fieldIndex).toArray();
  }

  /** The fields of a row of the state. */
  StructType rowType() {
    List<StructField> fields =
        new ArrayList<>(
            List.of(
                field("live", DataTypes.BooleanType),
                field("partition", DataTypes.IntegerType),
                field("offset", DataTypes.LongType),
                field("streamed_lsn", DataTypes.LongType),
                field("lsn", DataTypes.LongType),
                field("source_ts", DataTypes.LongType),
                field("occupied_tx", DataTypes.LongType),
                field("occupied_count", DataTypes.IntegerType)));
    fields.addAll(Arrays.asList(columns.fields()));
    return new StructType(fields.toArray(StructField[]::new));
  }

  private static StructField field(String name, DataType type) {
    return DataTypes.createStructField(name, type, true);
  }
}
