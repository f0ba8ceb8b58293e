package dev.millrace.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BookingColumnTest {

  @Test
  void namesTheColumnsAsTheLoaderDid() {
    assertThat(BookingColumn.values())
        .extracting(BookingColumn::columnName)
        .containsExactly(
            "ncr_ride_bookings.csv/date",
            "ncr_ride_bookings.csv/time",
            "ncr_ride_bookings.csv/booking+id",
            "ncr_ride_bookings.csv/booking+status",
            "ncr_ride_bookings.csv/customer+id",
            "ncr_ride_bookings.csv/vehicle+type",
            "ncr_ride_bookings.csv/pickup+location",
            "ncr_ride_bookings.csv/drop+location",
            "ncr_ride_bookings.csv/avg+vtat",
            "ncr_ride_bookings.csv/avg+ctat",
            "ncr_ride_bookings.csv/cancelled+rides+by+customer",
            "ncr_ride_bookings.csv/reason+for+cancelling+by+customer",
            "ncr_ride_bookings.csv/cancelled+rides+by+driver",
            "ncr_ride_bookings.csv/driver+cancellation+reason",
            "ncr_ride_bookings.csv/incomplete+rides",
            "ncr_ride_bookings.csv/incomplete+rides+reason",
            "ncr_ride_bookings.csv/booking+value",
            "ncr_ride_bookings.csv/ride+distance",
            "ncr_ride_bookings.csv/driver+ratings",
            "ncr_ride_bookings.csv/customer+rating",
            "ncr_ride_bookings.csv/payment+method");
  }
}
