package dev.millrace.view;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.SparkTest;
import dev.millrace.view.plan.LookupRows;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Views that are joined with lookups, which change from batch to batch. */
class ViewJoinsTest {

  @RegisterExtension static final SparkTest SPARK = new SparkTest();

  private static final StructType COLUMNS = LiveViews.columns("id BIGINT, grp STRING, x INT");
  private static final Map<String, StructType> LOOKUPS =
      Map.of(
          "rates", LiveViews.columns("kind STRING, rate DECIMAL(6,2)"),
          "places", LiveViews.columns("code INT, city STRING"));

  private static final List<String> QUERIES =
      List.of(
          "SELECT id, rate FROM t JOIN rates ON grp = kind",
          "SELECT id, grp, rate FROM t LEFT JOIN rates ON grp = kind",
          "SELECT kind, count(*) AS n, sum(x * rate) AS s FROM t LEFT JOIN rates ON grp = kind GROUP BY kind",
          "SELECT count(*) AS n, sum(rate) AS s FROM t JOIN rates ON grp = kind WHERE x > 1",
          "SELECT id, city, rate FROM t LEFT JOIN rates ON grp = kind JOIN places ON x = code",
          "SELECT id, rate FROM t JOIN rates ON grp <=> kind AND rate > x",
          "SELECT id FROM t LEFT ANTI JOIN rates ON grp = kind",
          "SELECT id FROM t LEFT SEMI JOIN rates ON grp = kind",
          "SELECT id, r.one FROM t LEFT JOIN (SELECT kind, 1 AS one FROM rates WHERE rate > 2) r ON grp = kind",
          "SELECT a.city AS here, b.city AS there, count(*) AS n FROM t JOIN places a ON x = a.code LEFT JOIN places b ON x + 1 = b.code GROUP BY a.city, b.city",
          "SELECT city, sum(x) AS s FROM t CROSS JOIN places GROUP BY city HAVING count(*) > 1",
          "SELECT id, grp FROM t",
          "SELECT id, rate, rank() OVER (PARTITION BY grp ORDER BY rate DESC) AS place FROM t LEFT JOIN rates ON grp = kind",
          "SELECT a.id, b.id AS other, b.rate FROM t a LEFT JOIN (SELECT id, x, rate FROM t JOIN rates ON grp = kind) b ON a.x = b.x");

  @TempDir Path state;

  private final ChangeLog table = new ChangeLog(COLUMNS, 2);
  private LiveViews views;

  @BeforeEach
  void open() {
    // Each of its expressions would be a class that runs a few times.
    SPARK.session().sparkContext().setLocalProperty("spark.sql.codegen.factoryMode", "NO_CODEGEN");
    views = new LiveViews(SPARK.session(), state, COLUMNS, List.of("id"), QUERIES, LOOKUPS);
  }

  @AfterEach
  void close() {
    views.close();
    SPARK.session().sparkContext().setLocalProperty("spark.sql.codegen.factoryMode", null);
  }

  private static Row rate(String kind, String rate) {
    return RowFactory.create(kind, rate == null ? null : new BigDecimal(rate));
  }

  private void rates(Row... rows) {
    views.lookup("rates", List.of(rows));
  }

  private void places(Row... rows) {
    views.lookup("places", List.of(rows));
  }

  private void applied() {
    views.applyAll(table, Set.of(), new Random(1), 1);
    views.check(table);
  }

  @Test
  void aLookupsRowMayAppearChangeAndVanish() {
    table.put(1L, "a", 5);
    table.put(2L, "b", 7);
    applied();
    assertThat(views.held("v0")).isEmpty();
    assertThat(views.held("v1")).containsKeys(Arrays.asList(1L, "a", null));

    rates(rate("a", "1.50"));
    applied();
    assertThat(views.held("v0")).containsOnlyKeys(List.of(List.of(1L, new BigDecimal("1.50"))));

    rates(rate("a", "2.50"));
    applied();
    assertThat(views.held("v0")).containsOnlyKeys(List.of(List.of(1L, new BigDecimal("2.50"))));
    assertThat(views.held("v2"))
        .containsOnlyKeys(
            List.of(List.of("a", 1L, new BigDecimal("12.50")), Arrays.asList(null, 1L, null)));

    rates();
    applied();
    assertThat(views.held("v0")).isEmpty();
  }

  @Test
  void tableAndLookupMayChangeInOneBatch() {
    table.put(1L, "a", 5);
    table.put(2L, "a", 3);
    table.put(3L, "b", 2);
    rates(rate("a", "1"), rate("b", "2"));
    applied();

    table.put(1L, "b", 6);
    table.delete(2L);
    table.put(4L, "a", 1);
    rates(rate("a", "3"), rate("b", "2"), rate("c", "9"));
    applied();
  }

  @Test
  void aRowsSeveralMatchesAreSeveralRows() {
    table.put(1L, "a", 5);
    rates(rate("a", "1"), rate("a", "2"), rate("a", "2"), rate("b", "2"));
    applied();
    assertThat(views.held("v0"))
        .isEqualTo(
            Map.of(List.of(1L, new BigDecimal("1.00")), 1, List.of(1L, new BigDecimal("2.00")), 2));

    rates(rate("a", "2"), rate("a", "3"));
    applied();
    table.put(1L, "b", 5);
    applied();
    table.delete(1L);
    applied();
  }

  @Test
  void nullsMatchNothingUnlessTheyAreComparedAsValues() {
    table.put(1L, null, 5);
    table.put(2L, "a", null);
    rates(rate(null, "9"), rate("a", null));
    places(RowFactory.create(null, "nowhere"));
    applied();
    assertThat(views.held("v0")).containsOnlyKeys(List.of(Arrays.asList(2L, null)));
    assertThat(views.held("v5")).containsOnlyKeys(List.of(List.of(1L, new BigDecimal("9.00"))));

    rates(rate(null, "1"), rate("a", "1"));
    applied();
  }

  @Test
  void severalLookupsChangeIndependently() {
    table.put(1L, "a", 5);
    table.put(2L, "b", 6);
    rates(rate("a", "1"));
    places(RowFactory.create(5, "here"));
    applied();
    places(RowFactory.create(5, "there"), RowFactory.create(6, "far"));
    applied();
    rates(rate("b", "4"));
    applied();
    assertThat(views.held("v4"))
        .isEqualTo(
            Map.of(
                Arrays.asList(1L, "there", null), 1,
                List.of(2L, "far", new BigDecimal("4.00")), 1));
  }

  @Test
  void aLookupWithTheSameRowsInAnotherOrderHasTheSameVersion() {
    LookupRows one = LookupRows.of(LOOKUPS.get("rates"), List.of(rate("a", "1"), rate("b", null)));
    LookupRows other =
        LookupRows.of(LOOKUPS.get("rates"), List.of(rate("b", null), rate("a", "1")));
    LookupRows changed = LookupRows.of(LOOKUPS.get("rates"), List.of(rate("b", null)));

    assertThat(one.version()).isEqualTo(other.version()).isNotEqualTo(changed.version());
    assertThat(LookupRows.read(one.write()).rows()).isEqualTo(one.rows());
    assertThat(LookupRows.read(one.write()).version()).isEqualTo(one.version());
  }

  @Test
  void aBatchThatRunsAgainHasTheSameRows() {
    table.put(1L, "a", 5);
    table.put(2L, "b", 7);
    rates(rate("a", "1"));
    applied();
    rates(rate("a", "2"), rate("b", "3"));
    table.put(2L, "b", 8);
    var changes = views.frame(table);
    List<List<Row>> first = views.tryOut(changes, views.nextBatch());

    assertThat(views.tryOut(changes, views.nextBatch())).isEqualTo(first);
  }

  @Test
  void aNewViewAndAWholeResultAreMadeWithTheLookupAsItIs() {
    table.put(1L, "a", 5);
    table.put(2L, "b", 7);
    rates(rate("a", "1"));
    applied();
    views.add("SELECT grp, rate, count(*) AS n FROM t JOIN rates ON grp = kind GROUP BY grp, rate");
    views.add("SELECT id, rate FROM rates JOIN t ON kind = grp");
    rates(rate("a", "2"), rate("b", "3"));
    assertThat(views.apply(table, Set.of("v0", "v2"))).isEmpty();
    views.check(table);
    applied();
  }

  @Test
  void onlyWhatALookupChangesIsTold() {
    table.put(1L, "a", 5);
    table.put(2L, "b", 7);
    rates(rate("a", "1"), rate("b", "1"));
    applied();
    rates(rate("a", "1"), rate("b", "2"));
    List<List<Row>> told = views.tryOut(views.frame(table), views.nextBatch());

    assertThat(told.get(0)).hasSize(1);
    assertThat(told.get(0).get(0).getStruct(0).getLong(0)).isEqualTo(2);
    assertThat(told.get(2)).hasSize(1);
    assertThat(told.get(11)).isEmpty();
  }

  @Test
  void aRowWhoseMatchesHaveOneKeyIsLeftOutWhereTheSinkNeedsAKey() {
    views.add("SELECT id, kind, rate FROM t JOIN rates ON grp = kind");
    views.checkKey(List.of("id"));
    table.put(1L, "a", 5);
    table.put(2L, "b", 5);
    rates(rate("a", "1"), rate("a", "2"), rate("b", "3"));

    List<Row> problems = views.apply(table);

    assertThat(problems).hasSize(1);
    assertThat(problems.get(0).getString(1)).contains("2 rows of the result", "the same key (id)");
    assertThat(views.held("v14"))
        .containsOnlyKeys(List.of(List.of(2L, "b", new BigDecimal("3.00"))));
    rates(rate("a", "2"), rate("b", "3"));
    applied();
  }

  @Test
  void aKeyWithColumnsOfTheLookupTellsItsRowsApart() {
    views.add("SELECT id, rate, kind FROM t JOIN rates ON grp = kind");
    views.checkKey(List.of("id", "rate"));
    table.put(1L, "a", 5);
    rates(rate("a", "1"), rate("a", "2"));
    applied();
    rates(rate("a", "2"), rate("a", "3"));
    List<Row> told = views.tryOut(views.frame(table), views.nextBatch()).get(14);

    // A row with another key is a delete and a create, never an update.
    assertThat(told).hasSize(2);
    assertThat(told).allSatisfy(row -> assertThat(row.isNullAt(0)).isNotEqualTo(row.isNullAt(1)));
  }

  @Test
  void aFailingExpressionLeavesOutTheRowUntilTheLookupChanges() {
    views.add("SELECT id, x / code AS y FROM t JOIN places ON city = grp");
    table.put(1L, "a", 6);
    table.put(2L, "b", 6);
    places(RowFactory.create(0, "a"), RowFactory.create(2, "b"));

    assertThat(views.apply(table)).hasSize(1);
    assertThat(views.held("v14")).containsOnlyKeys(List.of(List.of(2L, 3.0)));

    places(RowFactory.create(0, "a"), RowFactory.create(3, "b"));
    // It is left out as before: there is one dead letter of it.
    assertThat(views.apply(table)).isEmpty();
    assertThat(views.held("v14")).containsOnlyKeys(List.of(List.of(2L, 2.0)));

    places(RowFactory.create(1, "a"), RowFactory.create(0, "b"));
    assertThat(views.apply(table)).hasSize(1);
    assertThat(views.held("v14")).containsOnlyKeys(List.of(List.of(1L, 6.0)));
  }
}
