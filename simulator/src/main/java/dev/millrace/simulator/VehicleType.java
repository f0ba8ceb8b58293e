package dev.millrace.simulator;

import java.util.List;

/** What drives, how often it is booked and what it costs in rupees. */
enum VehicleType {
  AUTO("Auto", 25, 40, 11),
  GO_MINI("Go Mini", 20, 55, 14),
  GO_SEDAN("Go Sedan", 18, 65, 16),
  BIKE("Bike", 15, 25, 7),
  PREMIER_SEDAN("Premier Sedan", 12, 90, 22),
  E_BIKE("eBike", 7, 25, 6),
  UBER_XL("Uber XL", 3, 110, 28);

  static final WeightedChoice<VehicleType> CHOICE =
      WeightedChoice.among(List.of(values()), type -> type.percent);

  private final String title;
  private final int percent;
  private final int baseFare;
  private final int farePerKilometre;

  VehicleType(String title, int percent, int baseFare, int farePerKilometre) {
    this.title = title;
    this.percent = percent;
    this.baseFare = baseFare;
    this.farePerKilometre = farePerKilometre;
  }

  String title() {
    return title;
  }

  /** The fare in whole rupees, from 50 to 3000; {@code surge} is 1 at quiet times. */
  int fare(double kilometres, double surge) {
    double fare = (baseFare + farePerKilometre * kilometres) * surge;
    return (int) Math.round(Math.max(50, Math.min(3000, fare)));
  }
}
