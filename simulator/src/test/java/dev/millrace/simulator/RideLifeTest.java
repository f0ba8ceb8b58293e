package dev.millrace.simulator;

import static dev.millrace.simulator.BookingColumn.*;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.simulator.RideChange.Operation;
import java.time.Duration;
import java.time.LocalDateTime;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RideLifeTest {

  private static final LocalDateTime REQUESTED = LocalDateTime.of(2024, 3, 23, 12, 29, 38);

  @Test
  void insertsARequestWithAllElseMissing() {
    RideChange insert = RideLife.of(ride(RideOutcome.COMPLETED)).get(0);

    assertThat(insert.operation()).isEqualTo(Operation.INSERT);
    assertThat(insert.time()).isEqualTo(REQUESTED);
    assertThat(insert.row())
        .containsExactly(
            Map.entry(DATE, "b'2024-03-23'"),
            Map.entry(TIME, "b'12:29:38'"),
            Map.entry(BOOKING_ID, "b'\"CNR5884300\"'"),
            Map.entry(BOOKING_STATUS, "b'Requested'"),
            Map.entry(CUSTOMER_ID, "b'\"CID1982111\"'"),
            Map.entry(VEHICLE_TYPE, "b'Go Sedan'"),
            Map.entry(PICKUP_LOCATION, "b\"Humayun's Tomb\""),
            Map.entry(DROP_LOCATION, "b'Le M\\xc3\\xa9ridien Janpath'"),
            Map.entry(AVG_VTAT, "b'nan'"),
            Map.entry(AVG_CTAT, "b'nan'"),
            Map.entry(CANCELLED_RIDES_BY_CUSTOMER, "b'nan'"),
            Map.entry(REASON_FOR_CANCELLING_BY_CUSTOMER, "b'null'"),
            Map.entry(CANCELLED_RIDES_BY_DRIVER, "b'nan'"),
            Map.entry(DRIVER_CANCELLATION_REASON, "b'null'"),
            Map.entry(INCOMPLETE_RIDES, "b'nan'"),
            Map.entry(INCOMPLETE_RIDES_REASON, "b'null'"),
            Map.entry(BOOKING_VALUE, "b'nan'"),
            Map.entry(RIDE_DISTANCE, "b'nan'"),
            Map.entry(DRIVER_RATINGS, "b'nan'"),
            Map.entry(CUSTOMER_RATING, "b'nan'"),
            Map.entry(PAYMENT_METHOD, "b'null'"));
  }

  @Test
  void completesARideStepByStep() {
    List<RideChange> changes = RideLife.of(ride(RideOutcome.COMPLETED));

    assertThat(changes)
        .extracting(change -> change.row().get(BOOKING_STATUS))
        .containsExactly(
            "b'Requested'", "b'Driver Assigned'", "b'In Progress'", "b'Completed'", "b'Completed'");
    assertThat(changes)
        .extracting(RideChange::time)
        .containsExactly(
            REQUESTED,
            LocalDateTime.of(2024, 3, 23, 12, 31, 38),
            LocalDateTime.of(2024, 3, 23, 12, 39, 56),
            LocalDateTime.of(2024, 3, 23, 13, 8, 26),
            LocalDateTime.of(2024, 3, 23, 13, 13, 26));
    assertThat(changes.get(3).row())
        .containsEntry(AVG_VTAT, "b'8.3'")
        .containsEntry(AVG_CTAT, "b'28.5'")
        .containsEntry(BOOKING_VALUE, "b'1138.0'")
        .containsEntry(RIDE_DISTANCE, "b'45.75'")
        .containsEntry(PAYMENT_METHOD, "b'UPI'")
        .containsEntry(DRIVER_RATINGS, "b'nan'");
    assertThat(changes.get(4).row())
        .containsEntry(DRIVER_RATINGS, "b'4.9'")
        .containsEntry(CUSTOMER_RATING, "b'5.0'");
  }

  @Test
  void completedRidesLackFlagsAndReasons() {
    assertThat(missingAtTheEnd(RideOutcome.COMPLETED))
        .containsExactlyInAnyOrder(
            CANCELLED_RIDES_BY_CUSTOMER,
            REASON_FOR_CANCELLING_BY_CUSTOMER,
            CANCELLED_RIDES_BY_DRIVER,
            DRIVER_CANCELLATION_REASON,
            INCOMPLETE_RIDES,
            INCOMPLETE_RIDES_REASON);
  }

  @Test
  void incompleteRidesLackRatingsAndCancellations() {
    assertThat(missingAtTheEnd(RideOutcome.INCOMPLETE))
        .containsExactlyInAnyOrder(
            CANCELLED_RIDES_BY_CUSTOMER,
            REASON_FOR_CANCELLING_BY_CUSTOMER,
            CANCELLED_RIDES_BY_DRIVER,
            DRIVER_CANCELLATION_REASON,
            DRIVER_RATINGS,
            CUSTOMER_RATING);
    assertThat(rowAtTheEnd(RideOutcome.INCOMPLETE))
        .containsEntry(BOOKING_STATUS, "b'Incomplete'")
        .containsEntry(INCOMPLETE_RIDES, "b'1.0'")
        .containsEntry(INCOMPLETE_RIDES_REASON, "b\"Driver's fault\"");
  }

  @Test
  void ridesCancelledByTheDriverLackATrip() {
    assertThat(missingAtTheEnd(RideOutcome.CANCELLED_BY_DRIVER))
        .containsExactlyInAnyOrder(
            AVG_CTAT,
            CANCELLED_RIDES_BY_CUSTOMER,
            REASON_FOR_CANCELLING_BY_CUSTOMER,
            INCOMPLETE_RIDES,
            INCOMPLETE_RIDES_REASON,
            BOOKING_VALUE,
            RIDE_DISTANCE,
            DRIVER_RATINGS,
            CUSTOMER_RATING,
            PAYMENT_METHOD);
    assertThat(rowAtTheEnd(RideOutcome.CANCELLED_BY_DRIVER))
        .containsEntry(BOOKING_STATUS, "b'Cancelled by Driver'")
        .containsEntry(CANCELLED_RIDES_BY_DRIVER, "b'1.0'")
        .containsEntry(DRIVER_CANCELLATION_REASON, "b\"Driver's fault\"");
  }

  @Test
  void ridesCancelledByTheCustomerLackATrip() {
    assertThat(missingAtTheEnd(RideOutcome.CANCELLED_BY_CUSTOMER))
        .containsExactlyInAnyOrder(
            AVG_CTAT,
            CANCELLED_RIDES_BY_DRIVER,
            DRIVER_CANCELLATION_REASON,
            INCOMPLETE_RIDES,
            INCOMPLETE_RIDES_REASON,
            BOOKING_VALUE,
            RIDE_DISTANCE,
            DRIVER_RATINGS,
            CUSTOMER_RATING,
            PAYMENT_METHOD);
    assertThat(rowAtTheEnd(RideOutcome.CANCELLED_BY_CUSTOMER))
        .containsEntry(BOOKING_STATUS, "b'Cancelled by Customer'")
        .containsEntry(CANCELLED_RIDES_BY_CUSTOMER, "b'1.0'")
        .containsEntry(REASON_FOR_CANCELLING_BY_CUSTOMER, "b\"Driver's fault\"");
  }

  @Test
  void ridesWithoutADriverLackAllButTheRequest() {
    assertThat(missingAtTheEnd(RideOutcome.NO_DRIVER_FOUND))
        .isEqualTo(EnumSet.range(AVG_VTAT, PAYMENT_METHOD));
    assertThat(RideLife.of(ride(RideOutcome.NO_DRIVER_FOUND))).hasSize(2);
  }

  @Test
  void erasesSomeRowsAfterTheEnd() {
    List<RideChange> changes =
        RideLife.of(ride(RideOutcome.NO_DRIVER_FOUND, Optional.of(Duration.ofMinutes(10))));

    assertThat(changes)
        .extracting(RideChange::operation)
        .containsExactly(Operation.INSERT, Operation.UPDATE, Operation.DELETE);
    assertThat(changes.get(2).time()).isEqualTo(LocalDateTime.of(2024, 3, 23, 12, 41, 38));
    assertThat(changes.get(2).row()).isEqualTo(changes.get(1).row());
  }

  @Test
  void marksOnlyTheLastChange() {
    assertThat(RideLife.of(ride(RideOutcome.COMPLETED)))
        .extracting(RideChange::isLast)
        .containsExactly(false, false, false, false, true);
  }

  @Test
  void updatesNeverTouchTheRequest() {
    for (RideOutcome outcome : RideOutcome.values()) {
      List<RideChange> changes = RideLife.of(ride(outcome));
      Set<BookingColumn> changing = EnumSet.copyOf(BookingColumn.changing());
      for (BookingColumn column : EnumSet.complementOf(EnumSet.copyOf(changing))) {
        assertThat(changes)
            .extracting(change -> change.row().get(column))
            .containsOnly(changes.get(0).row().get(column));
      }
    }
  }

  private static Set<BookingColumn> missingAtTheEnd(RideOutcome outcome) {
    Set<BookingColumn> missing = EnumSet.noneOf(BookingColumn.class);
    rowAtTheEnd(outcome)
        .forEach(
            (column, literal) -> {
              if (literal.equals("b'null'") || literal.equals("b'nan'")) {
                missing.add(column);
              }
            });
    return missing;
  }

  private static Map<BookingColumn, String> rowAtTheEnd(RideOutcome outcome) {
    List<RideChange> changes = RideLife.of(ride(outcome));
    return changes.get(changes.size() - 1).row();
  }

  private static Ride ride(RideOutcome outcome) {
    return ride(outcome, Optional.empty());
  }

  private static Ride ride(RideOutcome outcome, Optional<Duration> erasedAfter) {
    return new Ride(
        0,
        REQUESTED,
        "CNR5884300",
        "CID1982111",
        VehicleType.GO_SEDAN,
        "Humayun's Tomb",
        "Le Méridien Janpath",
        outcome,
        Optional.of("Driver's fault"),
        Duration.ofMinutes(2),
        8.3,
        28.5,
        45.75,
        1138,
        PaymentMethod.UPI,
        4.9,
        5.0,
        Duration.ofMinutes(5),
        erasedAfter);
  }
}
