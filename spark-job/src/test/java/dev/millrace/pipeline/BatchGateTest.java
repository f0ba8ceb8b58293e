package dev.millrace.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.apache.spark.api.java.function.VoidFunction2;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class BatchGateTest {

  private static SparkSession spark;

  private final BatchGate gate = new BatchGate();

  @TempDir private Path checkpoint;

  @BeforeAll
  static void start() {
    spark =
        SparkSession.builder()
            .master("local[1]")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "localhost")
            .getOrCreate();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  @Test
  @Timeout(60)
  void endsAQueryWhoseBatchSwallowedTheInterrupt() throws Exception {
    CountDownLatch isClosed = new CountDownLatch(1);
    CountDownLatch hasBegun = new CountDownLatch(1);
    AtomicLong delivered = new AtomicLong();
    StreamingQuery query =
        spark
            .readStream()
            .format("rate")
            .load()
            .writeStream()
            .option("checkpointLocation", checkpoint.toString())
            .foreachBatch(
                (VoidFunction2<Dataset<Row>, Long>)
                    (rows, id) -> {
                      if (id == 1) {
                        hasBegun.countDown();
                        isClosed.await();
                        swallowInterrupt();
                      }
                      gate.pass(id);
                      delivered.incrementAndGet();
                    })
            .start();
    hasBegun.await();
    gate.close();
    isClosed.countDown();

    gate.stop(query, id -> true);

    assertThat(query.isActive()).isFalse();
    assertThat(query.exception().isEmpty()).as("ended in order").isTrue();
    assertThat(delivered).hasValue(1);
  }

  /** As a client does that takes an interrupt for the end of a pause and continues. */
  private static void swallowInterrupt() {
    while (!Thread.interrupted()) {
      LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
    }
  }
}
