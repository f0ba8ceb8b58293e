package dev.millrace.simulator;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.PriorityQueue;

/**
 * The changes of all rides in the order in which they happen: many rides are in flight at a time.
 *
 * <p>A function of the seed and the number of rides. Every ride lives to its end. Holds only the
 * rides in flight.
 */
public final class RideChanges implements Iterator<RideChange> {

  private final RideGenerator generator;
  private final PriorityQueue<RideChange> pending = new PriorityQueue<>(RideChange.BY_TIME);
  private long ridesToBook;
  private Ride nextRide;

  /** The changes of so many rides; the same seed gives the same ones. */
  public RideChanges(long seed, long rides) {
    generator = new RideGenerator(seed);
    ridesToBook = rides;
    nextRide = generator.next();
  }

  @Override
  public boolean hasNext() {
    return ridesToBook > 0 || !pending.isEmpty();
  }

  @Override
  public RideChange next() {
    while (ridesToBook > 0 && nextRideComesFirst()) {
      pending.addAll(RideLife.of(nextRide));
      nextRide = generator.next();
      ridesToBook--;
    }
    if (pending.isEmpty()) {
      throw new NoSuchElementException("Every ride has ended");
    }
    return pending.remove();
  }

  private boolean nextRideComesFirst() {
    return pending.isEmpty() || !nextRide.requestedAt().isAfter(pending.element().time());
  }
}
