package dev.millrace.sink.cassandra;

import static dev.millrace.sink.cassandra.CassandraRow.NO_TRANSACTION;
import static dev.millrace.sink.cassandra.CassandraRow.UNSET;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class CassandraRowTest {

  private final CassandraRow row = new CassandraRow(List.of(7L), 3);

  @Test
  void leavesNullsOfAnInsertUnset() {
    row.create(100, values(7L, 18, null), NO_TRANSACTION);

    assertThat(row.writtenAt()).hasValue(100);
    assertThat(row.deletedAt()).isEmpty();
    assertThat(written()).containsExactly(7L, 18, UNSET);
  }

  @Test
  void writesANullThatAnUpdateMade() {
    row.create(100, values(7L, 18, null), NO_TRANSACTION);
    row.update(101, values(7L, null, null));

    assertThat(row.writtenAt()).hasValue(101);
    assertThat(written()).containsExactly(7L, null, UNSET);
  }

  @Test
  void writesEveryNullOfAnUpdateWhereTheRowMayBeOlder() {
    row.insert(100, values(7L, 18, null));
    row.update(101, values(7L, 18, null));

    assertThat(written()).containsExactly(7L, 18, null);
  }

  @Test
  void keepsWhatAnUpdateDidNotTouch() {
    row.create(100, values(7L, 18, "long text"), NO_TRANSACTION);
    row.update(101, values(7L, 20, UNSET));

    assertThat(written()).containsExactly(7L, 20, "long text");
  }

  @Test
  void deletesAndWritesARowThatCameBack() {
    row.create(100, values(7L, 18, "old"), NO_TRANSACTION);
    row.delete(102, NO_TRANSACTION);
    row.create(103, values(7L, 20, null), NO_TRANSACTION);

    assertThat(row.deletedAt()).hasValue(102);
    assertThat(row.writtenAt()).hasValue(103);
    assertThat(written()).containsExactly(7L, 20, UNSET);
  }

  @Test
  void deletesARowEvenIfItsInsertWasNotWrittenYet() {
    row.create(100, values(7L, 18, null), NO_TRANSACTION);
    row.delete(102, NO_TRANSACTION);

    assertThat(row.deletedAt()).hasValue(102);
    assertThat(row.writtenAt()).isEmpty();
  }

  @Test
  void ignoresAChangeThatIsOlderThanWhatIsKnown() {
    row.delete(102, NO_TRANSACTION);
    row.create(100, values(7L, 18, null), NO_TRANSACTION);
    row.update(101, values(7L, 19, null));

    assertThat(row.deletedAt()).hasValue(102);
    assertThat(row.writtenAt()).isEmpty();
  }

  @Test
  void keepsARowThatWasMovedToAnOccupiedKey() {
    // UPDATE t SET id = id + 1: what was row 6 is created before row 7 is deleted.
    row.update(100, values(7L, 18, "of the older row"));
    row.create(101, values(7L, 20, null), 900);
    row.delete(102, 900);

    assertThat(row.isContested()).isFalse();
    assertThat(row.deletedAt()).hasValue(100);
    assertThat(row.writtenAt()).hasValue(101);
    assertThat(written()).containsExactly(7L, 20, UNSET);
  }

  @Test
  void deletesAMovedRowThatItsTransactionDeletesLater() {
    row.update(100, values(7L, 18, null));
    row.create(101, values(7L, 20, null), 900);
    row.delete(102, 900);
    row.delete(103, 900);

    assertThat(row.deletedAt()).hasValue(103);
    assertThat(row.writtenAt()).isEmpty();
  }

  @Test
  void deletesAMovedRowThatAnotherTransactionDeletes() {
    row.update(100, values(7L, 18, null));
    row.create(101, values(7L, 20, null), 900);
    row.delete(102, 900);
    row.delete(103, 901);

    assertThat(row.deletedAt()).hasValue(103);
    assertThat(row.writtenAt()).isEmpty();
  }

  @Test
  void deletesARowThatItsTransactionCreatedOnAFreeKey() {
    row.delete(99, 899);
    row.create(101, values(7L, 20, null), 900);
    row.delete(102, 900);

    assertThat(row.isContested()).isFalse();
    assertThat(row.deletedAt()).hasValue(102);
    assertThat(row.writtenAt()).isEmpty();
  }

  @Test
  void asksWhereACreateAndADeleteOfOneTransactionAreAllThatIsKnown() {
    row.create(101, values(7L, 20, null), 900);
    row.delete(102, 900);

    assertThat(row.isContested()).isTrue();
    assertThat(row.contestedAt()).isEqualTo(101);

    row.resolve(true);
    assertThat(row.deletedAt()).hasValue(100);
    assertThat(row.writtenAt()).hasValue(101);
    assertThat(written()).containsExactly(7L, 20, UNSET);
  }

  @Test
  void deletesAContestedRowWhoseKeyWasFree() {
    row.create(101, values(7L, 20, null), 900);
    row.delete(102, 900);
    row.resolve(false);

    assertThat(row.deletedAt()).hasValue(102);
    assertThat(row.writtenAt()).isEmpty();
  }

  @Test
  void takesAContestedRowThatIsUpdatedForOneThatWasThere() {
    row.create(101, values(7L, 20, null), 900);
    row.delete(102, 900);
    row.update(103, values(7L, 21, null));

    assertThat(row.isContested()).isFalse();
    assertThat(row.deletedAt()).hasValue(100);
    assertThat(row.writtenAt()).hasValue(103);
    assertThat(written()).containsExactly(7L, 21, UNSET);
  }

  @Test
  void isNotMisledByACreateThatIsDeliveredAgain() {
    // Connect was killed after the create: what follows it comes once more.
    row.create(101, values(7L, 20, null), 900);
    row.create(102, values(7L, 20, null), 900);
    row.delete(103, 900);

    assertThat(row.isContested()).isTrue();
    row.resolve(false);
    assertThat(row.writtenAt()).isEmpty();
  }

  @Test
  void deletesARowAndCreatesItAgainInOneTransaction() {
    row.update(100, values(7L, 18, "old"));
    row.delete(101, 900);
    row.create(102, values(7L, 20, null), 900);

    assertThat(row.deletedAt()).hasValue(101);
    assertThat(row.writtenAt()).hasValue(102);
    assertThat(written()).containsExactly(7L, 20, UNSET);
  }

  private Object[] written() {
    return new Object[] {row.value(0), row.value(1), row.value(2)};
  }

  private static Object[] values(Object... values) {
    return values;
  }
}
