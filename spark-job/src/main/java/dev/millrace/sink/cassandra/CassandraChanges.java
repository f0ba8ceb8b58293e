package dev.millrace.sink.cassandra;

import com.datastax.oss.driver.api.core.type.DataType;
import dev.millrace.cassandra.CqlValues;
import dev.millrace.error.CassandraErrors;
import dev.millrace.event.ChangeColumns;
import dev.millrace.event.OrderColumns;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Rows of a task, in their order, to rows of the table. Not thread-safe.
 *
 * <p>The timestamp of a write, which decides over what is stored, is that of the message that the
 * row was made from; where that is not known, that of its batch, and the later row wins. See {@link
 * CassandraClock}.
 */
final class CassandraChanges {

  private final CassandraPlan plan;
  private final List<DataType> types;
  private final boolean isTruncateSkipped;
  private final List<CqlValues> readers = new ArrayList<>();
  private final int[] ordinals;
  private final int op;
  private final int unchanged;
  private final int before;
  private final int transaction;
  private final int partition;
  private final int offset;
  private final CassandraClock clock;

  /**
   * @param types of the plan's columns in Cassandra
   */
  CassandraChanges(
      CassandraPlan plan, List<DataType> types, boolean isTruncateSkipped, CassandraClock clock) {
    this.plan = plan;
    this.types = types;
    this.isTruncateSkipped = isTruncateSkipped;
    this.clock = clock;
    this.ordinals = plan.columns().stream().mapToInt(plan::ordinal).toArray();
    for (int column = 0; column < ordinals.length; column++) {
      readers.add(
          CqlValues.of(plan.schema().fields()[ordinals[column]].dataType(), types.get(column)));
    }
    this.op = plan.hasChanges() ? plan.ordinal(ChangeColumns.OP) : -1;
    this.unchanged = plan.hasChanges() ? plan.ordinal(ChangeColumns.UNCHANGED) : -1;
    this.transaction = plan.ordinal(OrderColumns.TRANSACTION);
    this.partition = position(OrderColumns.PARTITION, ChangeColumns.PARTITION);
    this.offset = position(OrderColumns.OFFSET, ChangeColumns.OFFSET);
    this.before = plan.hasChanges() ? plan.ordinal(ChangeColumns.BEFORE) : -1;
  }

  /** A column that was carried to the sink or, of changes, one that the SQL selects. */
  private int position(String carried, String selected) {
    int ordinal = plan.ordinal(carried);
    if (ordinal >= 0 || !plan.hasChanges() || plan.ordinal(selected) < 0) {
      return ordinal;
    }
    // A column of that name may be something else.
    StructType position = new StructType(ChangeColumns.POSITION.toArray(StructField[]::new));
    int found = plan.ordinal(selected);
    return plan.schema().fields()[found].dataType().equals(position.apply(selected).dataType())
        ? found
        : -1;
  }

  /**
   * Adds a row to what is known of its key.
   *
   * @param ofBatch timestamp of a row whose message is not known
   */
  void apply(InternalRow row, Map<List<Object>, CassandraRow> window, long ofBatch) {
    String operation = op < 0 || row.isNullAt(op) ? "c" : row.getUTF8String(op).toString();
    if (operation.equals("t")) {
      if (isTruncateSkipped) {
        return;
      }
      throw CassandraErrors.truncated(plan.table(), place(row));
    }
    long at = timestamp(row, ofBatch);
    List<Object> key = key(row);
    CassandraRow known =
        window.computeIfAbsent(key, each -> new CassandraRow(key, ordinals.length));
    switch (operation) {
      case "d" -> known.delete(at, transaction(row));
      case "u" -> known.update(at, updated(row, key));
      case "c" -> {
        if (op >= 0) {
          known.create(at, values(row, key), transaction(row));
        } else {
          known.insert(at, values(row, key));
        }
      }
      default -> known.insert(at, values(row, key));
    }
  }

  private long timestamp(InternalRow row, long ofBatch) {
    return partition < 0 || offset < 0 || row.isNullAt(partition) || row.isNullAt(offset)
        ? ofBatch
        : clock.ofMessage(row.getInt(partition), row.getLong(offset));
  }

  private long transaction(InternalRow row) {
    return transaction < 0 || row.isNullAt(transaction)
        ? CassandraRow.NO_TRANSACTION
        : row.getLong(transaction);
  }

  private List<Object> key(InternalRow row) {
    Object[] key = new Object[plan.key()];
    for (int column = 0; column < key.length; column++) {
      if (row.isNullAt(ordinals[column])) {
        throw CassandraErrors.keyIsNull(plan.table(), plan.columns().get(column), place(row));
      }
      key[column] = read(row, column);
    }
    return Arrays.asList(key);
  }

  /** The values of the columns; null where there is none. */
  private Object[] values(InternalRow row, List<Object> key) {
    Object[] values = new Object[ordinals.length];
    for (int column = 0; column < values.length; column++) {
      if (column < key.size()) {
        values[column] = key.get(column);
      } else if (!row.isNullAt(ordinals[column])) {
        values[column] = read(row, column);
      }
    }
    return values;
  }

  /** The same; {@link CassandraRow#UNSET} where the update did not touch the value. */
  private Object[] updated(InternalRow row, List<Object> key) {
    Object[] values = values(row, key);
    Set<String> untouched = untouched(row);
    InternalRow old =
        before >= 0 && !row.isNullAt(before) ? row.getStruct(before, beforeType().length()) : null;
    for (int column = key.size(); column < values.length; column++) {
      String name = plan.columns().get(column);
      boolean isUntouched = untouched.contains(name);
      boolean wasNull = old != null && values[column] == null && wasNull(old, name);
      if (isUntouched || wasNull) {
        values[column] = CassandraRow.UNSET;
      }
    }
    return values;
  }

  private boolean wasNull(InternalRow old, String column) {
    int ordinal = Arrays.asList(beforeType().fieldNames()).indexOf(column);
    return ordinal >= 0 && old.isNullAt(ordinal);
  }

  private StructType beforeType() {
    return (StructType) plan.schema().fields()[before].dataType();
  }

  private Set<String> untouched(InternalRow row) {
    Set<String> names = new HashSet<>();
    if (unchanged >= 0 && !row.isNullAt(unchanged)) {
      ArrayData data = row.getArray(unchanged);
      for (int i = 0; i < data.numElements(); i++) {
        names.add(data.getUTF8String(i).toString());
      }
    }
    return names;
  }

  private Object read(InternalRow row, int column) {
    try {
      return readers.get(column).read(row, ordinals[column]);
    } catch (IllegalArgumentException e) {
      throw CassandraErrors.unstorableValue(
          plan.table(),
          plan.columns().get(column),
          types.get(column).asCql(true, true),
          place(row),
          e);
    }
  }

  /** Where the row is in Kafka, as far as the output's SQL states. */
  private String place(InternalRow row) {
    int topic = plan.ordinal(ChangeColumns.TOPIC);
    return topic < 0 || partition < 0 || offset < 0
        ? CassandraErrors.unknownPlace()
        : CassandraErrors.place(
            row.getUTF8String(topic).toString(), row.getInt(partition), row.getLong(offset));
  }
}
