package dev.millrace.error;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.ConnectException;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.stream.Stream;
import org.apache.kafka.common.errors.CorruptRecordException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RunErrorsTest {

  static Stream<Exception> failuresThatComeBack() {
    return Stream.of(
        new IllegalArgumentException(
            new URISyntaxException("a:b.csv", "Relative path in absolute URI")),
        new CorruptRecordException("Record is corrupt (stored crc = 1)"),
        new RecordTooLargeException("The message is 2000000 bytes"),
        new ArithmeticException("Division by zero"),
        new NullPointerException());
  }

  static Stream<Exception> failuresOfServers() {
    return Stream.of(
        new ConnectException("Connection refused"),
        new UnknownHostException("kafka-1"),
        new TimeoutException("Timeout expired after 60000ms while awaiting InitProducerId"));
  }

  @ParameterizedTest
  @MethodSource("failuresThatComeBack")
  void doesNotSuggestAnotherStartWhereTheSameErrorComesBack(Exception cause) {
    assertThat(RunErrors.queryFailed("all", "checkpoints/all", cause))
        .hasMessageContaining("the same error comes back at every start: correct the SQL")
        .hasMessageNotContaining("start it again");
  }

  @ParameterizedTest
  @MethodSource("failuresOfServers")
  void suggestsAnotherStartOnceAServerIsBack(Exception cause) {
    assertThat(RunErrors.queryFailed("all", "checkpoints/all", cause))
        .hasMessageContaining("Once the cause is gone, start it again");
  }
}
