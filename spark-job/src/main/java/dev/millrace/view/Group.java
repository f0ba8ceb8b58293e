package dev.millrace.view;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;

/**
 * The rows of one group of a view, as far as the view's aggregates need them; or a change of it.
 */
final class Group {

  private final List<Aggregate> aggregates;
  private final Accumulator[] accumulators;
  private long rows;

  /** A group without rows. */
  Group(List<Aggregate> aggregates) {
    this.aggregates = aggregates;
    this.accumulators = aggregates.stream().map(Aggregate::accumulator).toArray(Accumulator[]::new);
  }

  /** A group that {@link #write} wrote; without rows for null. */
  static Group read(List<Aggregate> aggregates, byte[] written) {
    Group group = new Group(aggregates);
    if (written != null) {
      group.addFrom(written);
    }
    return group;
  }

  /** Adds a row by its filters and arguments, or takes it away where {@code sign} is -1. */
  void add(InternalRow inputs, int sign) {
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

  void addFrom(byte[] written) {
    ByteBuffer in = ByteBuffer.wrap(written);
    rows += in.getLong();
    for (Accumulator accumulator : accumulators) {
      accumulator.addFrom(in);
    }
  }

  byte[] write() {
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

  boolean hasRows() {
    return rows > 0;
  }

  /** Whether it changes nothing: the rows that were added and taken away cancel out. */
  boolean isZero() {
    return rows == 0 && Arrays.stream(accumulators).allMatch(Accumulator::isZero);
  }

  /** The results of the aggregates, in order; {@link Accumulator#OVERFLOW} among them. */
  Object[] results() {
    return Arrays.stream(accumulators).map(Accumulator::result).toArray();
  }
}
