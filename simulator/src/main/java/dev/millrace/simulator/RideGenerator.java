package dev.millrace.simulator;

import java.time.Duration;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Draws rides in the order of their requests, from the first of January 2024 on, without end.
 *
 * <p>The rides are a function of the seed alone. They come as densely as in the data set, 150,000 a
 * year, with its quiet nights and busy evenings.
 */
final class RideGenerator {

  private static final LocalDateTime FIRST_REQUEST = LocalDateTime.of(2024, 1, 1, 0, 0);
  private static final double MEAN_SECONDS_BETWEEN_REQUESTS = 366 * 24 * 3600 / 150_000.0;

  /** Requests at each hour of the day, as a percentage of an average hour's. */
  private static final int[] HOURLY_DEMAND = {
    22, 22, 22, 22, 22, 44, 66, 88, 110, 131, 153, 131, 109, 109, 109, 131, 153, 175, 197, 175, 153,
    131, 88, 44
  };

  private static final int IDENTIFIERS = 9_000_000;
  private static final int LOWEST_IDENTIFIER = 1_000_000;

  /** Prime, and no factor of {@link #IDENTIFIERS}: the steps meet every identifier once. */
  private static final long IDENTIFIER_STEP = 6_180_343;

  private static final double ERASED_SHARE = 0.015;

  private final SplittableRandom random;
  private final int firstIdentifier;
  private long nextNumber;
  private LocalDateTime clock = FIRST_REQUEST;

  RideGenerator(long seed) {
    random = new SplittableRandom(seed);
    firstIdentifier = random.nextInt(IDENTIFIERS);
  }

  /** Booking ids do not repeat within nine million rides; customers may come again. */
  Ride next() {
    long number = nextNumber++;
    clock = clock.plusSeconds(secondsToNextRequest());
    RideOutcome outcome = RideOutcome.CHOICE.draw(random);
    VehicleType vehicleType = VehicleType.CHOICE.draw(random);
    int pickup = random.nextInt(Places.DELHI_NCR.size());
    int drop = (pickup + 1 + random.nextInt(Places.DELHI_NCR.size() - 1)) % Places.DELHI_NCR.size();
    double kilometres =
        outcome == RideOutcome.INCOMPLETE ? between(100, 2000) / 100.0 : between(100, 5000) / 100.0;
    return new Ride(
        number,
        clock,
        "CNR" + bookingIdentifier(number),
        "CID" + (LOWEST_IDENTIFIER + random.nextInt(IDENTIFIERS)),
        vehicleType,
        Places.DELHI_NCR.get(pickup),
        Places.DELHI_NCR.get(drop),
        outcome,
        reason(outcome.reasons()),
        Duration.ofSeconds(between(20, 240)),
        between(20, 200) / 10.0,
        between(100, 450) / 10.0,
        kilometres,
        vehicleType.fare(kilometres, surge()),
        PaymentMethod.CHOICE.draw(random),
        rating(),
        rating(),
        Duration.ofSeconds(between(60, 1800)),
        random.nextDouble() < ERASED_SHARE
            ? Optional.of(Duration.ofSeconds(between(600, 7200)))
            : Optional.empty());
  }

  private long secondsToNextRequest() {
    double mean = MEAN_SECONDS_BETWEEN_REQUESTS * 100 / HOURLY_DEMAND[clock.getHour()];
    // StrictMath gives the same bits on every processor.
    return Math.round(-StrictMath.log(1 - random.nextDouble()) * mean);
  }

  private long bookingIdentifier(long number) {
    long steps = number % IDENTIFIERS * IDENTIFIER_STEP;
    return LOWEST_IDENTIFIER + (firstIdentifier + steps) % IDENTIFIERS;
  }

  private Optional<String> reason(List<String> reasons) {
    return reasons.isEmpty()
        ? Optional.empty()
        : Optional.of(reasons.get(random.nextInt(reasons.size())));
  }

  /** Mostly near 1, now and then up to 3. */
  private double surge() {
    double unlikely = random.nextDouble();
    return 0.9 + 2.1 * unlikely * unlikely * unlikely * unlikely;
  }

  /** Of two draws the better one: good ratings are the more common. */
  private double rating() {
    return Math.max(between(30, 50), between(30, 50)) / 10.0;
  }

  private int between(int lowest, int highest) {
    return lowest + random.nextInt(highest - lowest + 1);
  }
}
