package dev.millrace.view.aggregate;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import org.apache.spark.sql.catalyst.InternalRow;

/**
 * The rows of one group of a view, as far as the view's aggregates need them; or a change of it.
 */
public final class Group {

  /** The result of an aggregate that its type can't hold. */
  public static final Object OVERFLOW = new Object();

  private final List<Aggregate> aggregates;
  private final Accumulator[] accumulators;
  private long rows;

  /** A group without rows. */
  public Group(List<Aggregate> aggregates) {
    this.aggregates = aggregates;
    this.accumulators = aggregates.stream().map(Aggregate::accumulator).toArray(Accumulator[]::new);
  }

  /** A group that {@link #write} wrote; without rows for null. */
  public static Group read(List<Aggregate> aggregates, byte[] written) {
    Group group = new Group(aggregates);
    if (written != null) {
      group.addFrom(written);
    }
    return group;
  }

  /** Adds a row by its filters and arguments, or takes it away where {@code sign} is -1. */
  public void add(InternalRow inputs, int sign) {
    rows += sign;
    for (int i = 0; i < accumulators.length; i++) {
      Aggregate aggregate = aggregates.get(i);
      if (counts(aggregate, inputs)) {
        accumulators[i].add(inputs, aggregate.first(), sign);
      }
    }
  }

  private static boolean counts(Aggregate aggregate, InternalRow inputs) {
    int filter = aggregate.filter();
    if (filter >= 0 && (inputs.isNullAt(filter) || !inputs.getBoolean(filter))) {
      return false;
    }
    for (int i = 0; i < aggregate.arguments(); i++) {
      if (inputs.isNullAt(aggregate.first() + i)) {
        return false;
      }
    }
    return true;
  }

  /** Adds what {@link #write} wrote. */
  public void addFrom(byte[] written) {
    ByteBuffer in = ByteBuffer.wrap(written);
    rows += in.getLong();
    for (Accumulator accumulator : accumulators) {
      accumulator.addFrom(in);
    }
  }

  /**
   * Called once, when what the state has of the group and all of a batch have been added, before it
   * is written or its results are read: values that the record can't hold go to an index.
   *
   * @param indexes those of the group, by the number of the aggregate
   */
  public void settle(IntFunction<ValueIndex> indexes) {
    for (int i = 0; i < accumulators.length; i++) {
      accumulators[i].settle(indexes, i);
    }
  }

  /**
   * Names the indexes of a group that {@link #read} read, whose results are asked for.
   *
   * @param indexes by the number of the aggregate
   */
  public Group with(IntFunction<ValueIndex> indexes) {
    for (int i = 0; i < accumulators.length; i++) {
      accumulators[i].index(indexes, i);
    }
    return this;
  }

  /** Takes each row of a {@link Aggregate.Function#ROWS}, with how often it is there. */
  @FunctionalInterface
  public interface RowConsumer {
    /** The row is the consumer's. */
    void accept(InternalRow row, long count);
  }

  /** Gives the rows that an aggregate keeps, in their order. */
  public void forEachRow(int aggregate, RowConsumer consumer) {
    Values rows = (Values) accumulators[aggregate];
    rows.all()
        .forEachRemaining(each -> consumer.accept(rows.order.read(each.getKey()), each.getValue()));
  }

  /** Whether an aggregate keeps no row. */
  public boolean hasNoRow(int aggregate) {
    return ((Values) accumulators[aggregate]).hasNone();
  }

  /**
   * The rows that a batch adds to an aggregate, or takes away, with how often; in their order. To
   * be called before the group is settled.
   */
  public List<RowChange> rowChanges(int aggregate) {
    Values rows = (Values) accumulators[aggregate];
    return rows.changes().entrySet().stream()
        .map(each -> new RowChange(rows.order.read(each.getKey()), each.getValue()))
        .toList();
  }

  /**
   * A row that is added.
   *
   * @param count how often; below 0 for one that is taken away
   */
  public record RowChange(InternalRow row, long count) {}

  /** How many rows a group has that {@link #write} wrote. */
  public static long rows(byte[] written) {
    return ByteBuffer.wrap(written).getLong();
  }

  /** How many rows it has. */
  public long rows() {
    return rows;
  }

  /** The group as bytes; a settled one as the state has it, any other as a change. */
  public byte[] write() {
    int size = Long.BYTES;
    for (Accumulator accumulator : accumulators) {
      size += accumulator.maxBytes();
    }
    ByteBuffer out = ByteBuffer.allocate(size).putLong(rows);
    for (Accumulator accumulator : accumulators) {
      accumulator.write(out);
    }
    return Arrays.copyOf(out.array(), out.position());
  }

  /** Whether it has rows. */
  public boolean hasRows() {
    return rows > 0;
  }

  /** Whether it changes nothing: the rows that were added and taken away cancel out. */
  public boolean isZero() {
    return rows == 0 && Arrays.stream(accumulators).allMatch(Accumulator::isZero);
  }

  /** The results of the aggregates, in order; {@link #OVERFLOW} among them. */
  public Object[] results() {
    return Arrays.stream(accumulators).map(Accumulator::result).toArray();
  }
}
