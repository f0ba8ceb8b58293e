package dev.millrace.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.SparkTest;
import dev.millrace.error.UserException;
import dev.millrace.event.Relation;
import dev.millrace.view.plan.ViewPlan;
import dev.millrace.view.plan.ViewPlanner;
import dev.millrace.view.table.TableLayout;
import java.time.Duration;
import java.util.List;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ViewPlannerTest {

  @RegisterExtension static final SparkTest SPARK = new SparkTest();

  private static final StructType COLUMNS =
      LiveViews.columns("id BIGINT, grp STRING, x INT, at TIMESTAMP, tags ARRAY<STRING>");

  private static ViewPlan plan(String sql) {
    ViewPlanner planner =
        new ViewPlanner(
            SPARK.session(),
            "t",
            List.of("id"),
            COLUMNS,
            List.of(
                new Relation("rates", LiveViews.columns("grp STRING, rate DECIMAL(6,2)")),
                new Relation("places", LiveViews.columns("x INT, name STRING"))));
    TableLayout layout = new TableLayout("t", List.of("id"), COLUMNS, 2, Duration.ofDays(7));
    return planner.plan("v", sql, "a.yaml:7: outputs.v.sql", layout);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          SELECT id FROM t LIMIT 3                                    | LIMIT without ORDER BY
          SELECT id FROM t ORDER BY id LIMIT 3 OFFSET 1               | OFFSET
          SELECT id FROM t ORDER BY id LIMIT 1001                     | LIMIT 1001
          SELECT id, map(1, 2) AS m FROM t ORDER BY id LIMIT 3        | ORDER BY ... LIMIT with the column m of type MAP<INT, INT>
          SELECT x FROM t INTERSECT ALL SELECT id FROM t              | INTERSECT ALL or EXCEPT ALL
          SELECT x FROM t EXCEPT ALL SELECT id FROM t                 | INTERSECT ALL or EXCEPT ALL
          SELECT id, map(1, x) AS m, rank() OVER (ORDER BY x) AS n FROM t | a window function with the column m of type MAP<INT, INT>
          SELECT x FROM t UNION ALL SELECT x FROM places              | a part of UNION ALL that does not read t
          SELECT x FROM t UNION ALL SELECT count(*) AS n FROM t       | a join of the table with itself in a part of UNION ALL
          SELECT grp, explode(array(n)) AS e FROM (SELECT grp, count(*) AS n FROM t GROUP BY grp) | over the result of GROUP BY
          SELECT grp, count(*) AS n FROM t GROUP BY ROLLUP (grp)      | the result lacks the grouping expression grouping_id()
          SELECT try_sum(DISTINCT x) AS n FROM t                      | try_sum(DISTINCT t.x)
          SELECT count(DISTINCT 1) AS n FROM t                        | count(DISTINCT 1)
          SELECT sum(x) AS s, sum(DISTINCT one) AS n FROM (SELECT x, 1 AS one FROM t) | sum(DISTINCT
          SELECT first(x) AS f FROM t                                 | first(t.x)
          SELECT percentile_approx(x, 0.5) AS n FROM t                | percentile_approx(t.x
          SELECT percentile(x, 0.5, x) AS n FROM t                    | no frequency
          SELECT collect_list(map(1, x)) AS l FROM t                  | collect_list(map(1, t.x))
          SELECT skewness(x) AS s FROM t                              | skewness
          SELECT a.id FROM t a JOIN t b ON a.id < b.x                 | a join of the table with itself without an equality
          SELECT a.id FROM t a FULL JOIN t b ON a.id = b.x            | a FULL JOIN of the table with itself
          SELECT a.id FROM t a JOIN t b ON a.x = b.x AND a.at > now() - make_dt_interval(0, b.x) | changes with time
          SELECT t.id FROM t RIGHT JOIN rates r ON t.grp = r.grp      | an outer join that keeps the rows of a lookup
          SELECT t.id FROM rates r LEFT JOIN t ON t.grp = r.grp       | an outer join that keeps the rows of a lookup
          SELECT t.id FROM t FULL JOIN rates r ON t.grp = r.grp       | a FULL OUTER JOIN
          SELECT t.id FROM t JOIN rates r ON t.grp = r.grp AND rand() > 0.5 | INVALID_NON_DETERMINISTIC_EXPRESSIONS
          SELECT t.id FROM t JOIN (SELECT grp, count(*) AS m FROM rates GROUP BY grp) r ON t.grp = r.grp | more than the rows of one lookup
          SELECT t.id FROM t LEFT JOIN (SELECT r.grp FROM rates r LEFT JOIN places p ON p.name = r.grp) j ON t.grp = j.grp | more than the rows of one lookup
          SELECT n, r.rate FROM (SELECT grp, count(*) AS n FROM t GROUP BY grp) g JOIN rates r ON g.grp = r.grp | a join of a lookup with the result of GROUP BY
          SELECT t.id FROM t JOIN rates r ON t.grp = r.nothing        | nothing
          SELECT id, grp FROM t JOIN rates r ON t.grp = r.grp         | grp
          SELECT id FROM t WHERE x IN (SELECT x FROM t) OR x = 1      | EXISTS or IN next to OR
          SELECT id FROM t WHERE x NOT IN (SELECT x FROM t)           | for NOT IN use NOT EXISTS
          SELECT id FROM t WHERE x > (SELECT avg(x) FROM t)           | a subquery in an expression
          SELECT id FROM t WHERE x IN (SELECT x FROM t WHERE rand() > 0.5) | does not depend on the table alone
          SELECT id, rand() AS r FROM t                               | does not depend on the table alone
          SELECT id, now() AS n FROM t                                | changes with time, so a view can only compare it
          SELECT id FROM t WHERE now() - at < INTERVAL 1 HOUR         | now() changes with time
          SELECT id FROM t WHERE at > now() - INTERVAL 1 MONTH        | months for a date or a date_trunc
          SELECT id FROM t WHERE unix_timestamp() > x                 | changes with time
          SELECT id FROM t WHERE extract(HOUR FROM now()) = x         | changes with time
          SELECT grp, count(*) AS n FROM t GROUP BY grp HAVING max(at) > now() | now() above GROUP BY or LIMIT
          SELECT t.id FROM t JOIN places p ON t.x = p.x WHERE CAST(p.name AS TIMESTAMP) > now() | now() compared with a column of a lookup
          SELECT count(*) AS n FROM t GROUP BY grp                    | the result lacks the grouping expression
          SELECT u.x FROM (SELECT id, x FROM t UNION SELECT id, 2 FROM t) AS u | by which GROUP BY, DISTINCT or UNION tells its rows apart
          SELECT id, x AS id FROM t                                   | two columns named 'id'
          SELECT 1 AS one                                             | does not read the table 't'
          SELECT nothing FROM t                                       | nothing
          DROP TABLE t                                                | not a query
          SELECT id, reflect('java.lang.System', 'gc') AS g FROM t    | the function reflect calls any method
          """)
  void rejectsWhatAViewCannotKeepWithTheClause(String sql, String clause) {
    assertThatThrownBy(() -> plan(sql))
        .isInstanceOf(UserException.class)
        .hasMessageStartingWith("a.yaml:7: outputs.v.sql: ")
        .hasMessageContaining(clause);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          SELECT * FROM t                                               | id
          SELECT upper(grp) AS g, id AS booking FROM t WHERE x > 1      | booking
          SELECT grp, x % 3 AS r, count(*) AS n FROM t GROUP BY grp, 2  | grp,r
          SELECT DISTINCT grp FROM t                                    | grp
          WITH s AS (SELECT x AS k FROM t) SELECT k, count(*) AS n FROM s GROUP BY k | k
          SELECT grp, x, grouping_id() AS g, count(*) AS n FROM t GROUP BY CUBE (grp, x) | grp,x,g
          SELECT x AS k FROM t UNION SELECT id FROM t WHERE grp = 'a'   | k
          SELECT k, count(*) AS n FROM (SELECT x AS k FROM t UNION ALL SELECT x + 1 FROM t) GROUP BY k | k
          SELECT tag, count(*) AS n FROM t LATERAL VIEW explode(tags) AS tag GROUP BY tag | tag
          SELECT x AS y, id FROM t ORDER BY x DESC LIMIT 3              | id
          SELECT grp, sum(x) AS s FROM t GROUP BY grp ORDER BY s DESC LIMIT 3 | grp
          SELECT n, count(*) AS groups FROM (SELECT grp, count(*) AS n FROM t GROUP BY grp) GROUP BY n | n
          SELECT grp, id, place FROM (SELECT *, row_number() OVER (PARTITION BY grp ORDER BY x) AS place FROM t) WHERE place <= 2 | id
          SELECT a.id, b.id AS other FROM t a JOIN t b ON a.x = b.x     | id,other
          SELECT a.id, b.grp FROM t a LEFT JOIN t b ON a.x = b.id       | id
          SELECT id FROM t WHERE EXISTS (SELECT 1 FROM t u WHERE u.x = t.id) | id
          SELECT id FROM t WHERE x IN (SELECT id FROM t WHERE grp = 'a') | id
          SELECT id, n FROM t JOIN (SELECT grp AS g, count(*) AS n FROM t GROUP BY grp) s ON grp = g | id
          SELECT id, x FROM t WHERE x = (SELECT max(x) FROM t u WHERE u.grp = t.grp) | id
          SELECT x, grp FROM t INTERSECT SELECT id, grp FROM t          | x,grp
          """)
  void namesTheKeyOfTheResult(String sql, String key) {
    ViewPlan plan = plan(sql);

    assertThat(plan.isKeyed()).isTrue();
    assertThat(plan.key()).containsExactly(key.split(","));
    assertThat(plan.costClass())
        .isIn("O(changes)", "O(changes, and the rows that have their keys)");
  }

  @Test
  void aJoinReadsTheRowsWithTheKeysThatChange() {
    assertThat(plan("SELECT a.id, b.id AS other FROM t a JOIN t b ON a.x = b.x").costClass())
        .isEqualTo("O(changes, and the rows that have their keys)");
    assertThat(plan("SELECT id FROM t WHERE x > 1").costClass()).isEqualTo("O(changes)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          SELECT id, rank() OVER (PARTITION BY grp ORDER BY x) AS n FROM t    | id  | window functions over the rows of each group
          SELECT id, lag(x) OVER (ORDER BY id) AS n FROM t                    | id  | window functions over all rows
          SELECT grp, count(*) AS n, percentile(x, 0.5) AS m FROM t GROUP BY grp | grp | 2 aggregates for each group, with the values of percentile(t.x, 0.5D, 1L)
          SELECT grp, collect_list(x) AS l FROM t GROUP BY grp                | grp | 1 aggregate for each group, with the values of collect_list(t.x)
          """)
  void readsTheGroupsThatABatchTouches(String sql, String key, String description) {
    ViewPlan plan = plan(sql);

    assertThat(plan.isKeyed()).isTrue();
    assertThat(plan.key()).containsExactly(key);
    assertThat(plan.description()).isEqualTo(description);
    assertThat(plan.costClass()).isEqualTo("O(rows of the groups that have changes)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          SELECT grp, count(*) AS n, sum(x) AS s FROM t GROUP BY grp | 2 aggregates for each group
          SELECT min(x) AS a, max(at) AS b FROM t                    | 2 aggregates over all rows, with the values of min(t.x) and max(t.at)
          SELECT grp, count(DISTINCT x) AS n, sum(DISTINCT x) AS s, count(*) AS m FROM t GROUP BY grp | 3 aggregates for each group, with the values of count(DISTINCT t.x) and sum(DISTINCT t.x)
          SELECT max_by(grp, at) AS m, max(tags) AS t FROM t         | 2 aggregates over all rows, with the values of max_by(t.grp, t.at) and max(t.tags)
          SELECT min(DISTINCT x) AS a, bool_or(DISTINCT x > 1) AS b, max(x > 1) AS c FROM t | 2 aggregates over all rows, with the values of min(t.x)
          SELECT id FROM t ORDER BY x LIMIT 3                        | the first 3 rows
          SELECT grp, count(*) AS n FROM t GROUP BY grp ORDER BY n LIMIT 3 | 1 aggregate for each group, then the first 3 rows
          SELECT id, grp FROM (SELECT *, row_number() OVER (PARTITION BY grp ORDER BY x) AS place FROM t) WHERE place < 3 | the first 2 rows of each group
          SELECT max(n) AS most FROM (SELECT grp, count(*) AS n FROM t GROUP BY grp) AS g | 1 aggregate for each group, then 1 aggregate over all rows, with the values of max(g.n)
          """)
  void printsWhichAggregatesKeepTheirValues(String sql, String description) {
    ViewPlan plan = plan(sql);

    assertThat(plan.description()).isEqualTo(description);
    assertThat(plan.costClass()).isEqualTo("O(changes)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          SELECT t.id, rate FROM t JOIN rates r ON t.grp = r.grp                | row by row, joined with rates
          SELECT t.id, rate FROM rates r JOIN t ON t.grp = r.grp                | row by row, joined with rates
          SELECT t.id, rate FROM rates r RIGHT JOIN t ON t.grp = r.grp          | row by row, joined with rates
          SELECT t.id, rate, name FROM t JOIN rates r ON t.grp = r.grp LEFT JOIN places p ON t.x = p.x AND p.name > 'a' | row by row, joined with places and rates
          SELECT rate, count(*) AS n FROM t JOIN rates r ON upper(t.grp) = upper(r.grp) WHERE x > 1 GROUP BY rate HAVING count(*) > 1 | 1 aggregate for each group, joined with rates
          SELECT t.id FROM t LEFT ANTI JOIN rates r ON t.grp = r.grp            | row by row, joined with rates
          """)
  void joinsTheTableWithLookups(String sql, String description) {
    ViewPlan plan = plan(sql);

    assertThat(plan.description()).isEqualTo(description);
    assertThat(plan.costClass())
        .isEqualTo("O(changes), O(table) in a batch that finds a lookup changed");
  }

  @Test
  void aLookupMayHaveSeveralRowsForOneOfTheTable() {
    assertThat(plan("SELECT t.id, rate FROM t JOIN rates r ON t.grp = r.grp").isKeyed()).isFalse();
    assertThat(plan("SELECT t.id FROM t LEFT SEMI JOIN rates r ON t.grp = r.grp").isKeyed())
        .isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          SELECT id, 'a' AS part FROM t UNION ALL SELECT id, 'b' FROM t WHERE x > 1 | id
          SELECT x AS y, id AS k FROM t UNION ALL SELECT 1, id FROM t UNION ALL SELECT x, id FROM t | k
          SELECT id FROM t UNION ALL SELECT x FROM t                                |
          SELECT x AS k FROM t UNION ALL SELECT id FROM t                           |
          SELECT id, tag FROM t LATERAL VIEW explode(tags) AS tag                   | id
          SELECT explode(tags) AS tag FROM t                                        |
          """)
  void severalRowsOfTheResultMayHaveTheTablesKey(String sql, String key) {
    ViewPlan plan = plan(sql);

    assertThat(plan.isKeyed()).isFalse();
    assertThat(plan.canRepeatRows()).isTrue();
    assertThat(plan.key()).isEqualTo(key == null ? List.of() : List.of(key));
  }

  @Test
  void aProjectionWithoutTheTablesKeyHasNone() {
    assertThat(plan("SELECT grp FROM t").isKeyed()).isFalse();
  }

  @Test
  void readsTheColumnsThatTheResultDependsOn() {
    assertThat(plan("SELECT id FROM t WHERE x > 1 AND grp IS NULL").neededColumns())
        .containsExactlyInAnyOrder("id", "x", "grp");
  }

  @Test
  void resultsHaveSparksTypes() {
    assertThat(plan("SELECT sum(x) AS s, avg(x) AS a, count(*) AS n FROM t").result().toDDL())
        .isEqualTo("s BIGINT,a DOUBLE,n BIGINT NOT NULL");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT * FROM t",
        "WITH s AS (SELECT id FROM T) SELECT * FROM s",
        "SELECT * FROM (SELECT id FROM t) AS s",
        "SELECT id FROM changes WHERE id IN (SELECT id FROM t)"
      })
  void knowsWhichSqlReadsATable(String sql) {
    assertThat(ViewPlanner.reads(SPARK.session(), sql, "t")).isTrue();
    assertThat(ViewPlanner.reads(SPARK.session(), sql, "other")).isFalse();
  }
}
