package dev.millrace.infer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ColumnNamesTest {

  @ParameterizedTest
  @CsvSource({
    "id, id",
    "userId, userId",
    "ncr_ride_bookings.csv/booking+value, booking_value",
    "ncr_ride_bookings.csv/reason+for+cancelling+by+customer, reason_for_cancelling_by_customer",
    "Größe (cm), grosse_cm",
    "pickupTime/utc offset, utc_offset",
    "unit price €, unit_price",
    "orders.lineItem, orders_line_item",
    "2nd choice, _2nd_choice",
    "rides.csv/, rides_csv",
    "数量, column_1",
    "offset, table_offset",
    "OP, table_OP",
    "source_ts, table_source_ts"
  })
  void makesAPlainName(String field, String name) {
    assertThat(new ColumnNames(Map.of()).next(field)).isEqualTo(name);
  }

  @Test
  void makesNamesThatSqlCanTellApart() {
    ColumnNames names = new ColumnNames(Map.of());

    assertThat(names.next("a/value")).isEqualTo("value");
    assertThat(names.next("b/value")).isEqualTo("value_2");
    assertThat(names.next("Value")).isEqualTo("Value_3");
    assertThat(names.next("数量")).isEqualTo("column_4");
    assertThat(names.next("offset")).isEqualTo("table_offset");
    assertThat(names.next("x/table offset")).isEqualTo("table_offset_2");
  }

  @Test
  void leavesNamesThatAreChosenAlready() {
    ColumnNames names = new ColumnNames(Map.of("b/value", "value"));

    assertThat(names.next("a/value")).isEqualTo("value_2");
    assertThat(names.next("b/value")).isEqualTo("value");
  }
}
