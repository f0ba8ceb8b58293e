package dev.millrace.view;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.SparkTest;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Views whose groups are ordered or grouped again: ORDER BY with LIMIT, GROUP BY of GROUP BY. */
class ViewLevelsTest {

  @RegisterExtension static final SparkTest SPARK = new SparkTest();

  private static final StructType COLUMNS =
      LiveViews.columns("id BIGINT, grp STRING, x INT, d DOUBLE, note STRING");

  private static final String TOP = "SELECT id, x FROM t ORDER BY x DESC LIMIT 2";

  private static final String TOP_OF_GROUPS =
      "SELECT grp, sum(x) AS s FROM t GROUP BY grp ORDER BY s DESC LIMIT 2";

  private static final String FIRST_OF_EACH =
      "SELECT grp, id, place FROM (SELECT *, row_number() OVER (PARTITION BY grp ORDER BY x, id) AS"
          + " place FROM t) WHERE place <= 2";

  private static final String GROUPS_BY_SIZE =
      "SELECT n, count(*) AS groups FROM (SELECT grp, count(*) AS n FROM t GROUP BY grp) GROUP BY n";

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

  private static Set<List<Object>> held(LiveViews views) {
    return views.held("v0").keySet();
  }

  @Test
  void aRowThatLeavesTheTopMakesRoomForTheNextOne() {
    try (LiveViews views = views(TOP)) {
      for (int i = 1; i <= 9; i++) {
        put(i, "a", i);
      }
      views.applyAndCheck(table);
      assertThat(held(views)).containsExactlyInAnyOrder(row(9L, 9), row(8L, 8));

      table.delete(9L);
      views.applyAndCheck(table);
      assertThat(held(views)).containsExactlyInAnyOrder(row(8L, 8), row(7L, 7));

      for (int i = 3; i <= 8; i++) {
        table.delete((long) i);
      }
      views.applyAndCheck(table);
      assertThat(held(views)).containsExactlyInAnyOrder(row(2L, 2), row(1L, 1));

      table.delete(1L);
      table.delete(2L);
      views.applyAndCheck(table);
      assertThat(held(views)).isEmpty();
    }
  }

  @Test
  void tiesAreResolvedByTheColumnsFromLeftToRight() {
    try (LiveViews views = views(TOP)) {
      put(4, "a", 7);
      put(2, "a", 7);
      put(3, "a", 7);
      views.applyAndCheck(table);
      assertThat(held(views)).containsExactlyInAnyOrder(row(2L, 7), row(3L, 7));

      put(1, "a", 7);
      views.applyAndCheck(table);
      assertThat(held(views)).containsExactlyInAnyOrder(row(1L, 7), row(2L, 7));

      put(1, "a", null);
      views.applyAndCheck(table);
      assertThat(held(views)).containsExactlyInAnyOrder(row(2L, 7), row(3L, 7));
    }
  }

  @Test
  void nullsComeWhereTheOrderHasThem() {
    try (LiveViews views =
        views(
            "SELECT id, x FROM t ORDER BY x DESC NULLS FIRST, id DESC LIMIT 2",
            "SELECT id, x FROM t ORDER BY x NULLS LAST LIMIT 2",
            "SELECT id, x FROM t ORDER BY x LIMIT 2")) {
      put(1, "a", null);
      put(2, "a", 5);
      put(3, "a", null);
      put(4, "a", -5);
      put(5, "a", 0);
      views.applyAndCheck(table);
      assertThat(views.held("v0").keySet()).containsExactlyInAnyOrder(row(3L, null), row(1L, null));
      assertThat(views.held("v1").keySet()).containsExactlyInAnyOrder(row(4L, -5), row(5L, 0));
      assertThat(views.held("v2").keySet()).containsExactlyInAnyOrder(row(1L, null), row(3L, null));
    }
  }

  @Test
  void theFirstGroupsFollowWhatTheirRowsDo() {
    try (LiveViews views = views(TOP_OF_GROUPS)) {
      put(1, "a", 5);
      put(2, "b", 4);
      put(3, "c", 3);
      views.applyAndCheck(table);
      assertThat(held(views)).containsExactlyInAnyOrder(row("a", 5L), row("b", 4L));

      put(3, "c", 9);
      put(1, "b", 5);
      views.applyAndCheck(table);
      assertThat(held(views)).containsExactlyInAnyOrder(row("b", 9L), row("c", 9L));

      table.delete(2L);
      table.delete(3L);
      views.applyAndCheck(table);
      assertThat(held(views)).containsExactlyInAnyOrder(row("b", 5L));
    }
  }

  @Test
  void rowsAreNumberedWithinTheirGroup() {
    try (LiveViews views = views(FIRST_OF_EACH)) {
      put(1, "a", 5);
      put(2, "a", 6);
      put(3, "a", 7);
      put(4, null, 1);
      views.applyAndCheck(table);
      assertThat(held(views))
          .containsExactlyInAnyOrder(row("a", 1L, 1), row("a", 2L, 2), row(null, 4L, 1));

      put(3, "a", 4);
      put(4, "a", 5);
      views.applyAndCheck(table);
      assertThat(held(views)).containsExactlyInAnyOrder(row("a", 3L, 1), row("a", 1L, 2));
    }
  }

  @Test
  void aConstantOrdersAndPartitionsNothing() {
    try (LiveViews views =
        views(
            "SELECT id, place FROM (SELECT id, row_number() OVER (PARTITION BY 1 ORDER BY NULL, x DESC)"
                + " AS place FROM t) WHERE 2 >= place")) {
      put(1, "a", 5);
      put(2, "a", 7);
      put(3, "b", 6);
      views.applyAndCheck(table);
      assertThat(held(views)).containsExactlyInAnyOrder(row(2L, 1), row(3L, 2));
    }
  }

  @Test
  void aGroupOfGroupsIsGoneWithTheLastOfThem() {
    try (LiveViews views = views(GROUPS_BY_SIZE)) {
      put(1, "a", 5);
      put(2, "a", 6);
      put(3, "b", 7);
      views.applyAndCheck(table);
      assertThat(held(views)).containsExactlyInAnyOrder(row(2L, 1L), row(1L, 1L));

      put(2, "b", 6);
      views.applyAndCheck(table);
      assertThat(held(views)).containsExactlyInAnyOrder(row(1L, 1L), row(2L, 1L));

      table.delete(3L);
      views.applyAndCheck(table);
      assertThat(held(views)).containsExactlyInAnyOrder(row(1L, 2L));
    }
  }

  @Test
  void anAggregateOfNoGroupsHasItsRow() {
    try (LiveViews views =
        views(
            "SELECT count(*) AS groups, max(n) AS most FROM (SELECT grp, count(*) AS n FROM t GROUP BY"
                + " grp)",
            "SELECT sum(s) AS s FROM (SELECT sum(x) AS s FROM t)")) {
      views.applyAndCheck(table);
      assertThat(held(views)).containsExactly(row(0L, null));

      put(1, "a", 5);
      views.applyAndCheck(table);
      assertThat(held(views)).containsExactly(row(1L, 1L));

      table.delete(1L);
      views.applyAndCheck(table);
      assertThat(held(views)).containsExactly(row(0L, null));
    }
  }

  @Test
  void aViewThatIsNewOrWholeIsMadeFromTheState() {
    try (LiveViews views = views(TOP)) {
      for (int i = 1; i <= 9; i++) {
        put(i, "g" + i % 4, i);
      }
      views.applyAndCheck(table);
      views.add(TOP_OF_GROUPS);
      views.add(GROUPS_BY_SIZE);
      put(1, "g0", 20);
      views.applyAndCheck(table);

      put(2, "g0", 30);
      views.apply(table, Set.of("v0", "v1", "v2"));
      views.check(table);
      assertThat(LiveViews.counted(views.stored("v1"))).isEqualTo(views.held("v1"));
      assertThat(LiveViews.counted(views.stored("v2"))).isEqualTo(views.held("v2"));

      views.removeLast();
      views.removeLast();
      put(3, "g0", 40);
      views.applyAndCheck(table);
      views.add(TOP_OF_GROUPS);
      views.applyAndCheck(table);
    }
  }

  @Test
  void manyRowsComeAndGoInTheTopAndInTheIndex() {
    long seed = new Random().nextLong();
    System.out.println("rows of a top: seed " + seed);
    Random random = new Random(seed);
    try (LiveViews views =
        views(
            "SELECT id, x FROM t ORDER BY x, id DESC LIMIT 4",
            "SELECT * FROM t ORDER BY x DESC LIMIT 3",
            FIRST_OF_EACH,
            TOP_OF_GROUPS)) {
      for (int batch = 0; batch < 25; batch++) {
        for (int i = 0; i < 12; i++) {
          long id = random.nextInt(40);
          if (random.nextInt(3) == 0
              && table.rows().stream().anyMatch(row -> row.get(0).equals(id))) {
            table.delete(id);
          } else {
            put(id, "g" + random.nextInt(3), random.nextInt(6) == 0 ? null : random.nextInt(9));
          }
        }
        views.applyAndCheck(table);
      }
    }
  }
}
