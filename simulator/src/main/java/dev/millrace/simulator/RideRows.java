package dev.millrace.simulator;

import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * Rides as they ended, as rows of plain values, without end: a function of the seed alone.
 *
 * <pre>
 * 2024-01-01, 00:00:16, CNR1694696, Completed, CID1982111, Go Sedan, ..., 1138.0, 45.75, 4.9, 5.0, UPI
 * </pre>
 *
 * <p>A missing value is null.
 */
public final class RideRows implements Iterator<List<String>> {

  private final RideGenerator rides;

  public RideRows(long seed) {
    rides = new RideGenerator(seed);
  }

  /** The names of the columns: {@code date}, {@code time}, {@code booking_id}, ... */
  public static List<String> header() {
    return Arrays.stream(BookingColumn.values()).map(BookingColumn::fieldName).toList();
  }

  @Override
  public boolean hasNext() {
    return true;
  }

  @Override
  public List<String> next() {
    Map<BookingColumn, String> texts = RideLife.endOf(rides.next());
    return Arrays.stream(BookingColumn.values())
        .map(texts::get)
        // The table's ids are quoted, for the sake of its loader.
        .map(text -> text == null ? null : text.replace("\"", ""))
        .toList();
  }
}
