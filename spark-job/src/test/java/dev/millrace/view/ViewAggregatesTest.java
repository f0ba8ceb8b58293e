package dev.millrace.view;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.SparkTest;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.sql.Date;
import java.sql.Timestamp;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Aggregates that keep the values of a group: min, max, min_by, max_by and DISTINCT. The record of
 * a group has three of them, the others are in the index.
 */
class ViewAggregatesTest {

  @RegisterExtension static final SparkTest SPARK = new SparkTest();

  private static final StructType COLUMNS =
      LiveViews.columns("id BIGINT, grp STRING, x INT, d DOUBLE, note STRING");

  private static final String EXTREMES =
      "SELECT grp, min(x) AS least, max(x) AS most FROM t GROUP BY grp";

  private static final String DISTINCT =
      "SELECT grp, count(DISTINCT x) AS n, sum(DISTINCT x) AS s, avg(DISTINCT x) AS a FROM t GROUP BY grp";

  @TempDir Path state;

  private final ChangeLog table = new ChangeLog(COLUMNS, 2);

  private LiveViews views(String... queries) {
    return LiveViews.interpreted(SPARK.session(), state, COLUMNS, queries);
  }

  private void put(long id, String group, Integer x) {
    table.put(id, group, x, 1.5, "n");
  }

  private static void holds(LiveViews views, String view, Object... values) {
    assertThat(views.held(view)).containsOnlyKeys(List.of(Arrays.asList(values)));
  }

  @Test
  void theMaximumOfAGroupMayBeDeleted() {
    try (LiveViews views = views(EXTREMES)) {
      for (int x = 1; x <= 9; x++) {
        put(x, "a", x);
      }
      views.applyAndCheck(table);
      holds(views, "v0", "a", 1, 9);

      table.delete(9L);
      views.applyAndCheck(table);
      holds(views, "v0", "a", 1, 8);
    }
  }

  @Test
  void extremesAreFoundAgainUntilNoneIsLeft() {
    try (LiveViews views = views(EXTREMES, DISTINCT)) {
      for (int x = 1; x <= 24; x++) {
        put(x, "a", x * 7 % 25);
      }
      views.applyAndCheck(table);
      for (int x = 24; x >= 1; x -= 2) {
        long greatest = row(x);
        long next = row(x - 1);
        table.delete(greatest);
        if (x % 4 == 0) {
          views.applyAndCheck(table);
          holds(views, "v0", "a", 1, x - 1);
        }
        table.delete(next);
        views.applyAndCheck(table);
      }
      assertThat(views.held("v0")).isEmpty();
      assertThat(views.size().groups()).isZero();
      assertThat(views.size().rows()).isZero();
    }
  }

  /** The key of the row whose value is x. */
  private static long row(int x) {
    for (long id = 1; id <= 24; id++) {
      if (id * 7 % 25 == x) {
        return id;
      }
    }
    throw new IllegalArgumentException();
  }

  @Test
  void theMaximumMayChangeTogetherWithItsGroup() {
    try (LiveViews views = views(EXTREMES)) {
      for (int x = 1; x <= 5; x++) {
        put(x, "a", x);
        put(10 + x, "b", 10 * x);
      }
      views.applyAndCheck(table);

      put(15L, "a", 7);
      views.applyAndCheck(table);
      assertThat(views.held("v0"))
          .containsOnlyKeys(List.of(List.of("a", 1, 7), List.of("b", 10, 40)));
    }
  }

  @Test
  void aDuplicateOfTheMinimumKeepsIt() {
    try (LiveViews views = views(EXTREMES)) {
      put(1, "a", 3);
      put(2, "a", 3);
      put(3, "a", 5);
      views.applyAndCheck(table);

      table.delete(1L);
      views.applyAndCheck(table);
      holds(views, "v0", "a", 3, 5);

      table.delete(2L);
      views.applyAndCheck(table);
      holds(views, "v0", "a", 5, 5);
    }
  }

  @Test
  void theLastValueOfAGroupMayLeaveAndTheGroupStay() {
    try (LiveViews views = views(EXTREMES, DISTINCT)) {
      put(1, "a", 3);
      put(2, "a", null);
      views.applyAndCheck(table);
      put(1, "a", null);
      views.applyAndCheck(table);
      holds(views, "v0", "a", null, null);
      holds(views, "v1", "a", 0L, null, null);

      table.delete(1L);
      table.delete(2L);
      views.applyAndCheck(table);
      assertThat(views.held("v0")).isEmpty();
    }
  }

  @Test
  void aTableWithoutRowsHasNoExtremesAndNothingDistinct() {
    try (LiveViews views =
        views("SELECT min(x) AS least, max(note) AS most, count(DISTINCT x) AS n FROM t")) {
      views.applyAndCheck(table);
      holds(views, "v0", null, null, 0L);
      put(1, "a", 3);
      views.applyAndCheck(table);
      holds(views, "v0", 3, "n", 1L);
      table.delete(1L);
      views.applyAndCheck(table);
      holds(views, "v0", null, null, 0L);
    }
  }

  @Test
  void aDistinctValueIsThereUntilItsLastRowIsGone() {
    try (LiveViews views = views(DISTINCT)) {
      for (int x = 1; x <= 6; x++) {
        put(x, "a", x);
        put(10 + x, "a", x);
      }
      views.applyAndCheck(table);
      holds(views, "v0", "a", 6L, 21L, 3.5);

      table.delete(6L);
      table.delete(1L);
      views.applyAndCheck(table);
      holds(views, "v0", "a", 6L, 21L, 3.5);

      table.delete(16L);
      table.delete(11L);
      views.applyAndCheck(table);
      holds(views, "v0", "a", 4L, 14L, 3.5);
    }
  }

  @Test
  void anUpdateThatLeavesTheValueChangesNothing() {
    try (LiveViews views = views(EXTREMES, DISTINCT)) {
      for (int x = 1; x <= 6; x++) {
        put(x, "a", x);
      }
      views.applyAndCheck(table);
      long bytes = views.size().bytes();
      for (int x = 1; x <= 6; x++) {
        table.put((long) x, "a", x, 1.5, "m");
      }
      views.applyAndCheck(table);
      assertThat(views.size().bytes()).isEqualTo(bytes);
    }
  }

  @Test
  void nanIsTheGreatestNumberAndEqualToItself() {
    try (LiveViews views =
        views(
            "SELECT min(d) AS least, max(d) AS most, count(DISTINCT d) AS n, sum(DISTINCT d) AS s FROM t")) {
      double[] numbers = {
        Double.NaN,
        Double.POSITIVE_INFINITY,
        Double.NEGATIVE_INFINITY,
        -1.5,
        2.25,
        Double.longBitsToDouble(0x7ff8_0000_0000_0001L)
      };
      for (int i = 0; i < numbers.length; i++) {
        table.put((long) i, "a", 1, numbers[i], "n");
      }
      views.applyAndCheck(table);
      holds(views, "v0", Double.NEGATIVE_INFINITY, Double.NaN, 5L, Double.NaN);

      table.delete(0L);
      table.delete(2L);
      views.applyAndCheck(table);
      holds(views, "v0", -1.5, Double.NaN, 4L, Double.NaN);

      table.delete(5L);
      views.applyAndCheck(table);
      holds(views, "v0", -1.5, Double.POSITIVE_INFINITY, 3L, Double.POSITIVE_INFINITY);
    }
  }

  @Test
  void zerosOfBothSignsAreOneValue() {
    try (LiveViews views =
        views("SELECT count(DISTINCT d) AS n FROM t", "SELECT min(d) AS least FROM t")) {
      table.put(1L, "a", 1, -0.0, "n");
      views.applyAndCheck(table);
      holds(views, "v1", -0.0);
      table.put(2L, "a", 1, 0.0, "n");
      assertThat(views.apply(table)).isEmpty();
      holds(views, "v0", 1L);
      table.delete(1L);
      views.applyAndCheck(table);
      holds(views, "v0", 1L);
      holds(views, "v1", 0.0);
    }
  }

  @Test
  void textsAreOrderedByTheirBytes() {
    try (LiveViews views =
        views("SELECT min(note) AS least, max(note) AS most, count(DISTINCT note) AS n FROM t")) {
      List<String> texts =
          List.of("a", "a\0", "a\0b", "ab", "B", "", "é", "\uD83D\uDE00", "\uFFFD");
      for (int i = 0; i < texts.size(); i++) {
        table.put((long) i, "a", 1, 1.5, texts.get(i));
      }
      views.applyAndCheck(table);
      // Four bytes of UTF-8 come after three, unlike the units of UTF-16.
      holds(views, "v0", "", "\uD83D\uDE00", 9L);
      for (int last : new int[] {7, 8, 6, 3, 2, 1, 0, 4}) {
        table.delete((long) last);
        views.applyAndCheck(table);
      }
      holds(views, "v0", "", "", 1L);
    }
  }

  @Test
  void valuesOfEveryOrderedTypeHaveTheirOrder() {
    StructType columns =
        LiveViews.columns(
            "id BIGINT, b BOOLEAN, s SMALLINT, l BIGINT, f FLOAT, small DECIMAL(6,2), large DECIMAL(38,10),"
                + " bytes BINARY, day DATE, at TIMESTAMP, list ARRAY<INT>");
    ChangeLog rows = new ChangeLog(columns, 2);
    String items =
        String.join(
            ", ",
            List.of("b", "s", "l", "f", "small", "large", "bytes", "day", "at", "list").stream()
                .map(
                    name ->
                        "min(%1$s) AS least_%1$s, max(%1$s) AS most_%1$s, count(DISTINCT %1$s) AS n_%1$s"
                            .formatted(name))
                .toList());
    try (LiveViews views =
        new LiveViews(SPARK.session(), state, columns, List.of("SELECT " + items + " FROM t"))) {
      int[] signs = {3, -2, 0, -7, 5, 1, -5, 7};
      for (int i = 0; i < signs.length; i++) {
        int sign = signs[i];
        rows.put(
            (long) i,
            sign > 0,
            (short) sign,
            sign * 1_000_000_000_000L,
            sign / 4f,
            new BigDecimal(sign + ".25"),
            new BigDecimal(sign + "00000000000000000000000000.0000000001"),
            new byte[] {(byte) sign, 0, 1},
            Date.valueOf("19" + (70 + sign) + "-01-02"),
            new Timestamp(sign * 10_000_000_000L),
            sign % 2 == 0 ? Arrays.asList(sign, null) : List.of(sign, 1, 2));
      }
      for (int i : new int[] {3, 7, 6, 4, 0, 1, 2, 5}) {
        assertThat(views.apply(rows)).isEmpty();
        views.check(rows);
        rows.delete((long) i);
      }
      assertThat(views.apply(rows)).isEmpty();
      views.check(rows);
    }
  }

  @Test
  void theFilterHoldsForValuesThatLeaveToo() {
    try (LiveViews views =
        views(
            "SELECT grp, max(x) FILTER (WHERE d > 1) AS most, count(DISTINCT x) FILTER (WHERE d > 1) AS n,"
                + " count(DISTINCT x) AS all FROM t GROUP BY grp")) {
      for (int x = 1; x <= 6; x++) {
        table.put((long) x, "a", x, x % 2 == 0 ? 1.5 : 0.5, "n");
      }
      views.applyAndCheck(table);
      holds(views, "v0", "a", 6, 3L, 6L);

      table.put(6L, "a", 6, 0.5, "n");
      views.applyAndCheck(table);
      holds(views, "v0", "a", 4, 2L, 6L);

      table.delete(6L);
      table.delete(5L);
      views.applyAndCheck(table);
      holds(views, "v0", "a", 4, 2L, 4L);
    }
  }

  @Test
  void havingReadsExtremesAndDistinctCounts() {
    try (LiveViews views =
        views("SELECT grp, min(x) AS least FROM t GROUP BY grp HAVING count(DISTINCT note) > 1")) {
      table.put(1L, "a", 1, 1.5, "n");
      table.put(2L, "a", 2, 1.5, "n");
      views.applyAndCheck(table);
      assertThat(views.held("v0")).isEmpty();
      table.put(2L, "a", 2, 1.5, "m");
      views.applyAndCheck(table);
      holds(views, "v0", "a", 1);
      table.delete(1L);
      views.applyAndCheck(table);
      assertThat(views.held("v0")).isEmpty();
    }
  }

  @Test
  void severalArgumentsAreDistinctTogetherAndANullIsIgnored() {
    try (LiveViews views =
        views("SELECT count(DISTINCT grp, x) AS n, count(DISTINCT grp) AS g FROM t")) {
      put(1, "a", 1);
      put(2, "a", 2);
      put(3, "b", 1);
      put(4, "b", 1);
      put(5, null, 1);
      put(6, "c", null);
      views.applyAndCheck(table);
      holds(views, "v0", 3L, 3L);
      table.delete(4L);
      table.delete(2L);
      views.applyAndCheck(table);
      holds(views, "v0", 2L, 3L);
    }
  }

  @Test
  void theRowOfTheGreatestValueIsFoundAgain() {
    try (LiveViews views =
        views(
            "SELECT grp, max_by(note, id) AS newest, min_by(note, id) AS oldest FROM t GROUP BY grp",
            "SELECT max_by(note, x) AS greatest_of_the_greatest FROM t")) {
      for (int x = 1; x <= 8; x++) {
        table.put((long) x, "a", x % 4, 1.5, x == 8 ? null : "n" + x);
      }
      views.applyAndCheck(table);
      holds(views, "v0", "a", null, "n1");
      // Of equal ones, the one with the greatest value: what a view holds follows from the table.
      holds(views, "v1", "n7");
      table.delete(8L);
      table.delete(1L);
      table.delete(7L);
      views.applyAndCheck(table);
      holds(views, "v0", "a", "n6", "n2");
      holds(views, "v1", "n3");
    }
  }

  @Test
  void deviationsOfDistinctValues() {
    try (LiveViews views =
        views("SELECT stddev_pop(DISTINCT x) AS s, sum(DISTINCT d) AS sd, sum(d) AS all FROM t")) {
      for (int x = 1; x <= 8; x++) {
        table.put((long) x, "a", x % 2, x % 2 + 0.5, "n");
      }
      views.applyAndCheck(table);
      holds(views, "v0", 0.5, 2.0, 8.0);
      for (long id = 1; id <= 8; id += 2) {
        table.delete(id);
      }
      views.applyAndCheck(table);
      holds(views, "v0", 0.0, 0.5, 2.0);
    }
  }

  @Test
  void aViewThatIsNewHasTheValuesOfAllRowsAndOneThatIsRemovedLeavesNone() {
    try (LiveViews views = views("SELECT grp, count(*) AS n FROM t GROUP BY grp")) {
      for (int x = 1; x <= 20; x++) {
        put(x, "a", x);
      }
      views.applyAndCheck(table);
      long bytes = views.size().bytes();
      views.add(EXTREMES);
      views.add(DISTINCT);
      views.applyAndCheck(table);
      holds(views, "v1", "a", 1, 20);
      assertThat(views.size().bytes()).isGreaterThan(bytes + 3 * 17 * 8);

      table.delete(20L);
      views.applyAndCheck(table);
      views.removeLast();
      views.removeLast();
      put(20, "a", 20);
      views.applyAndCheck(table);
      assertThat(views.size().bytes()).isEqualTo(bytes);
    }
  }

  @Test
  void wholeResultsAndOtherProcessesReadTheValues() {
    try (LiveViews views = views(EXTREMES, DISTINCT)) {
      for (int x = 1; x <= 9; x++) {
        put(x, "a", x);
      }
      views.applyAndCheck(table);
      table.delete(9L);
      assertThat(views.apply(table, Set.of("v0", "v1"))).isEmpty();
      views.check(table);
      holds(views, "v0", "a", 1, 8);
      assertThat(LiveViews.counted(views.stored("v0"))).isEqualTo(views.held("v0"));
      assertThat(LiveViews.counted(views.stored("v1"))).isEqualTo(views.held("v1"));
    }
  }

  @Test
  void aBatchThatRunsAgainRefillsTheSame() {
    try (LiveViews views = views(EXTREMES, DISTINCT)) {
      for (int x = 1; x <= 9; x++) {
        put(x, "a", x);
      }
      views.applyAndCheck(table);
      table.delete(9L);
      table.delete(8L);
      table.delete(7L);
      table.delete(1L);
      Dataset<Row> changes = SPARK.session().createDataFrame(table.take(), table.changeType());
      List<List<Row>> first = views.tryOut(changes, views.nextBatch());
      List<List<Row>> again = views.tryOut(changes, views.nextBatch());

      assertThat(first).isEqualTo(again);
      assertThat(first.get(0).get(0).getStruct(1).toString()).isEqualTo("[a,2,6]");
    }
  }

  @Test
  void longValuesTakeThePlaceOfSeveral() {
    try (LiveViews views =
        views("SELECT max(note) AS most, count(DISTINCT note) AS n FROM t", EXTREMES)) {
      Random random = new Random(1);
      for (int id = 1; id <= 12; id++) {
        char[] text = new char[3000];
        Arrays.fill(text, (char) ('a' + random.nextInt(26)));
        table.put((long) id, "a", id, 1.5, new String(text));
      }
      views.applyAndCheck(table);
      for (long id = 1; id <= 12; id++) {
        table.delete(id);
        views.applyAndCheck(table);
      }
      holds(views, "v0", null, 0L);
    }
  }
}
