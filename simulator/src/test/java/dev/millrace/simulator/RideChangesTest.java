package dev.millrace.simulator;

import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.millrace.simulator.RideChange.Operation;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;

class RideChangesTest {

  private static final int RIDES = 5_000;

  private final long seed = printed(ThreadLocalRandom.current().nextLong());
  private final List<RideChange> changes = all(seed, RIDES);

  @Test
  void givesTheSameChangesForTheSameSeed() {
    assertThat(all(seed, RIDES)).isEqualTo(changes);
    assertThat(all(seed + 1, RIDES)).isNotEqualTo(changes);
  }

  /** Pins the sequence: a change of it changes what every seed gives. */
  @Test
  void beginsSeedSevenAsEver() {
    assertThat(all(7, 100).subList(0, 3))
        .extracting(
            RideChange::operation,
            RideChange::rideNumber,
            change -> change.row().get(BookingColumn.TIME),
            change -> change.row().get(BookingColumn.BOOKING_ID),
            change -> change.row().get(BookingColumn.BOOKING_STATUS))
        .containsExactly(
            tuple(Operation.INSERT, 0L, "b'00:00:16'", "b'\"CNR1694696\"'", "b'Requested'"),
            tuple(Operation.UPDATE, 0L, "b'00:00:16'", "b'\"CNR1694696\"'", "b'Driver Assigned'"),
            tuple(Operation.UPDATE, 0L, "b'00:00:16'", "b'\"CNR1694696\"'", "b'In Progress'"));
    assertThat(
            all(7, 1_000).stream()
                .map(
                    change ->
                        change.operation().name()
                            + change.rideNumber()
                            + String.join(",", change.row().values()))
                .toList()
                .hashCode())
        .isEqualTo(-1_277_461_761);
  }

  @Test
  void happensInTheOrderOfTime() {
    assertThat(changes).isSortedAccordingTo(RideChange.BY_TIME);
  }

  @Test
  void playsTheWholeLifeOfEveryRideInItsOwnOrder() {
    var byRide = changes.stream().collect(groupingBy(RideChange::rideNumber));
    assertThat(byRide).hasSize(RIDES);
    RideGenerator generator = new RideGenerator(seed);
    for (long number = 0; number < RIDES; number++) {
      assertThat(byRide.get(number)).isEqualTo(RideLife.of(generator.next()));
    }
  }

  @Test
  void keepsManyRidesInFlight() {
    Set<Long> inFlight = new HashSet<>();
    int most = 0;
    for (RideChange change : changes) {
      inFlight.add(change.rideNumber());
      most = Math.max(most, inFlight.size());
      if (change.isLast()) {
        inFlight.remove(change.rideNumber());
      }
    }
    assertThat(most).isBetween(20, 100);
    assertThat(inFlight).isEmpty();
  }

  @Test
  void updatesMoreThanItInsertsAndDeletesLittle() {
    assertThat(count(Operation.INSERT)).isEqualTo(RIDES);
    assertThat(count(Operation.UPDATE)).isBetween(3L * RIDES, 4L * RIDES);
    assertThat(count(Operation.DELETE)).isBetween(RIDES / 200L, RIDES * 3L / 100);
  }

  @Test
  void endsAfterTheLastRide() {
    RideChanges one = new RideChanges(seed, 1);
    while (one.hasNext()) {
      one.next();
    }
    assertThatThrownBy(one::next).isInstanceOf(NoSuchElementException.class);
  }

  private long count(Operation operation) {
    return changes.stream().filter(change -> change.operation() == operation).count();
  }

  private static List<RideChange> all(long seed, long rides) {
    List<RideChange> all = new ArrayList<>();
    new RideChanges(seed, rides).forEachRemaining(all::add);
    return all;
  }

  private static long printed(long seed) {
    System.out.println("RideChangesTest: seed " + seed);
    return seed;
  }
}
