package dev.millrace.view;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.SparkTest;
import dev.millrace.StackExtension;
import dev.millrace.stack.LocalStack;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * As {@link RandomViewsTest}, and each view equals what Postgres answers: after each of a few
 * batches; in a long run, {@code -Dmillrace.views.cases=100000}, after every tenth.
 */
@ExtendWith(StackExtension.class)
class RandomViewsIT {

  @RegisterExtension static final SparkTest SPARK = new SparkTest();

  private static final int CASES = 500;
  private static final String DATABASE = "random_views";

  @TempDir Path folder;

  @Test
  void everyViewEqualsThatOfPostgres(LocalStack stack) throws SQLException {
    boolean isLong = RandomViewsTest.CASES > 10 * CASES;
    // Upper case as Unicode has it; no connector reads the database.
    stack.execute("DROP DATABASE IF EXISTS " + DATABASE);
    stack.execute(
        "CREATE DATABASE " + DATABASE + " TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'");
    try (ReferenceDatabase postgres = ReferenceDatabase.postgres(connect(stack));
        ReferenceDatabase duckDb = ReferenceDatabase.duckDb()) {
      RandomViews views =
          new RandomViews(SPARK.session(), folder, List.of(postgres, duckDb), isLong ? 10 : 1);
      int cases = isLong ? RandomViewsTest.CASES : CASES;
      for (long seed = RandomViewsTest.DATABASE_SEED; views.cases() < cases; seed++) {
        System.out.printf("random views: seed %d, %d cases so far%n", seed, views.cases());
        assertThat(views.failure(seed, RandomViewsTest.BATCHES)).isEmpty();
      }
      System.out.printf(
          "random views: %d cases, compared with %s%n", views.cases(), views.comparisons());
      assertThat(views.comparisons()).containsKeys(ReferenceDatabase.Make.values());
    }
  }

  private static Connection connect(LocalStack stack) throws SQLException {
    return DriverManager.getConnection(
        stack.jdbcUrl().replaceFirst("/[^/]*$", "/" + DATABASE),
        stack.connections().postgresUser(),
        stack.connections().postgresPassword());
  }
}
