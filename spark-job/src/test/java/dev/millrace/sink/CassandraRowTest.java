package dev.millrace.sink;

import static dev.millrace.sink.CassandraRow.UNSET;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class CassandraRowTest {

  private final CassandraRow row = new CassandraRow(List.of(7L), 3);

  @Test
  void leavesNullsOfAnInsertUnset() {
    row.insert(100, values(7L, 18, null), true);

    assertThat(row.writtenAt()).hasValue(100);
    assertThat(row.deletedAt()).isEmpty();
    assertThat(written()).containsExactly(7L, 18, UNSET);
  }

  @Test
  void writesANullThatAnUpdateMade() {
    row.insert(100, values(7L, 18, null), true);
    row.update(101, values(7L, null, null));

    assertThat(row.writtenAt()).hasValue(101);
    assertThat(written()).containsExactly(7L, null, UNSET);
  }

  @Test
  void writesEveryNullOfAnUpdateWhereTheRowMayBeOlder() {
    row.insert(100, values(7L, 18, null), false);
    row.update(101, values(7L, 18, null));

    assertThat(written()).containsExactly(7L, 18, null);
  }

  @Test
  void keepsWhatAnUpdateDidNotTouch() {
    row.insert(100, values(7L, 18, "long text"), true);
    row.update(101, values(7L, 20, UNSET));

    assertThat(written()).containsExactly(7L, 20, "long text");
  }

  @Test
  void deletesAndWritesARowThatCameBack() {
    row.insert(100, values(7L, 18, "old"), true);
    row.delete(102);
    row.insert(103, values(7L, 20, null), true);

    assertThat(row.deletedAt()).hasValue(102);
    assertThat(row.writtenAt()).hasValue(103);
    assertThat(written()).containsExactly(7L, 20, UNSET);
  }

  @Test
  void deletesARowEvenIfItsInsertWasNotWrittenYet() {
    row.insert(100, values(7L, 18, null), true);
    row.delete(102);

    assertThat(row.deletedAt()).hasValue(102);
    assertThat(row.writtenAt()).isEmpty();
  }

  @Test
  void ignoresAChangeThatIsOlderThanWhatIsKnown() {
    row.delete(102);
    row.insert(100, values(7L, 18, null), true);
    row.update(101, values(7L, 19, null));

    assertThat(row.deletedAt()).hasValue(102);
    assertThat(row.writtenAt()).isEmpty();
  }

  private Object[] written() {
    return new Object[] {row.value(0), row.value(1), row.value(2)};
  }

  private static Object[] values(Object... values) {
    return values;
  }
}
