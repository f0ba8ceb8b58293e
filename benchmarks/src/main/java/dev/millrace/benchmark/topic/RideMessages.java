package dev.millrace.benchmark.topic;

import dev.millrace.simulator.BookingColumn;
import dev.millrace.simulator.RideChange;
import dev.millrace.simulator.RideChanges;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Iterator;

/**
 * Ride bookings as Debezium's unwrapped JSON: the simulator's changes, without end, each as the
 * message that the connector of {@code connect-config/ride-bookings.json} makes of it. The same
 * messages every time.
 *
 * <pre>
 * {"id":7,"ncr_ride_bookings.csv/date":"b'2024-01-01'",...,"created_at":1762514972953131,
 *  "updated_at":1762514972953131,"__deleted":"false","__op":"u","__ts_ms":...,"__source_lsn":...,
 *  "__source_ts_ms":...,"__source_txId":...,"__source_snapshot":null}
 * </pre>
 */
public final class RideMessages implements Iterator<RideMessages.Message> {

  private static final long SEED = 20_240_101;
  private static final long FIRST_LSN = 26_562_512;
  private static final int LSN_STEP = 936;
  private static final String COMPLETED = "b'Completed'";

  private final Iterator<RideChange> changes;
  private final int copies;
  private final StringBuilder json = new StringBuilder(2048);
  private long number;

  /**
   * A message as it is in Kafka.
   *
   * @param id of the row
   * @param updatedMicros the row's {@code updated_at}, in microseconds since 1970-01-01
   * @param isCompleted whether the row's status is {@code Completed}
   */
  public record Message(
      long id,
      RideChange.Operation operation,
      long updatedMicros,
      boolean isCompleted,
      String value) {

    public String key() {
      return "{\"id\":" + id + "}";
    }
  }

  /**
   * From the first message on.
   *
   * @param copies how often each of the table's 24 columns is there: {@link #fieldName}
   */
  public RideMessages(int copies) {
    this(copies, endless());
  }

  /** The messages of other changes. */
  public RideMessages(int copies, Iterator<RideChange> changes) {
    this.copies = copies;
    this.changes = changes;
  }

  /** The changes of the simulated city from its first ride on. */
  static Iterator<RideChange> endless() {
    return new RideChanges(SEED, Long.MAX_VALUE);
  }

  /** The name of a column's copy: 0 is the column itself, then {@code date_1}, {@code date_2}. */
  public static String fieldName(String column, int copy) {
    return copy == 0 ? column : column + "_" + copy;
  }

  @Override
  public boolean hasNext() {
    return changes.hasNext();
  }

  @Override
  public Message next() {
    RideChange change = changes.next();
    long id = change.rideNumber() + 1;
    json.setLength(0);
    for (int copy = 0; copy < copies; copy++) {
      row(change, id, copy);
    }
    added(change);
    long updated = updatedMicros(change);
    number++;
    return new Message(
        id,
        change.operation(),
        updated,
        change.row().get(BookingColumn.BOOKING_STATUS).equals(COMPLETED),
        json.toString());
  }

  /** The clock of the database, in microseconds, as uneven as a real one's. */
  private long updatedMicros(RideChange change) {
    return micros(change.time()) + number * 7919 % 1_000_000;
  }

  private void row(RideChange change, long id, int copy) {
    long created = micros(requestedAt(change)) + id * 7919 % 1_000_000;
    json.append(copy == 0 ? '{' : ',');
    name("id", copy).append(id);
    change.row().forEach((column, literal) -> text(column, literal, copy));
    json.append(',');
    name("created_at", copy).append(created).append(',');
    name("updated_at", copy).append(updatedMicros(change));
  }

  private void added(RideChange change) {
    boolean isDelete = change.operation() == RideChange.Operation.DELETE;
    String operation =
        switch (change.operation()) {
          case INSERT -> "c";
          case UPDATE -> "u";
          case DELETE -> "d";
        };
    long millis = change.time().toEpochSecond(ZoneOffset.UTC) * 1000 + number % 1000;
    json.append(",\"__deleted\":\"").append(isDelete).append("\",\"__op\":\"").append(operation);
    json.append("\",\"__ts_ms\":").append(millis + 137);
    json.append(",\"__source_lsn\":").append(FIRST_LSN + number * LSN_STEP);
    json.append(",\"__source_ts_ms\":").append(millis);
    json.append(",\"__source_txId\":").append(758 + number);
    json.append(",\"__source_snapshot\":null}");
  }

  /** What date and time of the row's literals say: {@code b'2024-01-01'}, {@code b'01:04:52'}. */
  private static LocalDateTime requestedAt(RideChange change) {
    String date = change.row().get(BookingColumn.DATE);
    String time = change.row().get(BookingColumn.TIME);
    return LocalDateTime.parse(date.substring(2, 12) + "T" + time.substring(2, 10));
  }

  private static long micros(LocalDateTime time) {
    return time.toEpochSecond(ZoneOffset.UTC) * 1_000_000;
  }

  private StringBuilder name(String column, int copy) {
    return json.append('"').append(fieldName(column, copy)).append("\":");
  }

  private void text(BookingColumn column, String literal, int copy) {
    json.append(',');
    name(column.columnName(), copy).append('"');
    for (int i = 0; i < literal.length(); i++) {
      char character = literal.charAt(i);
      // The simulator's literals hold no control characters.
      if (character == '"' || character == '\\') {
        json.append('\\');
      }
      json.append(character);
    }
    json.append('"');
  }
}
