package dev.millrace.simulator;

import java.time.LocalDateTime;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.Map;

/**
 * One change of one row.
 *
 * @param rideNumber the ride whose row it is; the row's id is known to Postgres alone
 * @param step 0 for the insert that begins a ride's life, then 1, 2, ...
 * @param time when the change happens in the simulated city
 * @param row every column's literal after the change; of a delete, before it
 * @param isLast nothing happens to the row afterwards
 */
public record RideChange(
    Operation operation,
    long rideNumber,
    int step,
    LocalDateTime time,
    Map<BookingColumn, String> row,
    boolean isLast) {

  /** What happens to the row. */
  public enum Operation {
    INSERT,
    UPDATE,
    DELETE
  }

  /** By time; what happens in the same second, by ride and then by step. A total order. */
  static final Comparator<RideChange> BY_TIME =
      Comparator.comparing(RideChange::time)
          .thenComparingLong(RideChange::rideNumber)
          .thenComparingInt(RideChange::step);

  public RideChange {
    row = Collections.unmodifiableMap(new EnumMap<>(row));
  }
}
