package dev.millrace.view;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.SparkTest;
import java.nio.file.Path;
import java.sql.Date;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Views that compare columns with now(): time alone changes their results. */
class ViewTimeTest {

  @RegisterExtension static final SparkTest SPARK = new SparkTest();

  private static final StructType COLUMNS =
      LiveViews.columns("id BIGINT, grp STRING, x INT, at TIMESTAMP, day DATE");

  private static final String DAY = "2026-11-30T";

  @TempDir Path state;

  private final ChangeLog table = new ChangeLog(COLUMNS, 2);

  private LiveViews views(String... queries) {
    return LiveViews.interpreted(SPARK.session(), state, COLUMNS, queries);
  }

  private void put(long id, String group, Integer x, String time) {
    Instant at = time == null ? null : Instant.parse(DAY + time + "Z");
    table.put(
        id,
        group,
        x,
        at == null ? null : Timestamp.from(at),
        at == null ? null : Date.valueOf("2026-11-30"));
  }

  private void batch(LiveViews views, String time) {
    views.time(Instant.parse(DAY + time + "Z"));
    views.applyAndCheck(table);
  }

  private static Optional<Instant> at(String time) {
    return Optional.of(Instant.parse(DAY + time + "Z"));
  }

  private static List<Object> row(Object... values) {
    return Arrays.asList(values);
  }

  @Test
  void aRowLeavesWhenItsTimeHasCome() {
    try (LiveViews views = views("SELECT id, x FROM t WHERE at > now() - INTERVAL 1 HOUR")) {
      put(1, "a", 5, "12:00:00");
      put(2, "a", 7, "12:30:00");
      put(3, "a", 9, null);
      batch(views, "12:40:00");
      assertThat(views.held("v0")).containsOnlyKeys(row(1L, 5), row(2L, 7));
      assertThat(views.nextMoment()).isEqualTo(at("13:00:00"));

      batch(views, "12:59:59.999");
      assertThat(views.held("v0")).containsOnlyKeys(row(1L, 5), row(2L, 7));

      batch(views, "13:00:00");
      assertThat(views.held("v0")).containsOnlyKeys(row(2L, 7));
      assertThat(views.nextMoment()).isEqualTo(at("13:30:00"));

      batch(views, "14:00:00");
      assertThat(views.held("v0")).isEmpty();
      assertThat(views.nextMoment()).isEmpty();
    }
  }

  @Test
  void anUpdateMovesTheMomentAndADeleteRemovesIt() {
    try (LiveViews views = views("SELECT id, x FROM t WHERE at >= now() - INTERVAL 1 HOUR")) {
      put(1, "a", 5, "12:00:00");
      put(2, "a", 7, "12:10:00");
      batch(views, "12:40:00");
      put(1, "a", 6, "12:50:00");
      table.delete(2L);
      batch(views, "12:55:00");
      assertThat(views.nextMoment())
          .isEqualTo(at("13:50:00").map(moment -> moment.plusNanos(1_000)));

      // Moments have passed since: the row is as of its update.
      put(1, "a", 8, "10:00:00");
      batch(views, "13:05:00");
      assertThat(views.held("v0")).isEmpty();
      assertThat(views.nextMoment()).isEmpty();
    }
  }

  @Test
  void groupsLoseTheirRowsAndVanish() {
    try (LiveViews views =
        views(
            "SELECT grp, count(*) AS n, sum(x) AS s FROM t WHERE at > now() - INTERVAL 10 MINUTES GROUP BY grp",
            "SELECT count(*) AS n, count(*) FILTER (WHERE at > now() - INTERVAL 10 MINUTES) AS recent FROM t",
            "SELECT grp, max(x) AS m FROM t WHERE at <= now() GROUP BY grp ORDER BY m DESC LIMIT 1")) {
      put(1, "a", 5, "12:00:00");
      put(2, "a", 7, "12:05:00");
      put(3, "b", 9, "12:20:00");
      batch(views, "12:06:00");
      assertThat(views.held("v0")).containsOnlyKeys(row("a", 2L, 12L), row("b", 1L, 9L));
      assertThat(views.held("v1")).containsOnlyKeys(row(3L, 3L));
      assertThat(views.held("v2")).containsOnlyKeys(row("a", 7));

      batch(views, "12:12:00");
      assertThat(views.held("v0")).containsOnlyKeys(row("a", 1L, 7L), row("b", 1L, 9L));
      assertThat(views.held("v1")).containsOnlyKeys(row(3L, 2L));

      batch(views, "12:25:00");
      assertThat(views.held("v0")).containsOnlyKeys(row("b", 1L, 9L));
      assertThat(views.held("v1")).containsOnlyKeys(row(3L, 1L));
      // It was in the future before.
      assertThat(views.held("v2")).containsOnlyKeys(row("b", 9));
    }
  }

  @Test
  void windowsAndJoinsLoseTheirRows() {
    try (LiveViews views =
        views(
            "SELECT id, rank() OVER (ORDER BY x DESC) AS place FROM t WHERE at > now() - INTERVAL 10 MINUTES",
            "SELECT a.id, b.id AS other FROM t a LEFT JOIN (SELECT * FROM t WHERE at > now() - INTERVAL 10 MINUTES) b ON a.x = b.x",
            "SELECT id FROM t WHERE NOT EXISTS (SELECT 1 FROM t u WHERE u.grp = t.grp AND u.id <> t.id AND u.at > now() - INTERVAL 10 MINUTES)")) {
      put(1, "a", 5, "12:00:00");
      put(2, "a", 5, "12:05:00");
      put(3, "b", 4, "12:05:00");
      batch(views, "12:06:00");
      assertThat(views.held("v0")).containsOnlyKeys(row(1L, 1), row(2L, 1), row(3L, 3));
      assertThat(views.held("v1"))
          .containsOnlyKeys(row(1L, 1L), row(1L, 2L), row(2L, 1L), row(2L, 2L), row(3L, 3L));
      assertThat(views.held("v2")).containsOnlyKeys(row(3L));

      batch(views, "12:12:00");
      assertThat(views.held("v0")).containsOnlyKeys(row(2L, 1), row(3L, 2));
      assertThat(views.held("v1")).containsOnlyKeys(row(1L, 2L), row(2L, 2L), row(3L, 3L));
      assertThat(views.held("v2")).containsOnlyKeys(row(2L), row(3L));

      batch(views, "12:20:00");
      assertThat(views.held("v0")).isEmpty();
      assertThat(views.held("v1")).containsOnlyKeys(row(1L, null), row(2L, null), row(3L, null));
      assertThat(views.held("v2")).containsOnlyKeys(row(1L), row(2L), row(3L));
    }
  }

  @Test
  void aDayIsComparedWithTheDateAndTheStartOfTheDay() {
    try (LiveViews views =
        views(
            "SELECT id FROM t WHERE day = current_date()",
            "SELECT id FROM t WHERE at >= date_trunc('DAY', now())",
            "SELECT id FROM t WHERE day >= current_date() - INTERVAL 1 MONTH",
            "SELECT id, CASE WHEN day < current_date() THEN 'old' ELSE 'new' END AS age FROM t")) {
      put(1, "a", 5, "12:00:00");
      views.time(Instant.parse("2026-11-29T12:00:00Z"));
      views.applyAndCheck(table);
      assertThat(views.held("v0")).isEmpty();
      assertThat(views.held("v3")).containsOnlyKeys(row(1L, "new"));

      batch(views, "12:00:00");
      assertThat(views.held("v0")).containsOnlyKeys(row(1L));

      views.time(Instant.parse("2026-12-02T12:00:00Z"));
      views.applyAndCheck(table);
      assertThat(views.held("v0")).isEmpty();
      assertThat(views.held("v1")).isEmpty();
      assertThat(views.held("v2")).containsOnlyKeys(row(1L));
      assertThat(views.held("v3")).containsOnlyKeys(row(1L, "old"));

      views.time(Instant.parse("2027-01-02T00:00:00Z"));
      views.applyAndCheck(table);
      assertThat(views.held("v2")).isEmpty();
    }
  }

  @Test
  void aClockThatIsSetBackDoesNotBringARowBack() {
    try (LiveViews views = views("SELECT id FROM t WHERE at > now() - INTERVAL 1 HOUR")) {
      put(1, "a", 5, "12:00:00");
      batch(views, "13:30:00");
      assertThat(views.held("v0")).isEmpty();
      put(2, "a", 5, "12:30:00");
      views.time(Instant.parse(DAY + "12:10:00Z"));
      views.apply(table);
      assertThat(views.held("v0")).isEmpty();
    }
  }

  @Test
  void aBatchThatRunsAgainAndViewsThatComeLaterFindTheSame() {
    try (LiveViews views = views("SELECT id FROM t WHERE at > now() - INTERVAL 1 HOUR")) {
      put(1, "a", 5, "12:00:00");
      put(2, "b", 5, "12:20:00");
      views.time(Instant.parse(DAY + "12:30:00Z"));
      views.applyAll(table, Set.of(), new java.util.Random(1), 3);
      views.check(table);

      views.add("SELECT grp, count(*) AS n FROM t WHERE at > now() - INTERVAL 1 HOUR GROUP BY grp");
      batch(views, "13:10:00");
      assertThat(views.held("v0")).containsOnlyKeys(row(2L));
      assertThat(views.held("v1")).containsOnlyKeys(row("b", 1L));
      assertThat(views.stored("v0")).hasToString("[[2]]");

      views.time(Instant.parse(DAY + "13:15:00Z"));
      views.applyAll(table, Set.of("v0"), new java.util.Random(1), 2);
      views.check(table);

      batch(views, "13:20:00");
      assertThat(views.held("v0")).isEmpty();
      assertThat(views.held("v1")).isEmpty();
    }
  }

  @Test
  void momentsOfAViewThatIsRemovedAreForgotten() {
    try (LiveViews views =
        views("SELECT id, x FROM t", "SELECT id FROM t WHERE at > now() - INTERVAL 1 HOUR")) {
      put(1, "a", 5, "12:00:00");
      batch(views, "12:30:00");
      views.removeLast();
      batch(views, "12:31:00");
      assertThat(views.nextMoment()).isEmpty();
      views.add("SELECT id FROM t WHERE at > now() - INTERVAL 2 HOURS");
      batch(views, "12:32:00");
      assertThat(views.nextMoment()).isEqualTo(at("14:00:00"));
    }
  }

  @Test
  void aColumnThatIsComparedWithTheTimeMayBeJoinedWithALookup() {
    StructType days = LiveViews.columns("day DATE, name STRING");
    try (LiveViews views =
        new LiveViews(
            SPARK.session(),
            state,
            COLUMNS,
            List.of("id"),
            List.of(
                "SELECT id, d.name FROM t JOIN d ON t.day = d.day WHERE t.day = current_date()"),
            Map.of("d", days))) {
      put(1, "a", 5, "12:00:00");
      views.lookup("d", List.of(RowFactory.create(Date.valueOf("2026-11-30"), "Monday")));
      batch(views, "12:30:00");
      assertThat(views.held("v0")).containsOnlyKeys(row(1L, "Monday"));

      views.lookup("d", List.of(RowFactory.create(Date.valueOf("2026-11-30"), "a Monday")));
      views.time(Instant.parse("2026-12-01T00:00:00Z"));
      views.applyAndCheck(table);
      assertThat(views.held("v0")).isEmpty();
    }
  }
}
