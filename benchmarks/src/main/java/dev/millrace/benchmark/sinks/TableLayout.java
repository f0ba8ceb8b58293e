package dev.millrace.benchmark.sinks;

/** How a contender stores the rides in Postgres, as SQL. */
enum TableLayout {
  /** The rows, typed. */
  MIRROR("public.mirror", Typed.MICROS, Typed.COMPLETED, "true"),

  /** The same of an output over changes. */
  BY_KEY("public.bookings", Typed.MICROS, Typed.COMPLETED, "true"),

  /** A row for each change, typed. */
  CHANGES("public.bookings", Typed.MICROS, Typed.COMPLETED, "op <> 'd'"),

  /** The rows as Debezium's JDBC sink writes them. */
  AS_SENT(
      "public.mirror",
      "updated_at",
      "\"ncr_ride_bookings.csv/booking+status\" = 'b''Completed'''",
      "true");

  private final String table;
  private final String updatedMicros;
  private final String isCompleted;
  private final String isKnown;

  TableLayout(String table, String updatedMicros, String isCompleted, String isKnown) {
    this.table = table;
    this.updatedMicros = updatedMicros;
    this.isCompleted = isCompleted;
    this.isKnown = isKnown;
  }

  /** What the typed columns are called. */
  private static final class Typed {
    static final String MICROS = "(extract(epoch FROM updated_at_ts) * 1000000)::bigint";
    static final String COMPLETED = "booking_status = 'Completed'";
  }

  /** Schema and name. */
  String table() {
    return table;
  }

  /** The row's {@code updated_at} in microseconds. */
  String updatedMicros() {
    return updatedMicros;
  }

  /** Whether the row's status is {@code Completed}. */
  String isCompleted() {
    return isCompleted;
  }

  /** Whether the row has more than its id: that of a delete may not. */
  String isKnown() {
    return isKnown;
  }
}
