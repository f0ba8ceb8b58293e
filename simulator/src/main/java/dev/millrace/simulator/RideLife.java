package dev.millrace.simulator;

import static dev.millrace.simulator.BookingColumn.AVG_CTAT;
import static dev.millrace.simulator.BookingColumn.AVG_VTAT;
import static dev.millrace.simulator.BookingColumn.BOOKING_ID;
import static dev.millrace.simulator.BookingColumn.BOOKING_STATUS;
import static dev.millrace.simulator.BookingColumn.BOOKING_VALUE;
import static dev.millrace.simulator.BookingColumn.CANCELLED_RIDES_BY_CUSTOMER;
import static dev.millrace.simulator.BookingColumn.CANCELLED_RIDES_BY_DRIVER;
import static dev.millrace.simulator.BookingColumn.CUSTOMER_ID;
import static dev.millrace.simulator.BookingColumn.CUSTOMER_RATING;
import static dev.millrace.simulator.BookingColumn.DATE;
import static dev.millrace.simulator.BookingColumn.DRIVER_CANCELLATION_REASON;
import static dev.millrace.simulator.BookingColumn.DRIVER_RATINGS;
import static dev.millrace.simulator.BookingColumn.DROP_LOCATION;
import static dev.millrace.simulator.BookingColumn.INCOMPLETE_RIDES;
import static dev.millrace.simulator.BookingColumn.INCOMPLETE_RIDES_REASON;
import static dev.millrace.simulator.BookingColumn.PAYMENT_METHOD;
import static dev.millrace.simulator.BookingColumn.PICKUP_LOCATION;
import static dev.millrace.simulator.BookingColumn.REASON_FOR_CANCELLING_BY_CUSTOMER;
import static dev.millrace.simulator.BookingColumn.RIDE_DISTANCE;
import static dev.millrace.simulator.BookingColumn.TIME;
import static dev.millrace.simulator.BookingColumn.VEHICLE_TYPE;

import dev.millrace.simulator.RideChange.Operation;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What a ride does to its row.
 *
 * <pre>
 * insert  Requested        who, what, where
 * update  Driver Assigned  + avg vtat
 * update  In Progress
 * update  Completed        + avg ctat, booking value, ride distance, payment method
 * update  Completed        + both ratings
 * delete                   of three rides in two hundred
 * </pre>
 *
 * <p>Other outcomes leave that path: no driver found after the request, a cancellation (flag and
 * reason) after the assignment, an incomplete ride (flag, reason, and all of a completed one's but
 * the ratings) after the start. So every ended ride has the missing values that its status has in
 * the data set.
 */
final class RideLife {

  private static final DateTimeFormatter TIME_OF_DAY = DateTimeFormatter.ofPattern("HH:mm:ss");
  private static final String YES = "1.0";

  private final Ride ride;
  private final List<RideChange> changes = new ArrayList<>();
  private final EnumMap<BookingColumn, String> texts = new EnumMap<>(BookingColumn.class);
  private LocalDateTime time;

  private RideLife(Ride ride) {
    this.ride = ride;
    this.time = ride.requestedAt();
  }

  /** The changes in the order in which they happen, the insert first. */
  static List<RideChange> of(Ride ride) {
    RideLife life = new RideLife(ride);
    life.live();
    return life.changesWithLastMarked();
  }

  /** What the columns say in the end, without the bytes literals; lacks what is missing. */
  static Map<BookingColumn, String> endOf(Ride ride) {
    RideLife life = new RideLife(ride);
    life.live();
    return life.texts;
  }

  private void live() {
    request();
    switch (ride.outcome()) {
      case NO_DRIVER_FOUND -> end(ride.waitForDriver(), Map.of());
      case CANCELLED_BY_DRIVER -> {
        assignDriver();
        end(
            minutes(ride.minutesToPickup() / 2),
            Map.of(CANCELLED_RIDES_BY_DRIVER, YES, DRIVER_CANCELLATION_REASON, reason()));
      }
      case CANCELLED_BY_CUSTOMER -> {
        assignDriver();
        end(
            minutes(ride.minutesToPickup() / 2),
            Map.of(CANCELLED_RIDES_BY_CUSTOMER, YES, REASON_FOR_CANCELLING_BY_CUSTOMER, reason()));
      }
      case INCOMPLETE -> {
        assignDriver();
        startTrip();
        texts.putAll(tripFigures());
        end(
            minutes(ride.minutesOfTrip()),
            Map.of(INCOMPLETE_RIDES, YES, INCOMPLETE_RIDES_REASON, reason()));
      }
      case COMPLETED -> {
        assignDriver();
        startTrip();
        end(minutes(ride.minutesOfTrip()), tripFigures());
        update(
            ride.ratedAfter(),
            Map.of(
                DRIVER_RATINGS, number(ride.driverRating()),
                CUSTOMER_RATING, number(ride.customerRating())));
      }
    }
    ride.erasedAfter().ifPresent(delay -> change(Operation.DELETE, delay));
  }

  private void request() {
    texts.put(DATE, ride.requestedAt().toLocalDate().toString());
    texts.put(TIME, ride.requestedAt().format(TIME_OF_DAY));
    texts.put(BOOKING_ID, '"' + ride.bookingId() + '"');
    texts.put(BOOKING_STATUS, "Requested");
    texts.put(CUSTOMER_ID, '"' + ride.customerId() + '"');
    texts.put(VEHICLE_TYPE, ride.vehicleType().title());
    texts.put(PICKUP_LOCATION, ride.pickup());
    texts.put(DROP_LOCATION, ride.drop());
    change(Operation.INSERT, Duration.ZERO);
  }

  private void assignDriver() {
    update(
        ride.waitForDriver(),
        Map.of(BOOKING_STATUS, "Driver Assigned", AVG_VTAT, number(ride.minutesToPickup())));
  }

  private void startTrip() {
    update(minutes(ride.minutesToPickup()), Map.of(BOOKING_STATUS, "In Progress"));
  }

  private Map<BookingColumn, String> tripFigures() {
    return Map.of(
        AVG_CTAT, number(ride.minutesOfTrip()),
        BOOKING_VALUE, number(ride.fare()),
        RIDE_DISTANCE, number(ride.kilometres()),
        PAYMENT_METHOD, ride.paymentMethod().title());
  }

  private void end(Duration delay, Map<BookingColumn, String> columns) {
    texts.put(BOOKING_STATUS, ride.outcome().status());
    update(delay, columns);
  }

  private void update(Duration delay, Map<BookingColumn, String> columns) {
    texts.putAll(columns);
    change(Operation.UPDATE, delay);
  }

  private void change(Operation operation, Duration delay) {
    time = time.plus(delay);
    changes.add(
        new RideChange(
            operation, ride.number(), changes.size(), time, BookingColumn.literals(texts), false));
  }

  private List<RideChange> changesWithLastMarked() {
    int last = changes.size() - 1;
    RideChange change = changes.get(last);
    changes.set(
        last,
        new RideChange(
            change.operation(),
            change.rideNumber(),
            change.step(),
            change.time(),
            change.row(),
            true));
    return List.copyOf(changes);
  }

  private String reason() {
    return ride.reason().orElseThrow();
  }

  /** As Python writes a float: {@code 1138.0}, {@code 45.75}. */
  private static String number(double value) {
    return Double.toString(value);
  }

  private static Duration minutes(double minutes) {
    return Duration.ofSeconds(Math.round(minutes * 60));
  }
}
