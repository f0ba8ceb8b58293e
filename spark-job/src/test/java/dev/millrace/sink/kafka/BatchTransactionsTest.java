package dev.millrace.sink.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.event.SourceRange;
import dev.millrace.sink.kafka.BatchTransactions.Transaction;
import dev.millrace.sink.kafka.BatchTransactions.Unit;
import java.util.List;
import org.junit.jupiter.api.Test;

class BatchTransactionsTest {

  @Test
  void aSmallBatchSharesATransactionAndALargeOneHasOneForEachPartition() {
    assertThat(of(rides(0, 10, 5_010), rides(1, 0, 5_000)))
        .containsExactly(new Transaction("rides-0..7", List.of(0, 1)));
    assertThat(of(rides(0, 10, 5_010), rides(1, 0, 5_001)))
        .containsExactly(
            new Transaction("rides-0", List.of(0)), new Transaction("rides-1", List.of(1)));
  }

  @Test
  void anEmptyRangeHasNone() {
    assertThat(of(rides(0, 5, 5), rides(1, 5, 6), rides(2, 7, 7)))
        .containsExactly(new Transaction("rides-0..7", List.of(1)));
    assertThat(of(rides(0, 5, 5), rides(1, 5, 19_000)))
        .containsExactly(new Transaction("rides-1", List.of(1)));
    assertThat(of(rides(0, 5, 5))).isEmpty();
  }

  /** Spark may order the ranges of a replay differently. */
  @Test
  void theOrderOfTheRangesChangesNoName() {
    assertThat(of(rides(9, 0, 1), rides(0, 0, 1), rides(8, 0, 1), rides(7, 0, 1)))
        .containsExactly(
            new Transaction("rides-0..7", List.of(1, 3)),
            new Transaction("rides-8..15", List.of(2, 0)));
  }

  @Test
  void topicsOfTheSourceShareNone() {
    assertThat(of(new SourceRange("replay", 1, 0, 0, 1), rides(0, 0, 1)))
        .containsExactly(
            new Transaction("rides-0..7", List.of(1)), new Transaction("replay-0..7", List.of(0)));
  }

  /** A range whose rows nobody has counted may be large. */
  @Test
  void aBatchOfUnknownSizeIsLarge() {
    assertThat(
            of(
                new SourceRange("rides", 0, 0, 3, 4, Long.MAX_VALUE),
                new SourceRange("rides", 0, 1, 3, 4, Long.MAX_VALUE)))
        .containsExactly(
            new Transaction("rides-0", List.of(0)), new Transaction("rides-1", List.of(1)));
  }

  private static SourceRange rides(int partition, long from, long until) {
    return new SourceRange("rides", 0, partition, from, until);
  }

  private static List<Transaction> of(SourceRange... ranges) {
    List<Unit> units =
        List.of(ranges).stream()
            .map(
                range ->
                    new Unit(
                        range.topic() + "-" + range.partition(),
                        "marks",
                        range.partition(),
                        range.until()))
            .toList();
    return BatchTransactions.of(List.of(ranges), units).transactions();
  }
}
