package dev.millrace.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.millrace.SparkTest;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Views over a table whose changes are made by hand, without Kafka. */
class ViewEngineTest {

  @RegisterExtension static final SparkTest SPARK = new SparkTest();

  private static final StructType COLUMNS =
      LiveViews.columns("id BIGINT, grp STRING, x INT, d DOUBLE, note STRING");

  private static final List<String> QUERIES =
      List.of(
          "SELECT * FROM t",
          "SELECT grp, count(*) AS n, sum(x) AS s, avg(d) AS a FROM t GROUP BY grp",
          "SELECT count(*) AS n, sum(x) AS s, sum(d) AS sd FROM t",
          "SELECT grp, sum(CASE WHEN x IS NULL THEN 1 ELSE 0 END) AS nulls FROM t GROUP BY grp",
          "SELECT id, x + 1 AS y FROM t WHERE grp = 'a'");

  @TempDir Path state;

  private final ChangeLog table = new ChangeLog(COLUMNS, 2);

  private LiveViews views() {
    return new LiveViews(SPARK.session(), state, COLUMNS, QUERIES);
  }

  @Test
  void anEmptyTableHasOneRowOfAnAggregateWithoutGroups() {
    try (LiveViews views = views()) {
      views.apply(table);
      views.check(table);
      assertThat(views.held("v2"))
          .containsOnlyKeys(List.of(java.util.Arrays.asList(0L, null, null)));
    }
  }

  @Test
  void aGroupKeyMayBeNullAndBecomeAValue() {
    try (LiveViews views = views()) {
      table.put(1L, null, 5, 1.5, "n");
      views.apply(table);
      views.check(table);
      table.put(1L, "a", 5, 1.5, "n");
      views.apply(table);
      views.check(table);
      table.put(1L, null, null, null, null);
      views.apply(table);
      views.check(table);
    }
  }

  @Test
  void aGroupKeyAndItsValueMayChangeTogether() {
    try (LiveViews views = views()) {
      table.put(1L, "a", 5, 1.5, "n");
      table.put(2L, "b", 7, 2.5, "n");
      views.apply(table);
      table.put(1L, "b", 6, 3.5, "n");
      views.apply(table);
      views.check(table);
      assertThat(views.held("v1")).containsOnlyKeys(List.of(List.of("b", 2L, 13L, 3.0)));
    }
  }

  @Test
  void groupsStayWhereTheyAreWhenOtherViewsComeAndGo() {
    try (LiveViews views = views()) {
      for (long id = 1; id <= 9; id++) {
        table.put(id, "g" + id, 5, 1.5, "n");
      }
      views.apply(table);
      views.add("SELECT x, count(*) AS n FROM t GROUP BY x");
      views.moveLastToFront();
      for (long id = 1; id <= 9; id++) {
        table.put(id, "g" + id, 6, 2.5, "n");
      }
      views.apply(table);
      views.check(table);

      views.remove(0);
      views.remove(0);
      for (long id = 1; id <= 9; id++) {
        table.put(id, "g" + id, 7, 3.5, "n");
      }
      views.apply(table);
      views.check(table);
    }
  }

  @Test
  void aGroupWithoutRowsIsGone() {
    try (LiveViews views = views()) {
      table.put(1L, "a", 5, 1.5, "n");
      views.apply(table);
      table.delete(1L);
      views.apply(table);
      views.check(table);
      assertThat(views.held("v1")).isEmpty();
    }
  }

  @Test
  void aRowMayBeDeletedAndInsertedAgainWithinABatch() {
    try (LiveViews views = views()) {
      table.put(1L, "a", 5, 1.5, "n");
      views.apply(table);
      table.delete(1L);
      table.nextTransaction();
      table.put(1L, "a", 9, 1.5, "n");
      views.apply(table);
      views.check(table);
    }
  }

  @Test
  void duplicatesThatCancelWithinABatchLeaveNothing() {
    try (LiveViews views = views()) {
      table.put(1L, "a", 5, 1.5, "n");
      views.apply(table);
      table.put(1L, "b", 6, 1.5, "n");
      table.put(1L, "a", 5, 1.5, "n");
      table.put(2L, "c", 6, 1.5, "n");
      table.delete(2L);
      views.apply(table);
      views.check(table);
    }
  }

  @Test
  void sumsOfFloatsAreTakenBackExactlyWithNanAndInfinities() {
    try (LiveViews views = views()) {
      table.put(1L, "a", 1, 1e300, "n");
      table.put(2L, "a", 1, 0.1, "n");
      table.put(3L, "a", 1, Double.NaN, "n");
      table.put(4L, "a", 1, Double.POSITIVE_INFINITY, "n");
      table.put(5L, "a", 1, Double.NEGATIVE_INFINITY, "n");
      views.apply(table);
      views.check(table);
      table.delete(3L);
      views.apply(table);
      views.check(table);
      table.delete(4L);
      views.apply(table);
      views.check(table);
      table.delete(5L);
      table.delete(1L);
      views.apply(table);
      views.check(table);
      assertThat(views.held("v2")).containsOnlyKeys(List.of(List.of(1L, 1L, 0.1)));
    }
  }

  @Test
  void anUnchangedValueIsTakenFromTheState() {
    try (LiveViews views = views()) {
      table.put(1L, "a", 5, 1.5, "a long text");
      views.apply(table);
      table.putWithout("note", 1L, "b", 6, 1.5, null);
      table.putWithout("note", 1L, "c", 6, 1.5, null);
      views.apply(table);
      views.check(table);
      assertThat(views.held("v0"))
          .containsOnlyKeys(List.of(List.of(1L, "c", 6, 1.5, "a long text")));
    }
  }

  @Test
  void anUnchangedValueThatTheStateLacksIsADeadLetter() {
    try (LiveViews views = views()) {
      table.send(0, "u", 5L, null, new Object[] {2L, "a", 1, 1.0, null}, new String[] {"note"});
      List<Row> problems = views.apply(table);
      views.check(table);
      assertThat(problems).extracting(row -> row.getString(1)).containsExactly("UNKNOWN_VALUE");
    }
  }

  @Test
  void anUnchangedValueUnderANewKeyIsTakenFromTheRowUnderTheOldOne() {
    try (LiveViews views = views()) {
      table.put(1L, "a", 5, 1.5, "a long text");
      table.put(2L, "b", 6, 2.5, "another");
      views.apply(table);
      table.moveWithout("note", 1L, 3L);
      // Twice within a batch, the second time from a row that was completed in it.
      table.moveWithout("note", 2L, 4L);
      table.putWithout("note", 4L, "c", 7, 2.5, null);
      table.moveWithout("note", 4L, 5L);
      assertThat(views.apply(table)).isEmpty();
      views.check(table);
      assertThat(views.held("v0"))
          .containsOnlyKeys(
              List.of(
                  List.of(3L, "a", 5, 1.5, "a long text"), List.of(5L, "c", 7, 2.5, "another")));
    }
  }

  @Test
  void anUnchangedValueWhoseOldRowIsGoneIsADeadLetterAndNeverNull() {
    try (LiveViews views = views()) {
      table.put(1L, "a", 5, 1.5, "a long text");
      table.put(2L, "b", 6, 2.5, "another");
      views.apply(table);
      // Another batch has the delete of the old key.
      table.delete(1L);
      views.apply(table);
      table.send(
          table.partition(3L),
          "c",
          table.lsn(),
          null,
          new Object[] {3L, "a", 5, 1.5, null},
          new String[] {"note"});
      assertThat(views.apply(table))
          .extracting(
              row -> row.getString(1), row -> row.getString(4), row -> row.<String>getAs("column"))
          .containsExactly(tuple("UNKNOWN_MOVED_VALUE", "{\"id\":3}", "note"));
      assertThat(views.held("v0")).containsOnlyKeys(List.of(List.of(2L, "b", 6, 2.5, "another")));

      // An update without the value can't complete the row; one with it does.
      table.send(
          table.partition(3L),
          "u",
          table.lsn() + 1,
          null,
          new Object[] {3L, "a", 7, 1.5, null},
          new String[] {"note"});
      assertThat(views.apply(table))
          .extracting(row -> row.getString(1), row -> row.<String>getAs("column"))
          .containsExactly(tuple("UNKNOWN_VALUE", "note"));
      assertThat(views.held("v0")).hasSize(1);
      table.put(9L, "b", 1, 1.0, "n");
      table.put(3L, "a", 8, 1.5, "sent");
      assertThat(views.apply(table)).isEmpty();
      views.check(table);
    }
  }

  @Test
  void anUnchangedValueUnderANewKeyIsNotTakenFromTheRowThatHadTheKey() {
    try (LiveViews views = views()) {
      table.put(1L, "a", 5, 1.5, "of 1");
      table.put(2L, "b", 6, 2.5, "of 2");
      views.apply(table);
      // UPDATE t SET id = id + 1 under a deferrable key: the older 2 is still there when 1 becomes
      // 2, and no longer there when it is deleted.
      table.nextTransaction();
      Object[] one = {1L, null, null, null, null};
      Object[] two = {2L, null, null, null, null};
      String[] note = {"note"};
      table.send(table.partition(1L), "d", 2001L, null, one, null);
      table.send(table.partition(2L), "c", 2001L, null, new Object[] {2L, "a", 5, 1.5, null}, note);
      table.send(table.partition(2L), "d", 2002L, null, two, null);
      table.send(table.partition(3L), "c", 2002L, null, new Object[] {3L, "b", 6, 2.5, null}, note);
      assertThat(views.apply(table))
          .extracting(row -> row.getString(1), row -> row.getString(4))
          .containsExactly(tuple("UNKNOWN_MOVED_VALUE", "{\"id\":3}"));
      assertThat(views.held("v0")).containsOnlyKeys(List.of(List.of(2L, "a", 5, 1.5, "of 1")));
    }
  }

  @Test
  void aNewRowWithoutTheFieldOfAColumnHasNoValueInIt() {
    try (LiveViews views = views()) {
      table.putWithoutField("note", 1L, "a", 5, 1.5, null);
      assertThat(views.apply(table)).isEmpty();
      views.check(table);
      assertThat(views.held("v0"))
          .containsOnlyKeys(List.of(java.util.Arrays.asList(1L, "a", 5, 1.5, null)));
    }
  }

  @Test
  void aKeyMayChange() {
    try (LiveViews views = views()) {
      table.put(1L, "a", 5, 1.5, "n");
      views.apply(table);
      table.move(1L, 2L);
      views.apply(table);
      views.check(table);
    }
  }

  @Test
  void aKeyMayBeOccupiedTwiceWithinATransaction() {
    try (LiveViews views = views()) {
      table.put(1L, "a", 1, 1.0, "n");
      table.put(2L, "b", 2, 2.0, "n");
      views.apply(table);
      // UPDATE t SET id = id + 1: 1 -> 2 first, while the older 2 is still there.
      ChangeLog after = new ChangeLog(COLUMNS, 2);
      after.put(2L, "a", 1, 1.0, "n");
      after.put(3L, "b", 2, 2.0, "n");
      Object[] one = {1L, null, null, null, null};
      Object[] two = {2L, null, null, null, null};
      table.nextTransaction();
      table.send(table.partition(1L), "d", 2001L, null, one, null);
      table.send(table.partition(2L), "c", 2001L, null, after.row(2L), null);
      table.send(table.partition(2L), "d", 2002L, null, two, null);
      table.send(table.partition(3L), "c", 2002L, null, after.row(3L), null);
      views.apply(table);
      views.check(after);
    }
  }

  @Test
  void aTruncateEmptiesEveryPartitionAndNothingOlderComesBack() {
    try (LiveViews views = views()) {
      for (long id = 1; id <= 9; id++) {
        table.put(id, "a", 5, 1.5, "n");
      }
      views.apply(table);
      long before = table.lsn();
      table.truncate(0);
      table.put(10L, "b", 5, 1.5, "n");
      // Partition 1 is read late: the change was made before the truncate.
      table.send(1, "c", before - 1, null, new Object[] {11L, "late", 1, 1.0, "n"}, null);
      views.apply(table);
      views.check(table);
      assertThat(views.held("v2")).containsOnlyKeys(List.of(List.of(1L, 5L, 1.5)));
    }
  }

  @Test
  void aTruncateThatIsSentAgainLeavesALaterOneInForce() {
    try (LiveViews views = views()) {
      table.truncate(0);
      for (long id = 1; id <= 9; id++) {
        table.put(id, "a", 5, 1.5, "n");
      }
      List<Row> sent = table.history();
      table.truncate(0);
      views.apply(table);
      // The connector has come as far as the rows again.
      table.redeliver(sent);
      views.apply(table);
      views.check(table);
      assertThat(views.held("v2"))
          .containsOnlyKeys(List.of(java.util.Arrays.asList(0L, null, null)));
    }
  }

  @Test
  void redeliveredChangesMakeNoDifference() {
    try (LiveViews views = views()) {
      table.put(1L, "a", 5, 1.5, "n");
      table.put(1L, "a", 6, 1.5, "n");
      table.put(2L, "a", 6, 1.5, "n");
      table.delete(2L);
      List<Row> sent = table.take();
      table.redeliver(sent);
      sent.forEach(table::replay);
      views.apply(table);
      views.check(table);
      table.redeliver(sent);
      views.apply(table);
      views.check(table);
    }
  }

  @Test
  void aTransactionOpenAcrossASnapshotCommitsWithALowerLsn() {
    try (LiveViews views = views()) {
      table.snapshot(900L, "true", 1L, "a", 1, 1.0, "n");
      views.apply(table);
      table.put(1L, "a", 2, 1.0, "n");
      table.snapshot(5000L, "incremental", 1L, "a", 2, 1.0, "n");
      table.put(1L, "a", 3, 1.0, "n");
      views.apply(table);
      views.check(table);
    }
  }

  @Test
  void withoutPositionsInALogTheNewestMessageOfAKeyIsTheRow() {
    ChangeLog topic = new ChangeLog(COLUMNS, 2, false);
    try (LiveViews views = views()) {
      topic.delete(7L);
      topic.put(1L, "a", 5, 1.5, "n");
      topic.put(1L, "b", 6, 1.5, "n");
      topic.put(2L, "b", 7, 2.5, "n");
      List<Row> sent = topic.take();
      sent.forEach(topic::replay);
      assertThat(views.apply(topic)).isEmpty();
      views.check(topic);

      topic.delete(1L);
      topic.put(2L, "c", 8, 2.5, "n");
      topic.delete(2L);
      topic.put(2L, "d", 9, 2.5, "again");
      assertThat(views.apply(topic)).isEmpty();
      views.check(topic);
      sent.forEach(topic::replay);
      assertThat(views.apply(topic)).isEmpty();
      views.check(topic);
    }
  }

  @Test
  void ofAKeyThatMovesToAnotherPartitionTheLaterBatchWins() {
    ChangeLog topic = new ChangeLog(COLUMNS, 2, false);
    try (LiveViews views = views()) {
      for (long offset = 1; offset <= 9; offset++) {
        topic.send(1, "u", null, null, new Object[] {1L, "a", (int) offset, 1.5, "n"}, null);
      }
      topic.send(1, "u", null, null, new Object[] {3L, "a", 1, 1.5, "n"}, null);
      views.apply(topic);
      topic.send(0, "u", null, null, new Object[] {1L, "b", 10, 1.5, "n"}, null);
      topic.send(0, "d", null, null, new Object[] {3L, null, null, null, null}, null);
      views.apply(topic);

      assertThat(views.held("v0")).containsOnlyKeys(List.of(List.of(1L, "b", 10, 1.5, "n")));
    }
  }

  @Test
  void aReplayThatIsOlderThanTheTombstonesIsADeadLetter() {
    try (LiveViews views = views()) {
      table.put(2L, "a", 1, 1.0, "n");
      Row old = table.take().get(0);
      table.replay(old);
      views.apply(table);
      table.delete(2L);
      views.apply(table);
      table.replay(old);
      assertThat(views.apply(table)).isEmpty();
      views.check(table);
      table.passDays(8);
      table.put(4L, "a", 1, 1.0, "n");
      views.apply(table);
      table.replay(old);
      assertThat(views.apply(table)).extracting(row -> row.getString(1)).containsExactly("TOO_OLD");
      views.check(table);
    }
  }

  @Test
  void rowsThatACompleteSnapshotLacksAreGone() {
    try (LiveViews views = views()) {
      for (long id = 1; id <= 8; id++) {
        table.put(id, "a", (int) id, 1.5, "n");
      }
      views.apply(table);
      table.leaveOut(1L);
      table.leaveOut(2L);
      table.leaveOut(7L);
      table.snapshotAll(100);
      // Of transactions that were open: their LSN is below the snapshot's.
      table.put(9L, "b", 9, 1.5, "n");
      table.put(7L, "b", 9, 1.5, "again");
      views.apply(table);
      views.check(table);
      assertThat(views.held("v2")).containsOnlyKeys(List.of(List.of(7L, 44L, 10.5)));

      table.put(1L, "c", 1, 1.5, "again");
      views.apply(table);
      views.check(table);
    }
  }

  @Test
  void aKeyWhoseRowASnapshotLacksMayBeInsertedAndDeletedInOneTransaction() {
    try (LiveViews views = views()) {
      table.put(1L, "a", 5, 1.5, "n");
      table.put(2L, "a", 7, 1.5, "n");
      table.put(3L, "a", 9, 1.5, "n");
      views.apply(table);
      table.leaveOut(1L);
      table.leaveOut(2L);
      table.snapshotAll(100);
      table.nextTransaction();
      table.put(1L, "b", 6, 1.5, "n");
      table.delete(1L);
      table.put(2L, "b", 8, 1.5, "n");
      table.delete(2L);
      table.put(2L, "b", 9, 1.5, "n");
      views.apply(table);
      views.check(table);
      assertThat(views.held("v2")).containsOnlyKeys(List.of(List.of(2L, 18L, 3.0)));
    }
  }

  @Test
  void aSnapshotIsNotAppliedBeforeEveryPartitionHasPassed() {
    try (LiveViews views = views()) {
      for (long id = 1; id <= 8; id++) {
        table.put(id, "a", (int) id, 1.5, "n");
      }
      views.apply(table);
      table.put(11L, "a", 11, 1.5, "n");
      table.put(12L, "a", 12, 1.5, "n");
      table.leaveOut(1L);
      table.leaveOut(2L);
      table.leaveOut(11L);
      table.leaveOut(12L);
      table.snapshotAll(100);
      java.util.Set<List<Object>> before = Set.copyOf(views.held("v0").keySet());
      int last = table.partition(8L);
      views.applyAll(table, table.take(last), Set.of(), new java.util.Random(1), 2);
      assertThat(views.held("v0").keySet()).containsAll(before);

      views.applyAll(table, Set.of(), new java.util.Random(1), 2);
      views.check(table);
      assertThat(views.held("v0")).hasSize(6);
    }
  }

  @Test
  void aSnapshotThatWasInterruptedRemovesNothingAndTheNextOneDoes() {
    try (LiveViews views = views()) {
      for (long id = 1; id <= 8; id++) {
        table.put(id, "a", (int) id, 1.5, "n");
      }
      views.apply(table);
      table.snapshotAll(3);
      views.apply(table);
      views.check(table);
      table.leaveOut(1L);
      table.leaveOut(8L);
      views.apply(table);
      assertThat(views.held("v0")).hasSize(8);
      table.snapshotAll(100);
      views.apply(table);
      views.check(table);
    }
  }

  @Test
  void anIncrementalSnapshotRemovesNothing() {
    try (LiveViews views = views()) {
      table.put(1L, "a", 1, 1.5, "n");
      table.put(2L, "a", 2, 1.5, "n");
      views.apply(table);
      table.snapshot(table.lsn(), "incremental", 1L, "a", 1, 1.5, "n");
      views.apply(table);
      views.check(table);
      assertThat(views.held("v0")).hasSize(2);
    }
  }

  @Test
  void aPartitionWithoutARowOfTheSnapshotLosesWhatIsOlderByItsLogAndItsTime() {
    try (LiveViews views = views()) {
      long one = table.partition(1L) == 0 ? 1 : 2;
      long other = 3 - one;
      assertThat(table.partition(other)).isNotEqualTo(table.partition(one));
      table.put(one, "a", 1, 1.5, "n");
      table.put(other, "a", 2, 1.5, "n");
      views.apply(table);
      table.leaveOut(other);
      table.snapshotAll(100);
      table.put(other + 2, "b", 3, 1.5, "of an open transaction");
      assertThat(table.partition(other + 2)).isEqualTo(table.partition(other));
      views.apply(table);
      views.check(table);
      assertThat(views.held("v0")).hasSize(2);
    }
  }

  @Test
  void aReplayDoesNotBringBackARowThatASnapshotRemoved() {
    try (LiveViews views = views()) {
      table.put(1L, "a", 1, 1.5, "n");
      table.put(3L, "a", 1, 1.5, "n");
      List<Row> sent = table.take();
      sent.forEach(table::replay);
      views.apply(table);
      table.leaveOut(1L);
      table.snapshotAll(100);
      List<Row> snapshot = table.take();
      snapshot.forEach(table::replay);
      views.apply(table);
      sent.forEach(table::replay);
      snapshot.forEach(table::replay);
      table.put(3L, "b", 2, 1.5, "n");
      views.apply(table);
      views.check(table);
    }
  }

  @Test
  void aNewViewIsMadeFromAllRowsAndAWholeResultFromTheState() {
    try (LiveViews views = views()) {
      table.put(1L, "a", 5, 1.5, "n");
      table.put(2L, "b", 5, 1.5, "n");
      views.apply(table);
      views.add("SELECT x, count(*) AS n FROM t GROUP BY x");
      views.add("SELECT id FROM t");
      table.put(3L, "b", 6, 1.5, "n");
      views.apply(table);
      views.check(table);
      table.put(3L, "b", 7, 1.5, "n");
      views.apply(table, Set.of("v0", "v1", "v2"));
      views.check(table);
    }
  }

  @Test
  void aRowWhoseExpressionFailsIsLeftOutUntilItChanges() {
    try (LiveViews views =
        new LiveViews(
            SPARK.session(),
            state,
            COLUMNS,
            List.of("SELECT id, 10 / x AS y FROM t", "SELECT count(10 div x) AS n FROM t"))) {
      table.put(1L, "a", 5, 1.5, "n");
      table.put(2L, "a", 0, 1.5, "n");
      List<Row> problems = views.apply(table);
      assertThat(problems).hasSize(2);
      assertThat(problems.get(0).getString(1)).contains("DIVIDE_BY_ZERO");
      assertThat(views.held("v0")).containsOnlyKeys(List.of(List.of(1L, 2.0)));
      assertThat(views.held("v1")).containsOnlyKeys(List.of(List.of(1L)));
      table.put(2L, "a", 2, 1.5, "n");
      assertThat(views.apply(table)).isEmpty();
      views.check(table);
    }
  }

  @Test
  void aBatchThatRunsAgainGivesTheSameRows() {
    try (LiveViews views = views()) {
      table.put(1L, "a", 5, 1.5, "n");
      views.apply(table);
      table.put(1L, "b", 6, 2.5, "n");
      table.put(2L, "b", 7, 2.5, "n");
      Dataset<Row> changes = views.frame(table).localCheckpoint();
      List<List<Row>> first = views.tryOut(changes, 1);
      List<List<Row>> second = views.tryOut(changes, 1);
      assertThat(second).isEqualTo(first);
      assertThat(first.get(1)).hasSize(2);
    }
  }

  @Test
  void aRowThatAnExpressionCannotComputeIsToldWithItsKeyAndItsColumns() {
    try (LiveViews views =
        new LiveViews(
            SPARK.session(), state, COLUMNS, List.of("SELECT id, 10 / x AS share FROM t"))) {
      table.put(1L, "a", 0, 1.5, "n");
      table.put(2L, "a", 5, 1.5, "n");

      List<Row> problems = views.apply(table);

      assertThat(problems).hasSize(1);
      assertThat(problems.get(0).<String>getAs("view")).isEqualTo("v0");
      assertThat(problems.get(0).<String>getAs("reason")).startsWith("[DIVIDE_BY_ZERO]");
      assertThat(problems.get(0).<String>getAs("key")).isEqualTo("{\"id\":1}");
      assertThat(problems.get(0).<String>getAs("row"))
          .isEqualTo("{\"id\":1,\"grp\":\"a\",\"x\":0,\"d\":1.5,\"note\":\"n\"}");
      assertThat(problems.get(0).<Boolean>getAs("warning")).isFalse();
      assertThat(views.held("v0")).containsOnlyKeys(List.of(2L, 2.0));
    }
  }

  @Test
  void aGroupThatAnExpressionCannotComputeIsToldByTheNamesOfTheResult() {
    try (LiveViews views =
        new LiveViews(
            SPARK.session(),
            state,
            COLUMNS,
            List.of("SELECT grp AS kind, 1 / sum(x) AS share FROM t GROUP BY grp"))) {
      table.put(1L, "a", 0, 1.5, "n");

      List<Row> problems = views.apply(table);

      assertThat(problems).hasSize(1);
      assertThat(problems.get(0).<String>getAs("key")).isEqualTo("{\"kind\":\"a\"}");
      assertThat(problems.get(0).<String>getAs("row")).isNull();
    }
  }

  @Test
  void theSizeOfTheStateFollowsItsRowsAndGroups() {
    try (LiveViews views =
        new LiveViews(
            SPARK.session(),
            state,
            COLUMNS,
            List.of("SELECT grp, count(*) AS n FROM t GROUP BY grp"))) {
      views.apply(table);
      assertThat(views.size().rows()).isZero();
      assertThat(views.size().bytes()).isZero();
      table.put(1L, "a", 1, 1.5, "n");
      table.put(2L, "b", 1, 1.5, "n");
      table.put(3L, "b", 1, 1.5, "n");
      views.apply(table);
      assertThat(views.size().rows()).isEqualTo(3);
      assertThat(views.size().groups()).isEqualTo(2);
      long bytes = views.size().bytes();
      table.put(3L, "b", 1, 1.5, "n, and 24 characters more.");
      views.apply(table);
      assertThat(views.size().bytes()).isEqualTo(bytes + 24);
      table.delete(1L);
      views.apply(table);
      assertThat(views.size().rows()).isEqualTo(2);
      assertThat(views.size().groups()).isEqualTo(1);
    }
  }
}
