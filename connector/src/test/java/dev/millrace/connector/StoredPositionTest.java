package dev.millrace.connector;

import static org.assertj.core.api.Assertions.assertThat;

import io.debezium.connector.postgresql.connection.Lsn;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StoredPositionTest {

  /** As Connect reads it from the offsets topic. */
  private static final Map<String, Object> OFFSET =
      Map.of(
          "lsn", 27_918_408L,
          "lsn_proc", 27_918_408L,
          "lsn_commit", 27_900_112L,
          "lsn_events_processed", 1L,
          "messageType", "INSERT",
          "txId", 761L,
          "ts_usec", 1_795_233_876_400_881L);

  @Test
  void isTheLsnAndTheNumberOfItsChanges() {
    assertThat(StoredPosition.of(OFFSET)).contains(new StoredPosition(Lsn.valueOf(27_918_408L), 1));
    assertThat(StoredPosition.of(with("lsn_events_processed", 136)))
        .contains(new StoredPosition(Lsn.valueOf(27_918_408L), 136));
  }

  @ParameterizedTest
  @ValueSource(strings = {"UPDATE", "DELETE", "TRUNCATE"})
  void isAfterAnyChange(String type) {
    assertThat(StoredPosition.of(with("messageType", type))).isPresent();
  }

  @ParameterizedTest
  @ValueSource(strings = {"BEGIN", "COMMIT", "MESSAGE", "ORIGIN"})
  void isAbsentAfterWhatIsNotAChange(String type) {
    assertThat(StoredPosition.of(with("messageType", type))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"lsn", "lsn_proc", "lsn_events_processed", "messageType"})
  void isAbsentWithoutEachOfItsParts(String key) {
    assertThat(StoredPosition.of(with(key, null))).isEmpty();
  }

  /** Of a TRUNCATE of several tables, only the last one completes the LSN. */
  @ParameterizedTest
  @CsvSource({"lsn_proc, 27918000", "lsn_events_processed, 0"})
  void isAbsentBetweenTwoRecords(String key, long value) {
    assertThat(StoredPosition.of(with(key, value))).isEmpty();
  }

  private static Map<String, Object> with(String key, Object value) {
    Map<String, Object> changed = new HashMap<>(OFFSET);
    changed.put(key, value);
    return changed;
  }
}
