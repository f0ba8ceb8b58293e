package dev.millrace.sink;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.SparkTest;
import java.util.concurrent.CountDownLatch;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.execution.QueryExecution;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.util.QueryExecutionListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ObservedTest {

  @RegisterExtension static final SparkTest SPARK = new SparkTest();

  /** Holds up the events of a session until it is told to let them go. */
  private static final class SlowBus implements QueryExecutionListener {
    private final CountDownLatch isOpen = new CountDownLatch(1);

    @Override
    public void onSuccess(String action, QueryExecution execution, long nanoseconds) {
      try {
        isOpen.await();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public void onFailure(String action, QueryExecution execution, Exception failure) {}
  }

  @Test
  void takesNoMetricsFromTheLateEventOfAnEarlierAction() throws Exception {
    SparkSession session = SPARK.session().newSession();
    SlowBus bus = new SlowBus();
    session.listenerManager().register(bus);
    session.range(1).collectAsList();
    session.range(2).collectAsList();

    try (Observed observed = Observed.by(session, "counts")) {
      counted(session.range(3).toDF()).collectAsList();
      bus.isOpen.countDown();

      assertThat(observed.metrics().orElseThrow().getLong(0)).isEqualTo(3);
    }
  }

  @Test
  void knowsNothingWhereTheOptimizerRemovedWhatCounts() throws Exception {
    SparkSession session = SPARK.session().newSession();

    try (Observed observed = Observed.by(session, "counts")) {
      counted(session.range(3).toDF()).where("1 = 0").collectAsList();

      assertThat(observed.metrics()).isEmpty();
    }
  }

  @Test
  void passesOverTheNamingOfTheRelation() throws Exception {
    SparkSession session = SPARK.session().newSession();

    try (Observed observed = Observed.by(session, "counts")) {
      counted(session.range(3).toDF()).createOrReplaceTempView("numbers");
      session.sql("SELECT id FROM numbers WHERE id > 0").collectAsList();

      assertThat(observed.metrics().orElseThrow().getLong(0)).isEqualTo(3);
    }
  }

  private static Dataset<Row> counted(Dataset<Row> rows) {
    return rows.observe("counts", functions.count(functions.lit(1)));
  }
}
