package dev.millrace.simulator;

import java.util.List;

/** How a ride ends, how often, and the reasons that are given for it. */
enum RideOutcome {
  COMPLETED("Completed", 62),
  CANCELLED_BY_DRIVER("Cancelled by Driver", 18),
  CANCELLED_BY_CUSTOMER("Cancelled by Customer", 7),
  NO_DRIVER_FOUND("No Driver Found", 7),
  INCOMPLETE("Incomplete", 6);

  static final WeightedChoice<RideOutcome> CHOICE =
      WeightedChoice.among(List.of(values()), outcome -> outcome.percent);

  private final String status;
  private final int percent;

  RideOutcome(String status, int percent) {
    this.status = status;
    this.percent = percent;
  }

  /** The booking status once the ride has ended so. */
  String status() {
    return status;
  }

  /** Empty where no reason is given. */
  List<String> reasons() {
    return switch (this) {
      case COMPLETED, NO_DRIVER_FOUND -> List.of();
      case CANCELLED_BY_DRIVER ->
          List.of(
              "Customer related issue",
              "The customer was coughing/sick",
              "Personal & Car related issues",
              "More than permitted people in there");
      case CANCELLED_BY_CUSTOMER ->
          List.of(
              "Wrong Address",
              "Change of plans",
              "Driver is not moving towards pickup location",
              "Driver asked to cancel",
              "AC is not working");
      case INCOMPLETE ->
          List.of("Customer Demand", "Vehicle Breakdown", "Other Issue", "Driver's fault");
    };
  }
}
