package dev.millrace.simulator;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The 21 text columns that a Python loader made of {@code ncr_ride_bookings.csv}, in the file's
 * order.
 *
 * <p>Each holds a Python bytes literal, never an SQL null. What is missing is {@code b'null'} in a
 * column of words and {@code b'nan'} in a column of numbers.
 */
public enum BookingColumn {
  DATE("Date", Content.WORDS, Lifetime.FIXED),
  TIME("Time", Content.WORDS, Lifetime.FIXED),
  BOOKING_ID("Booking ID", Content.WORDS, Lifetime.FIXED),
  BOOKING_STATUS("Booking Status", Content.WORDS, Lifetime.CHANGING),
  CUSTOMER_ID("Customer ID", Content.WORDS, Lifetime.FIXED),
  VEHICLE_TYPE("Vehicle Type", Content.WORDS, Lifetime.FIXED),
  PICKUP_LOCATION("Pickup Location", Content.WORDS, Lifetime.FIXED),
  DROP_LOCATION("Drop Location", Content.WORDS, Lifetime.FIXED),
  AVG_VTAT("Avg VTAT", Content.NUMBER, Lifetime.CHANGING),
  AVG_CTAT("Avg CTAT", Content.NUMBER, Lifetime.CHANGING),
  CANCELLED_RIDES_BY_CUSTOMER("Cancelled Rides by Customer", Content.NUMBER, Lifetime.CHANGING),
  REASON_FOR_CANCELLING_BY_CUSTOMER(
      "Reason for cancelling by Customer", Content.WORDS, Lifetime.CHANGING),
  CANCELLED_RIDES_BY_DRIVER("Cancelled Rides by Driver", Content.NUMBER, Lifetime.CHANGING),
  DRIVER_CANCELLATION_REASON("Driver Cancellation Reason", Content.WORDS, Lifetime.CHANGING),
  INCOMPLETE_RIDES("Incomplete Rides", Content.NUMBER, Lifetime.CHANGING),
  INCOMPLETE_RIDES_REASON("Incomplete Rides Reason", Content.WORDS, Lifetime.CHANGING),
  BOOKING_VALUE("Booking Value", Content.NUMBER, Lifetime.CHANGING),
  RIDE_DISTANCE("Ride Distance", Content.NUMBER, Lifetime.CHANGING),
  DRIVER_RATINGS("Driver Ratings", Content.NUMBER, Lifetime.CHANGING),
  CUSTOMER_RATING("Customer Rating", Content.NUMBER, Lifetime.CHANGING),
  PAYMENT_METHOD("Payment Method", Content.WORDS, Lifetime.CHANGING);

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
    return FILE_PREFIX + title.toLowerCase(Locale.ROOT).replace(' ', '+');
  }

  /** The column's name in the file's header: {@code Booking Value}. */
  public String title() {
    return title;
  }

  /** The column's name where names are plain: {@code booking_value}. */
  String fieldName() {
    return title.toLowerCase(Locale.ROOT).replace(' ', '_');
  }

  /** Whether its values are numbers. */
  boolean isNumber() {
    return content == Content.NUMBER;
  }

  /** The literal that represents a missing value. */
  private String missing() {
    return content == Content.NUMBER ? "b'nan'" : "b'null'";
  }

  /** Every column's literal, of texts that lack what is missing. */
  static Map<BookingColumn, String> literals(Map<BookingColumn, String> texts) {
    Map<BookingColumn, String> literals = new EnumMap<>(BookingColumn.class);
    for (BookingColumn column : values()) {
      String text = texts.get(column);
      literals.put(column, text == null ? column.missing() : PythonBytes.repr(text));
    }
    return literals;
  }

  /** The columns that a ride's life changes; the others are as they were booked. */
  static List<BookingColumn> changing() {
    return CHANGING;
  }
}
