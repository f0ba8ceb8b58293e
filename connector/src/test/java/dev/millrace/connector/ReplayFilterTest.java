package dev.millrace.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.debezium.DebeziumException;
import io.debezium.connector.postgresql.connection.Lsn;
import io.debezium.connector.postgresql.connection.ReplicationMessage.Operation;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A stream as Postgres sends it again, and what of it was not processed before. */
class ReplayFilterTest {

  private static final Pattern MESSAGE =
      Pattern.compile("(?<lsn>\\d+) (?<message>(?<operation>\\w+).*)");

  /**
   * A transaction of one row; one of two pages with three rows each, whose BEGIN has the LSN of the
   * first; one more of one row.
   */
  private static final String STREAM =
      """
      10 BEGIN
      10 INSERT a
      15 COMMIT
      20 BEGIN
      20 INSERT b
      20 INSERT c
      20 INSERT d
      30 INSERT e
      30 INSERT f
      30 INSERT g
      35 COMMIT
      40 BEGIN
      40 INSERT h
      45 COMMIT
      """;

  @ParameterizedTest(name = "after {1} changes at LSN {0}: {2}")
  @CsvSource({
    "20, 1, INSERT c|INSERT d|INSERT e|INSERT f|INSERT g|COMMIT|BEGIN|INSERT h|COMMIT",
    "20, 2, INSERT d|INSERT e|INSERT f|INSERT g|COMMIT|BEGIN|INSERT h|COMMIT",
    "20, 3, INSERT e|INSERT f|INSERT g|COMMIT|BEGIN|INSERT h|COMMIT",
    "30, 1, INSERT f|INSERT g|COMMIT|BEGIN|INSERT h|COMMIT",
    "30, 2, INSERT g|COMMIT|BEGIN|INSERT h|COMMIT",
    "30, 3, COMMIT|BEGIN|INSERT h|COMMIT",
  })
  void passesWhatFollowsTheStoredPosition(long lsn, long changes, String expected) {
    assertThat(passed(STREAM, lsn, changes, 15L)).isEqualTo(expected);
  }

  @ParameterizedTest(name = "after {1} changes at LSN {0}: {2}")
  @CsvSource({
    "10, 1, COMMIT|BEGIN|INSERT b",
    "20, 1, COMMIT",
  })
  void passesTheCommitAfterARowThatIsAloneAtItsLsn(long lsn, long changes, String expected) {
    String stream =
        """
        10 BEGIN
        10 INSERT a
        15 COMMIT
        20 BEGIN
        20 INSERT b
        25 COMMIT
        """;
    assertThat(passed(stream, lsn, changes, lsn == 10 ? 5L : 15L))
        .isEqualTo(expected.replace("INSERT b", "INSERT b|COMMIT"));
  }

  @Test
  void doesNotCountWhatIsNotAChange() {
    String stream =
        """
        20 COMMIT
        20 BEGIN
        20 ORIGIN
        20 INSERT a
        20 INSERT b
        25 MESSAGE
        35 COMMIT
        """;
    assertThat(passed(stream, 20, 1, 20L)).isEqualTo("INSERT b|MESSAGE|COMMIT");
  }

  @Test
  void dropsOtherTransactionsThatCommittedBefore() {
    String stream =
        """
        22 BEGIN
        22 UPDATE a
        24 COMMIT
        20 BEGIN
        20 INSERT b
        20 INSERT c
        30 COMMIT
        """;
    assertThat(passed(stream, 20, 1, 24L)).isEqualTo("INSERT c|COMMIT");
  }

  @Test
  void refusesAStreamThatPassesThePositionUnseen() {
    assertThatThrownBy(() -> passed(STREAM, 25, 1, 15L))
        .isInstanceOf(DebeziumException.class)
        .hasMessageContaining("has passed the stored position 0/19")
        .hasMessageContaining("before the COMMIT at 0/23");
  }

  /** What passes of a stream with a message on each line: LSN, operation, name of the row. */
  private static String passed(String stream, long lsn, long changes, Long lastCommit) {
    ReplayFilter filter =
        new ReplayFilter(new StoredPosition(Lsn.valueOf(lsn), changes), Lsn.valueOf(lastCommit));
    return stream
        .lines()
        .map(MESSAGE::matcher)
        .filter(Matcher::matches)
        .filter(
            message ->
                !filter.wasProcessed(
                    Lsn.valueOf(Long.valueOf(message.group("lsn"))),
                    Operation.valueOf(message.group("operation"))))
        .map(message -> message.group("message"))
        .collect(Collectors.joining("|"));
  }
}
