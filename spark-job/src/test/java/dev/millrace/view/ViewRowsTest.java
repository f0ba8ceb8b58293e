package dev.millrace.view;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.SparkTest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Views whose rows depend on other rows: window functions, values of groups, joins with itself. */
class ViewRowsTest {

  @RegisterExtension static final SparkTest SPARK = new SparkTest();

  private static final StructType COLUMNS =
      LiveViews.columns("id BIGINT, grp STRING, x INT, d DOUBLE, note STRING");

  @TempDir Path state;

  private final ChangeLog table = new ChangeLog(COLUMNS, 2);

  private LiveViews views(String... queries) {
    return LiveViews.interpreted(SPARK.session(), state, COLUMNS, queries);
  }

  private void put(long id, String group, Integer x) {
    table.put(id, group, x, 1.5, "n");
  }

  private static List<Object> row(Object... values) {
    return Arrays.asList(values);
  }

  private static Map<List<Object>, Integer> held(LiveViews views) {
    return views.held("v0");
  }

  @Test
  void aRowMovesTheRanksOfItsGroupAlone() {
    try (LiveViews views =
        views("SELECT id, rank() OVER (PARTITION BY grp ORDER BY x DESC) AS place FROM t")) {
      put(1, "a", 5);
      put(2, "a", 5);
      put(3, "a", 1);
      put(4, "b", 9);
      views.applyAndCheck(table);
      assertThat(held(views)).containsOnlyKeys(row(1L, 1), row(2L, 1), row(3L, 3), row(4L, 1));

      put(3, "a", 7);
      views.applyAndCheck(table);
      assertThat(held(views)).containsOnlyKeys(row(1L, 2), row(2L, 2), row(3L, 1), row(4L, 1));

      put(3, "b", 7);
      table.delete(1L);
      views.applyAndCheck(table);
      assertThat(held(views)).containsOnlyKeys(row(2L, 1), row(3L, 2), row(4L, 1));
    }
  }

  @Test
  void functionsThatTellPeersApartFollowTheOtherColumns() {
    try (LiveViews views =
        views(
            "SELECT id, lag(id) OVER (ORDER BY x) AS earlier, sum(x) OVER (ORDER BY x) AS s,"
                + " sum(x) OVER (ORDER BY x ROWS 1 PRECEDING) AS two FROM t")) {
      put(3, "a", 5);
      put(1, "b", 5);
      put(2, "a", 7);
      views.applyAndCheck(table);
      // To a frame by RANGE, 1 and 3 are peers; of the rows, that with the lesser id is the first.
      assertThat(held(views))
          .containsOnlyKeys(row(1L, null, 10L, 5L), row(3L, 1L, 10L, 10L), row(2L, 3L, 17L, 12L));
    }
  }

  @Test
  void aFunctionThatFailsLeavesOutItsGroupUntilItCanBeComputed() {
    long half = 1L << 62;
    try (LiveViews views =
        views("SELECT id, sum(x * %d) OVER (PARTITION BY grp) AS s FROM t".formatted(half))) {
      put(1, "a", 1);
      put(2, "b", 1);
      views.applyAndCheck(table);
      assertThat(held(views)).containsOnlyKeys(row(1L, half), row(2L, half));

      put(3, "a", 1);
      List<Row> problems = views.apply(table);
      assertThat(problems).hasSize(1);
      assertThat(problems.get(0).getString(1)).contains("ARITHMETIC_OVERFLOW");
      assertThat(problems.get(0).getString(4)).isEqualTo("{\"grp\":\"a\"}");
      assertThat(held(views)).containsOnlyKeys(row(2L, half));

      put(3, "a", 0);
      views.applyAndCheck(table);
      assertThat(held(views)).containsOnlyKeys(row(1L, half), row(2L, half), row(3L, half));
    }
  }

  @Test
  void valuesOfAGroupAreSortedAndCountedAsOftenAsTheyAreThere() {
    try (LiveViews views =
        views(
            "SELECT grp, collect_list(x) AS all, collect_set(x) AS each, percentile(x, 0.5) AS middle"
                + " FROM t GROUP BY grp")) {
      put(1, "a", 7);
      put(2, "a", 3);
      put(3, "a", 7);
      put(4, "a", null);
      views.applyAndCheck(table);
      assertThat(held(views)).containsOnlyKeys(row("a", List.of(3, 7, 7), List.of(3, 7), 7.0));

      table.delete(3L);
      views.applyAndCheck(table);
      assertThat(held(views)).containsOnlyKeys(row("a", List.of(3, 7), List.of(3, 7), 5.0));
    }
  }

  /** More values than the record of a group has. */
  @Test
  void aLargeGroupIsReadFromItsIndexAndWarnedOfOnce() {
    try (LiveViews views =
        views("SELECT percentile(x, 0.5) AS middle, size(collect_list(x)) AS n FROM t")) {
      views.maxGroupRows(150);
      for (int i = 1; i <= 99; i++) {
        put(i, "a", i);
      }
      assertThat(views.apply(table)).isEmpty();
      assertThat(held(views)).containsOnlyKeys(row(50.0, 99));

      for (int i = 100; i <= 199; i++) {
        put(i, "a", i);
      }
      List<String> warnings = new ArrayList<>();
      views.apply(table).forEach(problem -> warnings.add(problem.getString(1)));
      assertThat(warnings).containsExactly(ViewBatch.LARGE_GROUP + 199);
      assertThat(held(views)).containsOnlyKeys(row(100.0, 199));

      put(200, "a", 200);
      assertThat(views.apply(table)).isEmpty();
    }
  }

  @Test
  void aLeftJoinKeepsNullsUntilTheRightSideAppears() {
    try (LiveViews views =
        views("SELECT a.id, b.id AS other FROM t a LEFT JOIN t b ON a.x = b.id")) {
      put(1, "a", 9);
      put(2, "a", null);
      views.applyAndCheck(table);
      assertThat(held(views)).containsOnlyKeys(row(1L, null), row(2L, null));

      put(9, "a", 1);
      views.applyAndCheck(table);
      assertThat(held(views)).containsOnlyKeys(row(1L, 9L), row(2L, null), row(9L, 1L));

      table.delete(9L);
      views.applyAndCheck(table);
      assertThat(held(views)).containsOnlyKeys(row(1L, null), row(2L, null));
    }
  }

  @Test
  void aRowThatChangesItsKeyAndItsValueAtOnceMovesItsPairs() {
    try (LiveViews views =
        views(
            "SELECT a.grp, count(*) AS n, sum(b.x) AS s FROM t a JOIN t b ON a.grp = b.grp GROUP BY"
                + " a.grp")) {
      put(1, "a", 1);
      put(2, "a", 10);
      put(3, "b", 100);
      views.applyAndCheck(table);
      assertThat(held(views)).containsOnlyKeys(row("a", 4L, 22L), row("b", 1L, 100L));

      put(2, "b", 20);
      views.applyAndCheck(table);
      assertThat(held(views)).containsOnlyKeys(row("a", 1L, 1L), row("b", 4L, 240L));
    }
  }

  @Test
  void existsFollowsTheFirstAndTheLastMatch() {
    try (LiveViews views =
        views(
            "SELECT id FROM t WHERE EXISTS (SELECT 1 FROM t u WHERE u.x = t.x AND u.id <> t.id)",
            "SELECT id FROM t WHERE NOT EXISTS (SELECT 1 FROM t u WHERE u.x = t.x AND u.id <> t.id)")) {
      put(1, "a", 5);
      put(2, "a", null);
      views.applyAndCheck(table);
      assertThat(held(views)).isEmpty();

      put(3, "a", 5);
      views.applyAndCheck(table);
      assertThat(held(views)).containsOnlyKeys(row(1L), row(3L));
      assertThat(views.held("v1")).containsOnlyKeys(row(2L));

      put(1, "a", 6);
      views.applyAndCheck(table);
      assertThat(held(views)).isEmpty();
    }
  }

  /** The inner group vanishes with its last row. */
  @Test
  void aJoinWithGroupsLosesItsPairsWithTheGroup() {
    try (LiveViews views =
        views(
            "SELECT t.id, s.n FROM t JOIN (SELECT x AS k, count(*) AS n FROM t GROUP BY x) s ON t.id"
                + " = s.k")) {
      put(1, "a", 2);
      put(2, "a", 2);
      views.applyAndCheck(table);
      assertThat(held(views)).containsOnlyKeys(row(2L, 2L));

      put(1, "a", 1);
      views.applyAndCheck(table);
      assertThat(held(views)).containsOnlyKeys(row(1L, 1L), row(2L, 1L));

      table.delete(1L);
      views.applyAndCheck(table);
      assertThat(held(views)).containsOnlyKeys(row(2L, 1L));
    }
  }

  @Test
  void intersectAndExceptCountEachRowOnce() {
    try (LiveViews views =
        views(
            "SELECT x FROM t WHERE grp = 'a' INTERSECT SELECT x FROM t WHERE grp = 'b'",
            "SELECT x FROM t WHERE grp = 'a' EXCEPT SELECT x FROM t WHERE grp = 'b'")) {
      put(1, "a", 5);
      put(2, "a", 5);
      put(3, "a", null);
      put(4, "b", null);
      views.applyAndCheck(table);
      assertThat(held(views)).isEqualTo(Map.of(Arrays.asList((Object) null), 1));
      assertThat(views.held("v1")).isEqualTo(Map.of(row(5), 1));

      put(4, "b", 5);
      views.applyAndCheck(table);
      assertThat(held(views)).isEqualTo(Map.of(row(5), 1));
      assertThat(views.held("v1")).isEqualTo(Map.of(Arrays.asList((Object) null), 1));
    }
  }
}
