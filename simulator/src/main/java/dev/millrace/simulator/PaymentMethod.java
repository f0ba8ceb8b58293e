package dev.millrace.simulator;

import java.util.List;

/** How a ride was paid, and how often. */
enum PaymentMethod {
  UPI("UPI", 45),
  CASH("Cash", 25),
  UBER_WALLET("Uber Wallet", 12),
  CREDIT_CARD("Credit Card", 10),
  DEBIT_CARD("Debit Card", 8);

  static final WeightedChoice<PaymentMethod> CHOICE =
      WeightedChoice.among(List.of(values()), method -> method.percent);

  private final String title;
  private final int percent;

  PaymentMethod(String title, int percent) {
    this.title = title;
    this.percent = percent;
  }

  String title() {
    return title;
  }
}
