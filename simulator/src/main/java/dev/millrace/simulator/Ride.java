package dev.millrace.simulator;

import java.time.Duration;
import java.time.LocalDateTime;
import java.util.Optional;

/**
 * A ride from its booking to its end, known in full from the start.
 *
 * <p>It carries a value for everything that a ride can have; which of them the table gets to see,
 * and when, is decided by {@link RideLife} from the outcome.
 *
 * @param number 0 for the first ride of a simulation, then 1, 2, ...
 * @param requestedAt local time in Delhi, in whole seconds
 * @param reason present where the outcome has reasons
 * @param waitForDriver from the request to the driver's acceptance, or to giving up the search
 * @param minutesToPickup a multiple of 0.1
 * @param minutesOfTrip a multiple of 0.1
 * @param kilometres a multiple of 0.01, from 1 to 50
 * @param fare whole rupees, from 50 to 3000
 * @param driverRating from 3.0 to 5.0 in steps of 0.1, as is the customer's
 * @param ratedAfter from the trip's end to the ratings
 * @param erasedAfter from the last other change to the removal of the row; empty for a row that
 *     stays
 */
record Ride(
    long number,
    LocalDateTime requestedAt,
    String bookingId,
    String customerId,
    VehicleType vehicleType,
    String pickup,
    String drop,
    RideOutcome outcome,
    Optional<String> reason,
    Duration waitForDriver,
    double minutesToPickup,
    double minutesOfTrip,
    double kilometres,
    int fare,
    PaymentMethod paymentMethod,
    double driverRating,
    double customerRating,
    Duration ratedAfter,
    Optional<Duration> erasedAfter) {}
