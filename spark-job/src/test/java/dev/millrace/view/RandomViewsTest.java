package dev.millrace.view;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.SparkTest;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random tables, changes and queries: each view equals Spark's result over the table's rows after
 * every batch, and DuckDB's. {@code -Dmillrace.views.cases=100000} makes it a long run, {@code
 * -Dmillrace.views.seed=N} repeats one.
 */
class RandomViewsTest {

  @RegisterExtension static final SparkTest SPARK = new SparkTest();

  static final int CASES = Integer.getInteger("millrace.views.cases", 1600);
  static final int BATCHES = 16;

  /**
   * Other databases have defects of their own, so that a difference has to be looked into: the same
   * cases in each run, unless a seed is given.
   */
  static final long DATABASE_SEED = Long.getLong("millrace.views.seed", 1);

  private static final long SEED = Long.getLong("millrace.views.seed", new Random().nextLong());

  @TempDir Path folder;

  @Test
  void everyViewEqualsSparksResultAfterEveryBatch() throws SQLException {
    run(new RandomViews(SPARK.session(), folder, List.of(), 1), SEED, CASES);
  }

  @Test
  void everyViewThatIsJoinedWithLookupsEqualsSparksResult() throws SQLException {
    run(RandomViews.joined(SPARK.session(), folder), SEED, CASES / 10);
  }

  @Test
  void everyViewEqualsDuckDbsResult() throws SQLException {
    try (ReferenceDatabase duckDb = ReferenceDatabase.duckDb()) {
      RandomViews views = new RandomViews(SPARK.session(), folder, List.of(duckDb), 4);
      run(views, DATABASE_SEED, CASES / 4);
      assertThat(views.comparisons()).containsKeys(ReferenceDatabase.Make.DUCKDB);
    }
  }

  private static void run(RandomViews views, long firstSeed, int cases) throws SQLException {
    for (long seed = firstSeed; views.cases() < cases; seed++) {
      System.out.printf("random views: seed %d, %d cases so far%n", seed, views.cases());
      assertThat(views.failure(seed, BATCHES)).isEmpty();
    }
    System.out.printf(
        "random views: %d cases, compared with %s%n", views.cases(), views.comparisons());
  }
}
