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
 * every batch, and DuckDB's after every tenth. {@code -Dmillrace.views.cases=100000} makes it a
 * long run, {@code -Dmillrace.views.seed=N} repeats one.
 */
class RandomViewsTest {

  @RegisterExtension static final SparkTest SPARK = new SparkTest();

  static final int CASES = Integer.getInteger("millrace.views.cases", 2000);
  static final long SEED = Long.getLong("millrace.views.seed", new Random().nextLong());
  static final int BATCHES = 16;

  @TempDir Path folder;

  @Test
  void everyViewEqualsSparksResultAfterEveryBatch() throws SQLException {
    try (ReferenceDatabase duckDb = ReferenceDatabase.duckDb()) {
      RandomViews views = new RandomViews(SPARK.session(), folder, List.of(duckDb), 10);
      for (long seed = SEED; views.cases() < CASES; seed++) {
        System.out.printf("random views: seed %d, %d cases so far%n", seed, views.cases());
        assertThat(views.failure(seed, BATCHES)).isEmpty();
      }
      System.out.printf(
          "random views: %d cases, compared with %s%n", views.cases(), views.comparisons());
    }
  }
}
