package dev.millrace.simulator;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RideGeneratorTest {

  private static final int RIDES = 100_000;

  /** Five standard deviations and more of the widest share. */
  private static final Offset<Double> ONE_PERCENT = within(1.0);

  private long seed;
  private List<Ride> rides;

  @BeforeAll
  void drawRides() {
    seed = ThreadLocalRandom.current().nextLong();
    System.out.println("RideGeneratorTest: seed " + seed);
    rides = draw(seed, RIDES);
  }

  @Test
  void drawsOutcomesAsInTheDataSet() {
    Map<String, Double> percent = percentages(ride -> ride.outcome().status());
    assertThat(percent)
        .containsOnlyKeys(
            "Completed",
            "Cancelled by Driver",
            "Cancelled by Customer",
            "No Driver Found",
            "Incomplete");
    assertThat(percent.get("Completed")).isCloseTo(62.0, ONE_PERCENT);
    assertThat(percent.get("Cancelled by Driver")).isCloseTo(18.0, ONE_PERCENT);
    assertThat(percent.get("Cancelled by Customer")).isCloseTo(7.0, ONE_PERCENT);
    assertThat(percent.get("No Driver Found")).isCloseTo(7.0, ONE_PERCENT);
    assertThat(percent.get("Incomplete")).isCloseTo(6.0, ONE_PERCENT);
  }

  @Test
  void drawsVehicleTypesAsInTheDataSet() {
    Map<String, Double> percent = percentages(ride -> ride.vehicleType().title());
    assertThat(percent)
        .containsOnlyKeys(
            "Auto", "Go Mini", "Go Sedan", "Bike", "Premier Sedan", "eBike", "Uber XL");
    assertThat(percent.get("Auto")).isCloseTo(25.0, ONE_PERCENT);
    assertThat(percent.get("Uber XL")).isCloseTo(3.0, ONE_PERCENT);
  }

  @Test
  void drawsPaymentMethodsAsInTheDataSet() {
    Map<String, Double> percent = percentages(ride -> ride.paymentMethod().title());
    assertThat(percent).containsOnlyKeys("UPI", "Cash", "Uber Wallet", "Credit Card", "Debit Card");
    assertThat(percent.get("UPI")).isCloseTo(45.0, ONE_PERCENT);
    assertThat(percent.get("Debit Card")).isCloseTo(8.0, ONE_PERCENT);
  }

  @Test
  void erasesThreeRowsInTwoHundred() {
    assertThat(percentages(ride -> String.valueOf(ride.erasedAfter().isPresent())).get("true"))
        .isCloseTo(1.5, within(0.3));
  }

  @Test
  void givesReasonsOnlyWhereTheOutcomeHasThem() {
    assertThat(rides)
        .allSatisfy(
            ride ->
                assertThat(ride.reason().stream().allMatch(ride.outcome().reasons()::contains))
                    .isTrue());
    assertThat(rides)
        .allSatisfy(
            ride ->
                assertThat(ride.reason().isEmpty())
                    .isEqualTo(
                        ride.outcome() == RideOutcome.COMPLETED
                            || ride.outcome() == RideOutcome.NO_DRIVER_FOUND));
    assertThat(rides.stream().flatMap(ride -> ride.reason().stream()).distinct()).hasSize(13);
  }

  @Test
  void keepsFiguresWithinTheirBounds() {
    assertThat(rides).allMatch(ride -> ride.fare() >= 50 && ride.fare() <= 3000);
    assertThat(rides).allMatch(ride -> ride.kilometres() >= 1 && ride.kilometres() <= 50);
    assertThat(rides).allMatch(ride -> ride.driverRating() >= 3 && ride.driverRating() <= 5);
    assertThat(rides).allMatch(ride -> ride.customerRating() >= 3 && ride.customerRating() <= 5);
    assertThat(rides.stream().mapToInt(Ride::fare).average().orElseThrow()).isBetween(350.0, 650.0);
    assertThat(rides.stream().filter(ride -> ride.fare() > 1000).count())
        .isBetween(RIDES * 3 / 100L, RIDES * 15 / 100L);
  }

  @Test
  void printsFiguresAsPythonPrintsFloats() {
    for (int hundredths = 100; hundredths <= 5000; hundredths++) {
      BigDecimal exact = BigDecimal.valueOf(hundredths, 2);
      String python = exact.setScale(exact.stripTrailingZeros().scale() > 1 ? 2 : 1).toString();
      assertThat(Double.toString(hundredths / 100.0)).isEqualTo(python);
    }
  }

  @Test
  void visitsEveryPlaceAndAlwaysMoves() {
    assertThat(rides).allMatch(ride -> !ride.pickup().equals(ride.drop()));
    assertThat(rides.stream().map(Ride::pickup).distinct()).hasSize(Places.DELHI_NCR.size());
    assertThat(rides.stream().map(Ride::drop).distinct()).hasSize(Places.DELHI_NCR.size());
    assertThat(Places.DELHI_NCR)
        .hasSizeGreaterThan(150)
        .doesNotHaveDuplicates()
        .contains("Humayun's Tomb", "Le Méridien Janpath");
  }

  @Test
  void requestsRidesInOrderOverMostOfAYear() {
    assertThat(rides)
        .isSortedAccordingTo(Comparator.comparing(Ride::requestedAt))
        .extracting(Ride::number)
        .startsWith(0L, 1L, 2L)
        .endsWith((long) RIDES - 1);
    assertThat(rides.get(0).requestedAt().toLocalDate()).isEqualTo(LocalDate.of(2024, 1, 1));
    // 100,000 of the data set's 150,000 a year: two thirds of 2024 end on the last of August.
    assertThat(rides.get(RIDES - 1).requestedAt().toLocalDate())
        .isBetween(LocalDate.of(2024, 8, 20), LocalDate.of(2024, 9, 11));
  }

  @Test
  void neverRepeatsABookingId() {
    assertThat(rides.stream().map(Ride::bookingId).distinct()).hasSize(RIDES);
    assertThat(rides).allMatch(ride -> ride.bookingId().matches("CNR[1-9][0-9]{6}"));
    assertThat(rides).allMatch(ride -> ride.customerId().matches("CID[1-9][0-9]{6}"));
  }

  @Test
  void drawsTheSameRidesFromTheSameSeed() {
    assertThat(draw(seed, RIDES)).isEqualTo(rides);
    assertThat(draw(seed + 1, 100)).isNotEqualTo(rides.subList(0, 100));
  }

  private Map<String, Double> percentages(Function<Ride, String> property) {
    Map<String, Double> percentages = new TreeMap<>();
    rides.stream()
        .collect(groupingBy(property, counting()))
        .forEach((value, count) -> percentages.put(value, 100.0 * count / RIDES));
    return percentages;
  }

  private static List<Ride> draw(long seed, int count) {
    return Stream.generate(new RideGenerator(seed)::next).limit(count).toList();
  }
}
