package dev.millrace.view;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.SparkTest;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Views that make several rows of one: ROLLUP, CUBE, GROUPING SETS, UNION, LATERAL VIEW. */
class ViewSetsTest {

  @RegisterExtension static final SparkTest SPARK = new SparkTest();

  private static final StructType COLUMNS =
      LiveViews.columns("id BIGINT, grp STRING, x INT, tags ARRAY<STRING>");

  @TempDir Path state;

  private final ChangeLog table = new ChangeLog(COLUMNS, 2);

  private LiveViews views(String query) {
    return LiveViews.interpreted(SPARK.session(), state, COLUMNS, query);
  }

  private void put(long id, String group, Integer x, String... tags) {
    table.put(id, group, x, tags);
  }

  private static List<Object> row(Object... values) {
    return Arrays.asList(values);
  }

  @Test
  void aGroupWhoseKeyIsNullIsNotTheTotalOfARollup() {
    try (LiveViews views =
        views(
            "SELECT grp, grouping_id() AS level, count(*) AS n, sum(x) AS s FROM t"
                + " GROUP BY ROLLUP (grp)")) {
      put(1, null, 5);
      put(2, "a", 7);
      views.applyAndCheck(table);
      assertThat(views.held("v0").keySet())
          .containsExactlyInAnyOrder(
              row(null, 0L, 1L, 5L), row("a", 0L, 1L, 7L), row(null, 1L, 2L, 12L));

      put(1, "a", 6);
      views.applyAndCheck(table);
      assertThat(views.held("v0").keySet())
          .containsExactlyInAnyOrder(row("a", 0L, 2L, 13L), row(null, 1L, 2L, 13L));

      table.delete(1L);
      table.delete(2L);
      views.applyAndCheck(table);
      assertThat(views.held("v0")).isEmpty();
    }
  }

  @Test
  void theEmptyGroupingSetOfAnEmptyTableHasTheRowThatSparkGivesIt() {
    try (LiveViews views =
        views(
            "SELECT x, grouping_id() AS level, count(*) AS n FROM t GROUP BY GROUPING SETS ((), (x))")) {
      views.applyAndCheck(table);
      put(1, "a", 3);
      views.applyAndCheck(table);
      assertThat(views.held("v0").keySet())
          .containsExactlyInAnyOrder(row(3, 0L, 1L), row(null, 1L, 1L));
    }
  }

  @Test
  void aRowMayBeInBothPartsOfAUnion() {
    try (LiveViews views =
        views("SELECT id, x FROM t WHERE x > 1 UNION ALL SELECT id, x FROM t WHERE grp = 'a'")) {
      put(1, "a", 5);
      put(2, "a", 1);
      put(3, "b", 5);
      put(4, "b", 1);
      views.applyAndCheck(table);
      assertThat(views.held("v0")).isEqualTo(Map.of(row(1L, 5), 2, row(2L, 1), 1, row(3L, 5), 1));

      put(1, "b", 5);
      put(2, "a", 2);
      views.applyAndCheck(table);
      assertThat(views.held("v0")).isEqualTo(Map.of(row(1L, 5), 1, row(2L, 2), 2, row(3L, 5), 1));
    }
  }

  @Test
  void aUnionWithoutAllHasEachRowOnceUntilTheLastOneLeaves() {
    try (LiveViews views = views("SELECT x FROM t UNION SELECT x + 1 AS y FROM t")) {
      put(1, "a", 1);
      put(2, "a", 2);
      views.applyAndCheck(table);
      assertThat(views.held("v0")).isEqualTo(Map.of(row(1), 1, row(2), 1, row(3), 1));

      table.delete(1L);
      views.applyAndCheck(table);
      assertThat(views.held("v0")).isEqualTo(Map.of(row(2), 1, row(3), 1));
    }
  }

  @Test
  void elementsOfAnArrayAreRowsAndAnEmptyOneIsNone() {
    try (LiveViews views = views("SELECT id, tag FROM t LATERAL VIEW explode(tags) AS tag")) {
      put(1, "a", 1, "red", "red", null);
      put(2, "a", 1);
      table.put(3L, "a", 1, null);
      views.applyAndCheck(table);
      assertThat(views.held("v0")).isEqualTo(Map.of(row(1L, "red"), 2, row(1L, null), 1));

      put(1, "a", 1, "red", "blue");
      put(2, "a", 1, "red");
      views.applyAndCheck(table);
      assertThat(views.held("v0"))
          .isEqualTo(Map.of(row(1L, "red"), 1, row(1L, "blue"), 1, row(2L, "red"), 1));
    }
  }

  @Test
  void otherFunctionsReturnRowsAsWell() {
    try (LiveViews views =
        views(
            "SELECT id, a, b FROM t LATERAL VIEW stack(2, x, 'one', x + 1, 'two') s AS a, b UNION ALL"
                + " SELECT id, a, b FROM t LATERAL VIEW inline(array(struct(x, grp))) i AS a, b")) {
      put(1, "g", 5);
      views.applyAndCheck(table);
      assertThat(views.held("v0").keySet())
          .containsExactlyInAnyOrder(row(1L, 5, "one"), row(1L, 6, "two"), row(1L, 5, "g"));

      table.delete(1L);
      views.applyAndCheck(table);
      assertThat(views.held("v0")).isEmpty();
    }
  }

  @Test
  void anOuterLateralViewKeepsARowWithoutElements() {
    try (LiveViews views =
        views(
            "SELECT tag, position, count(*) AS n FROM t LATERAL VIEW OUTER posexplode(tags) x AS"
                + " position, tag GROUP BY tag, position")) {
      put(1, "a", 1, "red", "blue");
      put(2, "a", 1);
      table.put(3L, "a", 1, null);
      views.applyAndCheck(table);
      assertThat(views.held("v0").keySet())
          .containsExactlyInAnyOrder(row("red", 0, 1L), row("blue", 1, 1L), row(null, null, 2L));

      put(2, "a", 1, "red");
      views.applyAndCheck(table);
      assertThat(views.held("v0").keySet())
          .containsExactlyInAnyOrder(row("red", 0, 2L), row("blue", 1, 1L), row(null, null, 1L));
    }
  }

  @Test
  void aRowWhoseKeyIsThatOfAnotherIsLeftOutWithBoth() {
    try (LiveViews views = views("SELECT id, tag, x FROM t LATERAL VIEW explode(tags) AS tag")) {
      views.checkKey(List.of("id", "tag"));
      put(1, "a", 1, "red", "blue");
      put(2, "a", 1, "red", "red");
      assertThat(views.apply(table))
          .singleElement()
          .asString()
          .contains("it makes 2 rows of the result, and two of them have the same key (id, tag)");
      assertThat(views.held("v0")).isEqualTo(Map.of(row(1L, "red", 1), 1, row(1L, "blue", 1), 1));

      put(2, "a", 1, "red");
      views.applyAndCheck(table);
    }
  }
}
