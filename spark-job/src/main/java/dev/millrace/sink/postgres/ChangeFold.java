package dev.millrace.sink.postgres;

import static org.apache.spark.sql.functions.lit;

import dev.millrace.error.PostgresSinkErrors;
import dev.millrace.event.OrderColumns;
import dev.millrace.sql.Columns;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.BoundReference;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.catalyst.optimizer.NormalizeNaNAndZero;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import scala.collection.JavaConverters;

/**
 * Folds the changes of a task, in their order, to one line of {@code COPY} a key, which {@link
 * GuardedMerge} applies. Executor only; not thread-safe.
 *
 * <pre>
 *   changes   c 7 fare 18 notes x,  u 7 fare 19 notes not sent     u 8 fare 5 notes not sent     d 9
 *   lines     c 7 fare 19 notes x                                  u 8 fare 5 unset notes        d 9
 * </pre>
 *
 * <p>A statement that moves keys, such as {@code UPDATE t SET id = id + 1}, creates a row before
 * the older row of its key is deleted, in one transaction: that delete is the older row's. Where
 * the task has not seen whether there was one, the table decides.
 */
final class ChangeFold {

  /** What a line does. */
  enum Operation {
    /** Writes the row, all of whose values are known. */
    WRITE('c'),
    /** The same, over a row that the transaction will delete. */
    WRITE_OVER('o'),
    /** Writes the row but for the columns that are unset. */
    UPDATE('u'),
    /** Removes the row. */
    DELETE('d'),
    /** Writes the row if there is an older one, and else removes it. */
    CONTESTED('x'),
    /** Removes the row: not all of its values are known. */
    UNKNOWN('m');

    final char letter;

    Operation(char letter) {
      this.letter = letter;
    }
  }

  private static final List<String> ORDER =
      List.of(
          OrderColumns.OPERATION,
          OrderColumns.PARTITION,
          OrderColumns.OFFSET,
          OrderColumns.LSN,
          OrderColumns.TRANSACTION,
          OrderColumns.UNCHANGED,
          OrderColumns.PLACEHOLDERS);

  private static final int OPERATION = 0;
  private static final int PARTITION = 1;
  private static final int OFFSET = 2;
  private static final int LSN = 3;
  private static final int TRANSACTION = 4;
  private static final int UNCHANGED = 5;
  private static final int PLACEHOLDERS = 6;
  private static final int COLUMNS = ORDER.size();

  private static final String SNAPSHOT = "r";
  private static final String TRUNCATE = "t";

  /** Of a row that tells no size. */
  private static final int USUAL_BYTES = 256;

  private final PostgresPlan plan;
  private final boolean isTruncateSkipped;
  private final List<DataType> types;
  private final Map<String, Integer> columns;
  private final int[] written;
  private final int[] removed;
  private final UnsafeProjection key;
  private final Map<ByteBuffer, Folded> byKey = new LinkedHashMap<>();
  private long bytes;

  ChangeFold(PostgresPlan plan, boolean isTruncateSkipped) {
    this.plan = plan;
    this.isTruncateSkipped = isTruncateSkipped;
    List<StructField> stored = plan.stored();
    this.types = PostgresTypes.copied(new StructType(stored.toArray(StructField[]::new)));
    this.columns =
        IntStream.range(0, stored.size())
            .boxed()
            .collect(Collectors.toMap(i -> stored.get(i).name(), i -> i));
    int first = PostgresPlan.STAGED_POSITION.length() + COLUMNS;
    int[] positions = IntStream.range(0, PostgresPlan.STAGED_POSITION.length()).toArray();
    this.written =
        IntStream.concat(Arrays.stream(positions), IntStream.range(first, first + stored.size()))
            .toArray();
    this.removed =
        IntStream.concat(
                Arrays.stream(positions),
                IntStream.range(0, stored.size())
                    .map(i -> plan.key().contains(stored.get(i).name()) ? first + i : -1))
            .toArray();
    List<Expression> keyValues = plan.key().stream().map(this::keyValue).toList();
    this.key = UnsafeProjection.create(JavaConverters.asScalaBuffer(keyValues).toSeq());
  }

  private Expression keyValue(String name) {
    int column = columns.get(name);
    DataType type = types.get(column);
    Expression value = new BoundReference(COLUMNS + column, type, true);
    // Postgres takes -0.0 for 0.0.
    return type instanceof DoubleType || type instanceof FloatType
        ? new NormalizeNaNAndZero(value)
        : value;
  }

  /** The rows of an output as {@link #add} takes them. */
  static Dataset<Row> input(Dataset<Row> rows, PostgresPlan plan) {
    List<String> names = Arrays.asList(rows.columns());
    Stream<Column> order =
        ORDER.stream()
            .map(
                name ->
                    (names.contains(name) ? Columns.named(name) : lit(null))
                        .cast(type(name))
                        .as(name));
    Stream<Column> stored = plan.stored().stream().map(PostgresTypes::copied);
    return rows.select(Stream.concat(order, stored).toArray(Column[]::new));
  }

  private static DataType type(String name) {
    return switch (ORDER.indexOf(name)) {
      case OPERATION -> DataTypes.StringType;
      case PARTITION -> DataTypes.IntegerType;
      case UNCHANGED, PLACEHOLDERS -> DataTypes.createArrayType(DataTypes.StringType);
      default -> DataTypes.LongType;
    };
  }

  /** The types of what {@link #write} hands to {@code COPY}. */
  List<DataType> types() {
    Stream<DataType> order =
        ORDER.stream().map(name -> isList(name) ? DataTypes.StringType : type(name));
    return Stream.of(
            Arrays.stream(PostgresPlan.STAGED_POSITION.fields()).map(StructField::dataType),
            order,
            types.stream())
        .flatMap(each -> each)
        .toList();
  }

  /** No field of a line. */
  private static boolean isList(String name) {
    return type(name) instanceof ArrayType;
  }

  /** Takes a change, which may be reused by its iterator. */
  void add(InternalRow row) {
    String operation = row.isNullAt(OPERATION) ? SNAPSHOT : row.getUTF8String(OPERATION).toString();
    if (operation.equals(TRUNCATE)) {
      if (isTruncateSkipped) {
        return;
      }
      throw PostgresSinkErrors.truncated(plan.table(), row.getInt(PARTITION), row.getLong(OFFSET));
    }
    InternalRow change = row.copy();
    bytes += change instanceof UnsafeRow unsafe ? unsafe.getSizeInBytes() : USUAL_BYTES;
    // A copy: the projection gives the same row for each.
    ByteBuffer ofKey = ByteBuffer.wrap(key.apply(change).copy().getBytes());
    byKey.computeIfAbsent(ofKey, first -> new Folded()).apply(operation, change);
  }

  /** What the changes take that are not written yet. */
  long bytes() {
    return bytes;
  }

  /** Writes a line for each key, and forgets them. */
  Lines write(CopyText text) {
    Set<Operation> operations = EnumSet.noneOf(Operation.class);
    boolean hasSnapshotRows = false;
    JoinedRow line = new JoinedRow();
    for (Folded folded : byKey.values()) {
      Operation operation = folded.operation();
      operations.add(operation);
      hasSnapshotRows |= folded.snapshotLsn.isPresent();
      boolean hasRow = operation != Operation.DELETE && operation != Operation.UNKNOWN;
      text.add(
          operation.letter,
          line.apply(folded.position(operation), folded.row),
          hasRow ? written : removed);
    }
    Lines lines = new Lines(byKey.size(), operations, hasSnapshotRows);
    byKey.clear();
    bytes = 0;
    return lines;
  }

  /**
   * What there is among lines.
   *
   * @param hasSnapshotRows whether the last change of a key is a row of a snapshot
   */
  record Lines(long count, Set<Operation> operations, boolean hasSnapshotRows) {}

  private enum Occupancy {
    UNKNOWN,
    OCCUPIED,
    FREE
  }

  /** The changes of one key so far, since the state that the table has. */
  private final class Folded {

    /** The newest change, with values of earlier ones where it does not have them. */
    private InternalRow row;

    /** Whether the key has the row; false where it is deleted. */
    private boolean isRow;

    private int partition;
    private long offset;

    /** The highest that was streamed. */
    private OptionalLong lsn = OptionalLong.empty();

    /** Of the newest change if it is a row of a snapshot; the highest where it has none. */
    private OptionalLong snapshotLsn = OptionalLong.empty();

    /** Columns whose values are those that the table has. */
    private final BitSet unset = new BitSet();

    private boolean lacksValues;

    /** The transaction that created the row as it is. */
    private OptionalLong createdBy = OptionalLong.empty();

    private Occupancy beforeCreate = Occupancy.UNKNOWN;

    /**
     * The transaction of a delete that is the first change: it may be that of an older row, and the
     * row that the table has stays.
     */
    private OptionalLong firstDeletedBy = OptionalLong.empty();

    private OptionalLong firstDeleteLsn = OptionalLong.empty();

    /** Whether the row that the table has may still be the key's, as far as is known here. */
    private boolean mayHaveOlder = true;

    /** Whether the row was created and deleted by one transaction, the delete being whose. */
    private boolean isContested;

    void apply(String operation, InternalRow change) {
      OptionalLong itsLsn = optional(change, LSN);
      boolean isStreamed = !operation.equals(SNAPSHOT);
      if (isOutdated(change, itsLsn, isStreamed)) {
        return;
      }
      if (!isStreamed && itsLsn.isPresent() && itsLsn.getAsLong() < lsn.orElse(Long.MIN_VALUE)) {
        // Of a server that was restored.
        lsn = OptionalLong.empty();
      }
      if (isStreamed && itsLsn.isPresent()) {
        lsn = itsLsn;
      }
      snapshotLsn =
          isStreamed ? OptionalLong.empty() : OptionalLong.of(itsLsn.orElse(Long.MAX_VALUE));
      OptionalLong transaction = optional(change, TRANSACTION);
      switch (operation) {
        case "d" -> delete(change, transaction);
        case "u" -> update(change);
        case "c" -> create(change, transaction);
        default -> write(change);
      }
      partition = change.getInt(PARTITION);
      offset = change.getLong(OFFSET);
    }

    /** Whether a newer change is known, or the same one. */
    private boolean isOutdated(InternalRow change, OptionalLong itsLsn, boolean isStreamed) {
      if (row == null) {
        return false;
      }
      boolean isEarlier = change.getInt(PARTITION) == partition && change.getLong(OFFSET) <= offset;
      boolean isSentAgain =
          isStreamed
              && itsLsn.isPresent()
              && lsn.isPresent()
              && itsLsn.getAsLong() <= lsn.getAsLong();
      return isEarlier || isSentAgain;
    }

    private void write(InternalRow change) {
      row = change;
      isRow = true;
      mayHaveOlder = false;
      isContested = false;
      lacksValues = false;
      createdBy = OptionalLong.empty();
      unset.clear();
    }

    private void create(InternalRow change, OptionalLong transaction) {
      boolean isAgain = transaction.isPresent() && transaction.equals(createdBy);
      if (!isAgain) {
        Occupancy ofNone = mayHaveOlder || isContested ? Occupancy.UNKNOWN : Occupancy.FREE;
        beforeCreate = isRow ? Occupancy.OCCUPIED : ofNone;
      }
      write(change);
      createdBy = transaction;
      // An update of the key: the values that it left as they were are in the row that it deletes.
      lacksValues = !listed(change, PLACEHOLDERS).isEmpty();
    }

    private void update(InternalRow change) {
      if (isContested) {
        // What was updated was there.
        isRow = true;
      }
      BitSet unsent = listed(change, UNCHANGED);
      boolean isOfDeletedRow = !isRow && !mayHaveOlder && !unsent.isEmpty();
      boolean isStillLacking = lacksValues && !unsent.isEmpty();
      InternalRow known = isRow ? row : null;
      BitSet unknown = (BitSet) unsent.clone();
      if (known != null) {
        unknown.and(unset);
      }
      write(known == null || unsent.isEmpty() ? change : merged(change, known, unsent));
      unset.or(unknown);
      lacksValues = isOfDeletedRow || isStillLacking;
    }

    private InternalRow merged(InternalRow change, InternalRow known, BitSet unsent) {
      Object[] values = new Object[COLUMNS + types.size()];
      for (int i = 0; i < types.size(); i++) {
        values[COLUMNS + i] = (unsent.get(i) ? known : change).get(COLUMNS + i, types.get(i));
      }
      return new GenericInternalRow(values);
    }

    private void delete(InternalRow change, OptionalLong transaction) {
      boolean isOfCreator = isRow && createdBy.isPresent() && createdBy.equals(transaction);
      createdBy = OptionalLong.empty();
      if (isOfCreator && beforeCreate == Occupancy.OCCUPIED) {
        return;
      }
      mayHaveOlder = row == null && transaction.isPresent();
      if (mayHaveOlder) {
        firstDeletedBy = transaction;
        firstDeleteLsn = optional(change, LSN);
      }
      isContested = isOfCreator && beforeCreate == Occupancy.UNKNOWN;
      isRow = false;
      if (!isContested) {
        row = change;
        lacksValues = false;
        unset.clear();
      }
    }

    Operation operation() {
      if (isContested && !lacksValues) {
        return Operation.CONTESTED;
      }
      if (!isRow) {
        return Operation.DELETE;
      }
      if (lacksValues) {
        return Operation.UNKNOWN;
      }
      if (!unset.isEmpty()) {
        return Operation.UPDATE;
      }
      return createdBy.isPresent() && beforeCreate == Occupancy.OCCUPIED
          ? Operation.WRITE_OVER
          : Operation.WRITE;
    }

    /** The transaction on which it depends whose row a delete removes. */
    private OptionalLong transaction(Operation operation) {
      if (operation == Operation.DELETE) {
        return mayHaveOlder ? firstDeletedBy : OptionalLong.empty();
      }
      return beforeCreate == Occupancy.FREE ? OptionalLong.empty() : createdBy;
    }

    /** The values of {@link PostgresPlan#STAGED_POSITION}. */
    InternalRow position(Operation operation) {
      return new GenericInternalRow(
          new Object[] {
            partition,
            offset,
            boxed(lsn),
            boxed(snapshotLsn),
            boxed(transaction(operation)),
            boxed(firstDeletedBy),
            boxed(firstDeleteLsn),
            unset.isEmpty()
                ? null
                : UTF8String.fromString(
                    unset.stream()
                        .mapToObj(Integer::toString)
                        .collect(Collectors.joining(",", ",", ",")))
          });
    }
  }

  /** The columns of the output that a list of the change names. */
  private BitSet listed(InternalRow change, int list) {
    BitSet found = new BitSet();
    if (!change.isNullAt(list)) {
      ArrayData names = change.getArray(list);
      for (int i = 0; i < names.numElements(); i++) {
        Integer column = columns.get(names.getUTF8String(i).toString());
        if (column != null) {
          found.set(column);
        }
      }
    }
    return found;
  }

  private static OptionalLong optional(InternalRow row, int column) {
    return row.isNullAt(column) ? OptionalLong.empty() : OptionalLong.of(row.getLong(column));
  }

  private static Long boxed(OptionalLong value) {
    return value.isPresent() ? value.getAsLong() : null;
  }
}
