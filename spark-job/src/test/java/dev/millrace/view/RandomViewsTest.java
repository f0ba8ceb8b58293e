package dev.millrace.view;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.SparkTest;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random tables, changes and queries: each view equals Spark's result over the table's rows after
 * every batch. {@code -Dmillrace.views.cases=100000} makes it a long run, {@code
 * -Dmillrace.views.seed=N} repeats one.
 */
class RandomViewsTest {

  @RegisterExtension static final SparkTest SPARK = new SparkTest();

  private static final int CASES = Integer.getInteger("millrace.views.cases", 1000);
  private static final long SEED = Long.getLong("millrace.views.seed", new Random().nextLong());
  private static final int BATCHES = 10;

  @TempDir Path folder;

  @Test
  void everyViewEqualsSparksResultAfterEveryBatch() {
    RandomViews views = new RandomViews(SPARK.session(), folder);
    for (long seed = SEED; views.cases() < CASES; seed++) {
      System.out.printf("random views: seed %d, %d cases so far%n", seed, views.cases());
      assertThat(views.failure(seed, BATCHES)).isEmpty();
    }
  }
}
