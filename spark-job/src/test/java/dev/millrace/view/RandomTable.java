package dev.millrace.view;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Date;
import java.sql.Timestamp;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.DayTimeIntervalType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampType;

/** Makes tables of all column types, and changes of them of every kind. */
final class RandomTable {

  private static final List<String> TYPES =
      List.of(
          "BOOLEAN",
          "SMALLINT",
          "INT",
          "BIGINT",
          "FLOAT",
          "DOUBLE",
          "DECIMAL(12,2)",
          "DECIMAL(30,4)",
          "STRING",
          "BINARY",
          "DATE",
          "TIMESTAMP",
          "INTERVAL DAY TO SECOND",
          "ARRAY<INT>",
          "ARRAY<STRING>",
          "MAP<STRING,STRING>");

  private static final int KEYS = 30;

  private final Random random;
  private final Random snapshots;
  private final StructType columns;
  private final boolean hasLsn;

  /**
   * @param snapshots draws the snapshots of the whole table, next to what {@code random} draws
   */
  RandomTable(Random random, Random snapshots) {
    this.random = random;
    this.snapshots = snapshots;
    this.hasLsn = random.nextInt(4) != 0;
    List<String> types = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      types.add(TYPES.get(random.nextInt(TYPES.size())));
    }
    StringBuilder ddl = new StringBuilder("id ");
    ddl.append(random.nextInt(4) == 0 ? "STRING" : "BIGINT").append(", txt STRING, num INT");
    for (int i = 0; i < types.size(); i++) {
      ddl.append(", c").append(i).append(' ').append(types.get(i));
    }
    this.columns = LiveViews.columns(ddl.toString());
  }

  StructType columns() {
    return columns;
  }

  /**
   * Whether its messages tell the position in Postgres' log. Without it the offset alone decides:
   * what a connector sends again is not known for that, nor what a truncate of another partition
   * came before.
   */
  boolean hasLsn() {
    return hasLsn;
  }

  /** Something that happens to the table; it means the same wherever it is applied. */
  interface Operation {
    void apply(ChangeLog table);
  }

  /** Inserts or updates a row. */
  record Put(List<Object> row) implements Operation {
    @Override
    public void apply(ChangeLog table) {
      table.put(row.toArray());
    }

    @Override
    public String toString() {
      return "put " + LiveViews.values(org.apache.spark.sql.RowFactory.create(row.toArray()));
    }
  }

  /** Updates a row without its text. */
  record PutWithoutText(List<Object> row) implements Operation {
    @Override
    public void apply(ChangeLog table) {
      if (table.row(row.get(0)) != null) {
        table.putWithout("txt", row.toArray());
      }
    }
  }

  /** Deletes a row: by its key alone, or with the row, as REPLICA IDENTITY FULL does. */
  record Delete(Object key, boolean withRow) implements Operation {
    @Override
    public void apply(ChangeLog table) {
      if (table.row(key) != null) {
        table.delete(key, withRow);
      }
    }
  }

  /** Updates only what groups are made of, or only what is added up, or both. */
  record Touch(Object key, List<Integer> columns, List<Object> row) implements Operation {
    @Override
    public void apply(ChangeLog table) {
      if (table.row(key) != null) {
        Object[] touched = table.row(key).clone();
        columns.forEach(column -> touched[column] = row.get(column));
        table.put(touched);
      }
    }
  }

  record Move(Object key, Object to) implements Operation {
    @Override
    public void apply(ChangeLog table) {
      if (table.row(key) != null && table.row(to) == null) {
        table.move(key, to);
      }
    }
  }

  /** The text is not sent under the new key; without an LSN the row is left out until it is. */
  record MoveWithoutText(Object key, Object to) implements Operation {
    @Override
    public void apply(ChangeLog table) {
      if (table.row(key) != null && table.row(to) == null) {
        table.moveWithout("txt", key, to);
        if (!table.hasLsn()) {
          table.leaveOut(to);
        }
      }
    }
  }

  /** {@code UPDATE t SET id = } the other's, for both, under a deferrable key. */
  record Swap(Object one, Object other) implements Operation {
    @Override
    public void apply(ChangeLog table) {
      if (!one.equals(other) && table.row(one) != null && table.row(other) != null) {
        table.swap(one, other);
      }
    }
  }

  record Truncate(int partition) implements Operation {
    @Override
    public void apply(ChangeLog table) {
      table.truncate(partition);
    }
  }

  /** An incremental snapshot reads a row again. */
  record Reread(Object key) implements Operation {
    @Override
    public void apply(ChangeLog table) {
      if (table.row(key) != null) {
        // A transaction that is open commits later, with changes of a lower LSN.
        table.snapshot(table.lsn() + 50, "incremental", table.row(key));
      }
    }
  }

  /**
   * The connector sends changes again, or dead letters are replayed. The last of these need not be
   * the last of all: the batch can end before the newest ones come again.
   *
   * @param back how many changes before the newest it begins
   * @param count how many are sent, at most {@code back}
   */
  record Again(boolean asReplay, int back, int count) implements Operation {
    @Override
    public void apply(ChangeLog table) {
      List<Row> sent = table.history();
      int from = Math.max(0, sent.size() - back);
      List<Row> again = sent.subList(from, Math.min(sent.size(), from + count));
      if (asReplay) {
        again.forEach(table::replay);
      } else {
        // Rows of snapshots are read again, never sent again.
        int op = table.columns().length();
        table.redeliver(again.stream().filter(row -> !"r".equals(row.getString(op))).toList());
      }
    }
  }

  /**
   * The replication slot was dropped: rows were deleted and changed, which nobody sent, and a
   * snapshot of the whole table was taken; it may have been interrupted and begun again. A snapshot
   * of an empty table leaves nothing in the topic, so that one row stays.
   *
   * @param copied the keys of rows that get the values of the row before them
   * @param interruptedAfter how many rows were sent before it began again
   * @param inTwoBatches whether the batch ends in one partition before it does in the other
   */
  record Resnapshot(
      List<Object> missed, List<Object> copied, int interruptedAfter, boolean inTwoBatches)
      implements Operation {
    @Override
    public void apply(ChangeLog table) {
      table.snapshotAll(interruptedAfter);
      for (Object key : missed) {
        if (table.row(key) != null && table.keys().size() > 1) {
          table.leaveOut(key);
        }
      }
      table.changeUnseen(copied);
      table.snapshotAll(Integer.MAX_VALUE);
    }
  }

  record Commit() implements Operation {
    @Override
    public void apply(ChangeLog table) {
      table.nextTransaction();
    }
  }

  /** The operations of a batch. */
  List<Operation> operations() {
    List<Operation> operations = new ArrayList<>();
    int count = random.nextInt(4) == 0 ? random.nextInt(4) : random.nextInt(30);
    for (int i = 0; i < count; i++) {
      switch (random.nextInt(26)) {
        case 0, 1, 2, 3, 4 -> operations.add(new Delete(key(), random.nextInt(3) == 0));
        case 5 ->
            operations.add(i % 2 == 0 ? new MoveWithoutText(key(), key()) : new Move(key(), key()));
        case 6 -> {
          if (hasLsn) {
            operations.add(new Swap(key(), key()));
          }
        }
        case 7 -> operations.add(new Reread(key()));
        case 8 -> {
          int back = 4 + i * 7 % 13;
          operations.add(new Again(!hasLsn || random.nextBoolean(), back, 1 + i % back));
        }
        case 9, 10 -> operations.add(new PutWithoutText(row()));
        case 13, 14 -> {
          int width = columns.length() - 1;
          operations.add(
              new Touch(
                  key(), List.of(1 + random.nextInt(width), 1 + random.nextInt(width)), row()));
        }
        case 11 -> {
          if (hasLsn && random.nextInt(12) == 0) {
            operations.add(new Truncate(random.nextInt(2)));
          }
        }
        case 12 -> {
          Object key = key();
          operations.add(new Delete(key, false));
          List<Object> row = row();
          row.set(0, key);
          operations.add(new Put(row));
        }
        default -> operations.add(new Put(row()));
      }
      if (random.nextInt(3) == 0) {
        operations.add(new Commit());
      }
    }
    operations.add(new Commit());
    if (hasLsn && snapshots.nextInt(6) == 0) {
      operations.add(
          snapshots.nextInt(operations.size()),
          new Resnapshot(
              keys(1 + snapshots.nextInt(10)),
              keys(snapshots.nextInt(4)),
              snapshots.nextInt(2) * snapshots.nextInt(KEYS / 2),
              snapshots.nextBoolean()));
    }
    return operations;
  }

  private List<Object> keys(int count) {
    return snapshots.ints(count, 0, KEYS).mapToObj(this::key).toList();
  }

  private Object key() {
    return key(random.nextInt(KEYS));
  }

  private Object key(int number) {
    return columns.fields()[0].dataType() instanceof StringType
        ? "k" + number
        : (Object) (long) number;
  }

  private List<Object> row() {
    List<Object> row = new ArrayList<>();
    row.add(key());
    StructField[] fields = columns.fields();
    for (int i = 1; i < fields.length; i++) {
      row.add(random.nextInt(6) == 0 ? null : value(fields[i].dataType()));
    }
    return row;
  }

  private Object value(DataType type) {
    if (type instanceof BooleanType) {
      return random.nextBoolean();
    }
    if (type instanceof ShortType) {
      return (short) (random.nextInt(20) - 10);
    }
    if (type instanceof IntegerType) {
      return random.nextInt(20) - 10;
    }
    if (type instanceof LongType) {
      return random.nextInt(8) == 0 ? random.nextLong() >> 8 : random.nextInt(20) - 10L;
    }
    if (type instanceof FloatType) {
      return (float) floating();
    }
    if (type instanceof DoubleType) {
      return floating();
    }
    if (type instanceof DecimalType decimal) {
      int digits = decimal.precision() > 20 && random.nextInt(4) == 0 ? 80 : 24;
      return new BigDecimal(new BigInteger(digits, random), decimal.scale())
          .multiply(BigDecimal.valueOf(random.nextBoolean() ? 1 : -1));
    }
    if (type instanceof StringType) {
      return List.of("", "a", "b", "Ab", " c ", "é", "zz", "a%").get(random.nextInt(8));
    }
    if (type instanceof BinaryType) {
      return new byte[] {(byte) random.nextInt(3)};
    }
    if (type instanceof DateType) {
      return Date.valueOf("2024-0" + (1 + random.nextInt(3)) + "-1" + random.nextInt(3));
    }
    if (type instanceof TimestampType) {
      return new Timestamp(1_700_000_000_000L + random.nextInt(5) * 1_800_000L);
    }
    if (type instanceof DayTimeIntervalType) {
      return Duration.ofMinutes(random.nextInt(2000) - 1000);
    }
    if (type instanceof ArrayType of) {
      List<Object> array = new ArrayList<>();
      for (int i = random.nextInt(3); i > 0; i--) {
        array.add(random.nextInt(6) == 0 ? null : value(of.elementType()));
      }
      return array;
    }
    if (type instanceof MapType) {
      Map<String, String> map = new LinkedHashMap<>();
      map.put("k", "v" + random.nextInt(3));
      return map;
    }
    throw new IllegalArgumentException(type.sql());
  }

  /** A number whose sums are exact in a double; sometimes one that is none. */
  private double floating() {
    return switch (random.nextInt(25)) {
      case 0 -> Double.NaN;
      case 1 -> Double.POSITIVE_INFINITY;
      case 2 -> Double.NEGATIVE_INFINITY;
      case 3 -> random.nextBoolean() ? -0.0 : 0.0;
      default -> (random.nextInt(2000) - 1000) / 8.0;
    };
  }
}
