package dev.millrace.sink.cassandra;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.event.SourceRange;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CassandraClockTest {

  private static final long NOON = 1_000_000_000_000_000L;

  @Test
  void ordersTheMessagesOfAPartitionByOffset() {
    CassandraClock clock = CassandraClock.begun(NOON).with(List.of(range(0, 0, 2000)), NOON);

    assertThat(clock.ofMessage(0, 999)).isEqualTo(NOON + 999);
    assertThat(clock.ofMessage(0, 1000)).isEqualTo(NOON + 1000);
  }

  @Test
  void ordersBatchesThenTasksThenWindows() {
    CassandraClock clock = CassandraClock.begun(NOON);

    assertThat(
            List.of(
                clock.ofBatch(7, 0, 0),
                clock.ofBatch(7, 0, 1),
                clock.ofBatch(7, 1, 0),
                clock.ofBatch(7, 5_000, 5_000),
                clock.ofBatch(8, 0, 0)))
        .isSorted()
        .doesNotHaveDuplicates();
  }

  @Test
  void placesANewPartitionAfterWhatTheOthersHadBefore() {
    CassandraClock before = CassandraClock.begun(NOON).with(List.of(range(0, 0, 5_000_000)), NOON);
    // The clock of the machine was set back by an hour.
    CassandraClock after =
        before.with(
            List.of(range(0, 5_000_000, 5_000_010), range(1, 0, 10)), NOON - 3_600_000_000L);

    assertThat(after.ofMessage(1, 0)).isGreaterThan(before.ofMessage(0, 4_999_999));
    assertThat(after.ofMessage(0, 5_000_000)).isGreaterThan(after.ofMessage(0, 4_999_999));
  }

  @Test
  void leavesWhatWasWrittenBeforeANewPartitionWhereItWas() {
    CassandraClock before = CassandraClock.begun(NOON).with(List.of(range(0, 0, 500)), NOON);
    CassandraClock after =
        before.with(List.of(range(0, 500, 510), range(1, 0, 10)), NOON + 60_000_000);

    // A dead letter of offset 499 that is replayed now is older than offset 499 was.
    assertThat(after.ofMessage(0, 499)).isEqualTo(NOON + 499);
    assertThat(after.ofMessage(0, 500)).isEqualTo(NOON + 60_000_500);
  }

  @Test
  void doesNotChangeWithBatchesOfPartitionsThatItKnows() {
    CassandraClock clock =
        CassandraClock.begun(NOON).with(List.of(range(0, 0, 5), range(1, 0, 5)), NOON);

    assertThat(clock.with(List.of(range(1, 5, 9)), NOON + 1)).isSameAs(clock);
    assertThat(clock.with(List.of(range(2, 7, 7)), NOON + 1)).isSameAs(clock);
    assertThat(clock.with(List.of(), NOON + 1)).isSameAs(clock);
  }

  @Test
  void isReadBackAsItWasSaved(@TempDir Path folder) throws IOException {
    CassandraClockFile file =
        new CassandraClockFile(new org.apache.hadoop.fs.Path(folder.toUri()), new Configuration());
    CassandraClock clock =
        CassandraClock.begun(NOON)
            .with(List.of(range(0, 3, 5)), NOON)
            .with(List.of(range(1, 0, 9)), NOON + 10);

    assertThat(file.load()).isEmpty();
    file.save(CassandraClock.begun(NOON));
    file.save(clock);

    assertThat(file.load()).contains(clock);
  }

  private static SourceRange range(int partition, long from, long until) {
    return new SourceRange("rides", 0, partition, from, until);
  }
}
