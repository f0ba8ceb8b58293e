package dev.millrace.simulator;

import java.util.Arrays;
import java.util.List;

/**
 * The 21 text columns that a Python loader made of {@code ncr_ride_bookings.csv}, in the file's
 * order.
 *
 * <p>Each holds a Python bytes literal, never an SQL null. What is missing is {@code b'null'} in a
 * column of words and {@code b'nan'} in a column of numbers.
 */
public enum BookingColumn {
  DATE("date", Content.WORDS, Lifetime.FIXED),
  TIME("time", Content.WORDS, Lifetime.FIXED),
  BOOKING_ID("booking+id", Content.WORDS, Lifetime.FIXED),
  BOOKING_STATUS("booking+status", Content.WORDS, Lifetime.CHANGING),
  CUSTOMER_ID("customer+id", Content.WORDS, Lifetime.FIXED),
  VEHICLE_TYPE("vehicle+type", Content.WORDS, Lifetime.FIXED),
  PICKUP_LOCATION("pickup+location", Content.WORDS, Lifetime.FIXED),
  DROP_LOCATION("drop+location", Content.WORDS, Lifetime.FIXED),
  AVG_VTAT("avg+vtat", Content.NUMBER, Lifetime.CHANGING),
  AVG_CTAT("avg+ctat", Content.NUMBER, Lifetime.CHANGING),
  CANCELLED_RIDES_BY_CUSTOMER("cancelled+rides+by+customer", Content.NUMBER, Lifetime.CHANGING),
  REASON_FOR_CANCELLING_BY_CUSTOMER(
      "reason+for+cancelling+by+customer", Content.WORDS, Lifetime.CHANGING),
  CANCELLED_RIDES_BY_DRIVER("cancelled+rides+by+driver", Content.NUMBER, Lifetime.CHANGING),
  DRIVER_CANCELLATION_REASON("driver+cancellation+reason", Content.WORDS, Lifetime.CHANGING),
  INCOMPLETE_RIDES("incomplete+rides", Content.NUMBER, Lifetime.CHANGING),
  INCOMPLETE_RIDES_REASON("incomplete+rides+reason", Content.WORDS, Lifetime.CHANGING),
  BOOKING_VALUE("booking+value", Content.NUMBER, Lifetime.CHANGING),
  RIDE_DISTANCE("ride+distance", Content.NUMBER, Lifetime.CHANGING),
  DRIVER_RATINGS("driver+ratings", Content.NUMBER, Lifetime.CHANGING),
  CUSTOMER_RATING("customer+rating", Content.NUMBER, Lifetime.CHANGING),
  PAYMENT_METHOD("payment+method", Content.WORDS, Lifetime.CHANGING);

  private static final String FILE_PREFIX = "ncr_ride_bookings.csv/";

  private static final List<BookingColumn> CHANGING =
      Arrays.stream(values()).filter(column -> column.lifetime == Lifetime.CHANGING).toList();

  private enum Content {
    WORDS,
    NUMBER
  }

  private enum Lifetime {
    FIXED,
    CHANGING
  }

  private final String title;
  private final Content content;
  private final Lifetime lifetime;

  BookingColumn(String title, Content content, Lifetime lifetime) {
    this.title = title;
    this.content = content;
    this.lifetime = lifetime;
  }

  /** The column's name in Postgres, not quoted: {@code ncr_ride_bookings.csv/booking+value}. */
  public String columnName() {
    return FILE_PREFIX + title;
  }

  /** The literal that stands for a missing value. */
  String missing() {
    return content == Content.NUMBER ? "b'nan'" : "b'null'";
  }

  /** The columns that a ride's life changes; the others are as they were booked. */
  static List<BookingColumn> changing() {
    return CHANGING;
  }
}
