package dev.millrace.benchmark.topic;

import dev.millrace.simulator.RideChange;
import dev.millrace.simulator.RideChange.Operation;
import java.util.Iterator;
import java.util.Random;

/**
 * Inserts of so many rows, then changes of rows all over the table, without end: of ten changes
 * eight are updates, one is an insert, one is a delete. The same ones every time.
 */
public final class LargeTableChanges implements Iterator<RideChange> {

  private static final int SEED = 42;
  private static final int TEN = 10;

  private final Iterator<RideChange> city = RideMessages.endless();
  private final Random random = new Random(SEED);
  private final RideTable table;
  private final long rows;
  private long inserted;
  private long changed;

  /**
   * From the first insert on.
   *
   * @param table takes the message of each change before the next one is asked for; no row is
   *     changed that it does not have
   */
  public LargeTableChanges(long rows, RideTable table) {
    this.rows = rows;
    this.table = table;
  }

  @Override
  public boolean hasNext() {
    return true;
  }

  @Override
  public RideChange next() {
    RideChange origin = city.next();
    if (inserted < rows) {
      while (origin.operation() != Operation.INSERT) {
        origin = city.next();
      }
      return of(Operation.INSERT, inserted++, origin);
    }
    return switch ((int) (changed++ % TEN)) {
      case 0 -> of(Operation.INSERT, inserted++, origin);
      case 5 -> of(Operation.DELETE, existing(), origin);
      default -> of(Operation.UPDATE, existing(), origin);
    };
  }

  private long existing() {
    long ride = random.nextLong(inserted);
    // The id of a ride's row is the ride's number and one.
    while (!table.has(ride + 1)) {
      ride = random.nextLong(inserted);
    }
    return ride;
  }

  private RideChange of(Operation operation, long ride, RideChange origin) {
    return new RideChange(operation, ride, 0, origin.time(), origin.row(), false);
  }
}
