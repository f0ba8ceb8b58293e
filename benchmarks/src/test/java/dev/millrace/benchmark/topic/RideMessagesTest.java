package dev.millrace.benchmark.topic;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RideMessagesTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void aMessageHasTheTablesColumnsAndWhatDebeziumAdds() throws IOException {
    JsonNode message = JSON.readTree(new RideMessages(1).next().value());

    assertThat(message.fieldNames())
        .toIterable()
        .hasSize(31)
        .startsWith("id", "ncr_ride_bookings.csv/date", "ncr_ride_bookings.csv/time")
        .endsWith(
            "ncr_ride_bookings.csv/payment+method",
            "created_at",
            "updated_at",
            "__deleted",
            "__op",
            "__ts_ms",
            "__source_lsn",
            "__source_ts_ms",
            "__source_txId",
            "__source_snapshot");
    assertThat(message.get("id").asLong()).isEqualTo(1);
    assertThat(message.get("__op").asText()).isEqualTo("c");
    assertThat(message.get("ncr_ride_bookings.csv/booking+status").asText())
        .isEqualTo("b'Requested'");
    assertThat(message.get("ncr_ride_bookings.csv/booking+id").asText())
        .matches("b'\"CNR\\d{7}\"'");
  }

  @Test
  void messagesAreAboutAsLongAsRealOnes() {
    RideMessages messages = new RideMessages(1);

    double bytes =
        IntStream.range(0, 5_000).map(i -> messages.next().value().length()).average().orElse(0);

    assertThat(bytes).isBetween(1_150.0, 1_400.0);
  }

  @Test
  void theSameMessagesComeEveryTime() {
    RideMessages once = new RideMessages(1);
    RideMessages again = new RideMessages(1);

    assertThat(IntStream.range(0, 1_000).mapToObj(i -> once.next()).toList())
        .isEqualTo(IntStream.range(0, 1_000).mapToObj(i -> again.next()).toList());
  }

  @Test
  void columnsCanBeThereSeveralTimes() throws IOException {
    JsonNode message = JSON.readTree(new RideMessages(10).next().value());

    assertThat(message.size()).isEqualTo(247);
    assertThat(message.get("id_9").asLong()).isEqualTo(1);
    assertThat(message.get("ncr_ride_bookings.csv/date_9"))
        .isEqualTo(message.get("ncr_ride_bookings.csv/date"));
  }

  @Test
  void everyColumnHasAField() throws IOException {
    JsonNode message = JSON.readTree(new RideMessages(1).next().value());
    List<String> fields = RideColumns.all().stream().map(RideColumns.RideColumn::field).toList();

    assertThat(fields).hasSize(24).allMatch(message::has);
  }
}
