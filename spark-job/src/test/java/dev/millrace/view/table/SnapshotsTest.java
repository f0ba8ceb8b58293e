package dev.millrace.view.table;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.view.table.Snapshots.Snapshot;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Which rows a snapshot of the whole table shows to be gone, and from when on. */
class SnapshotsTest {

  private static final OptionalLong NOON = OptionalLong.of(43_200_000_000L);

  private Snapshots snapshots = new Snapshots();

  @Test
  void nothingIsDueBeforeTheLastRowWasRead() {
    saw(100, 0, 10, false);

    assertThat(snapshots.lacksHighWatermarks()).isFalse();
    assertThat(snapshots.due(Map.of(0, 1000L, 1, 1000L))).isEmpty();
  }

  @Test
  void aSnapshotIsDueOnceEveryPartitionHasPassed() {
    saw(100, 0, 10, false);
    saw(100, 0, 12, true);
    assertThat(snapshots.lacksHighWatermarks()).isTrue();
    snapshots.highWatermarks(Map.of(0, 13L, 1, 20L, 2, 0L));
    assertThat(snapshots.lacksHighWatermarks()).isFalse();

    assertThat(snapshots.due(Map.of(0, 50L, 1, 19L))).isEmpty();
    assertThat(snapshots.due(Map.of(0, 13L, 1, 20L))).hasSize(1);
    assertThat(snapshots.due(Map.of(0, 13L, 1, 20L))).isEmpty();
  }

  @Test
  void whatItsHighWatermarksAreIsAskedOnce() {
    saw(100, 0, 12, true);
    snapshots.highWatermarks(Map.of(0, 13L));
    snapshots.highWatermarks(Map.of(0, 99L));

    assertThat(snapshots.due(Map.of(0, 13L))).hasSize(1);
  }

  @Test
  void inAPartitionTheOffsetTellsWhatCameBefore() {
    Snapshot snapshot = applied();

    assertThat(snapshot.isMissed(row(0, 9, 500, 0))).isTrue();
    assertThat(snapshot.isMissed(row(0, 11, 50, 0))).isFalse();
  }

  @Test
  void rowsOfTheSnapshotStayRegardlessOfTheirOffset() {
    assertThat(applied().isMissed(row(0, 9, 100, 0))).isFalse();
  }

  @Test
  void inAPartitionWithoutARowOfItLogAndTimeTellBoth() {
    Snapshot snapshot = applied();
    long noon = NOON.getAsLong();

    assertThat(snapshot.isMissed(row(3, 9, 99, noon - 1))).isTrue();
    assertThat(snapshot.isMissed(row(3, 9, 99, noon))).isFalse();
    assertThat(snapshot.isMissed(row(3, 9, 101, noon - 1))).isFalse();
    assertThat(
            snapshot.isMissed(
                new TableRow(
                    true,
                    3,
                    9,
                    OptionalLong.empty(),
                    OptionalLong.of(99),
                    OptionalLong.empty(),
                    OptionalLong.empty(),
                    0)))
        .isFalse();
  }

  @Test
  void aSnapshotThatBeganEarlierIsForgottenWithTheOneThatIsApplied() {
    saw(90, 0, 5, false);
    saw(100, 0, 10, true);
    snapshots.highWatermarks(Map.of(0, 11L));
    snapshots.due(Map.of(0, 11L));
    int size = snapshots.write().length;
    saw(90, 0, 7, false);

    assertThat(snapshots.write().length).isGreaterThan(size);
    assertThat(snapshots.due(Map.of(0, 1000L))).isEmpty();
  }

  @Test
  void rowsOfAnAppliedSnapshotThatAreReplayedChangeNothing() {
    applied();
    byte[] before = snapshots.write();
    saw(100, 0, 11, true);

    assertThat(snapshots.write()).isEqualTo(before);
    assertThat(snapshots.lacksHighWatermarks()).isFalse();
  }

  @Test
  void isTheSameAfterItWasWrittenAndRead() {
    saw(100, 0, 10, false);
    saw(100, 1, 4, false);
    saw(90, 1, 2, false);
    readAgain();
    saw(100, 1, 6, true);
    readAgain();
    assertThat(snapshots.lacksHighWatermarks()).isTrue();
    snapshots.highWatermarks(Map.of(0, 11L, 1, 7L));
    readAgain();
    List<Snapshot> due = snapshots.due(Map.of(0, 11L, 1, 7L));

    assertThat(due).hasSize(1);
    assertThat(due.get(0).isMissed(row(1, 3, 99, 0))).isTrue();
    readAgain();
    assertThat(snapshots.due(Map.of(0, 11L, 1, 7L))).isEmpty();
    assertThat(Snapshots.read(null).due(Map.of())).isEmpty();
  }

  @Test
  void theOldestOfManyInterruptedSnapshotsAreForgotten() {
    for (int lsn = 1; lsn <= 100; lsn++) {
      saw(lsn, 0, lsn, false);
    }
    int size = snapshots.write().length;
    saw(101, 0, 101, false);

    assertThat(snapshots.write()).hasSize(size);
  }

  @Test
  void aRemovedRowIsADeletedOneFromBeforeTheSnapshot() {
    TableRow removed = applied().removed(row(0, 3, 50, 7));

    assertThat(removed.isLive()).isFalse();
    assertThat(removed.offset()).isEqualTo(9);
    assertThat(removed.streamedLsn()).hasValue(50);
    assertThat(removed.sourceMicros()).isEqualTo(NOON);
  }

  @Test
  void ofAnOlderServerTheLsnOfARemovedRowMeansNothing() {
    assertThat(applied().removed(row(0, 3, 5000, 7)).streamedLsn()).isEmpty();
  }

  private Snapshot applied() {
    saw(100, 0, 12, true);
    saw(100, 0, 10, false);
    snapshots.highWatermarks(Map.of(0, 13L));
    return snapshots.due(Map.of(0, 13L)).get(0);
  }

  private void saw(long lsn, int partition, long offset, boolean isLast) {
    snapshots.saw(lsn, partition, offset, NOON, isLast);
  }

  private void readAgain() {
    snapshots = Snapshots.read(snapshots.write());
  }

  private static TableRow row(int partition, long offset, long lsn, long micros) {
    return new TableRow(
        true,
        partition,
        offset,
        OptionalLong.of(lsn),
        OptionalLong.of(lsn),
        OptionalLong.of(micros),
        OptionalLong.empty(),
        0);
  }
}
