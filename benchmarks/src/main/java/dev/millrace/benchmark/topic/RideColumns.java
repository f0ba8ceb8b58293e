package dev.millrace.benchmark.topic;

import dev.millrace.simulator.BookingColumn;
import java.util.ArrayList;
import java.util.List;

/** The table's 24 columns, for contenders that know nothing of the job's pipeline file. */
public final class RideColumns {

  private RideColumns() {}

  /**
   * What a column becomes. The first two texts, a date and a time of day, are sent like the others.
   */
  public enum Kind {
    BIGINT,
    STRING,
    DOUBLE,
    DATE,
    MICROSECONDS
  }

  /**
   * A column.
   *
   * @param field its name in the message
   * @param name its name in SQL
   */
  public record RideColumn(String field, String name, Kind kind) {}

  /** In the table's order. */
  public static List<RideColumn> all() {
    List<RideColumn> columns = new ArrayList<>();
    columns.add(new RideColumn("id", "id", Kind.BIGINT));
    for (BookingColumn column : BookingColumn.values()) {
      String field = column.columnName();
      String title = field.substring(field.indexOf('/') + 1).replace('+', '_');
      columns.add(new RideColumn(field, "booking_" + title, kind(column)));
    }
    columns.add(new RideColumn("created_at", "created_at_ts", Kind.MICROSECONDS));
    columns.add(new RideColumn("updated_at", "updated_at_ts", Kind.MICROSECONDS));
    return columns;
  }

  private static Kind kind(BookingColumn column) {
    return switch (column) {
      case DATE -> Kind.DATE;
      case AVG_VTAT,
          AVG_CTAT,
          CANCELLED_RIDES_BY_CUSTOMER,
          CANCELLED_RIDES_BY_DRIVER,
          INCOMPLETE_RIDES,
          BOOKING_VALUE,
          RIDE_DISTANCE,
          DRIVER_RATINGS,
          CUSTOMER_RATING ->
          Kind.DOUBLE;
      default -> Kind.STRING;
    };
  }
}
