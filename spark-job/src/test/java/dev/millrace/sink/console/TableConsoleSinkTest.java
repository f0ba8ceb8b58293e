package dev.millrace.sink.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.SparkTest;
import dev.millrace.config.OutputDefinition;
import dev.millrace.config.OutputDefinition.Mode;
import dev.millrace.config.OutputDefinition.Scope;
import dev.millrace.config.SinkDefinition;
import dev.millrace.sink.Batch;
import dev.millrace.sink.Observed;
import dev.millrace.sink.Sink;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class TableConsoleSinkTest {

  @RegisterExtension static final SparkTest SPARK = new SparkTest();

  private final StringWriter seen = new StringWriter();
  private final OutputDefinition output =
      new OutputDefinition(
          "bookings",
          Optional.empty(),
          "rides.yaml:7: outputs.bookings",
          Mode.APPEND,
          Scope.STREAM,
          Optional.empty(),
          List.of(),
          new SinkDefinition.ConsoleSink(2));

  @Test
  void showsTheFirstRowsAndSaysWhatItLeavesOut() throws Exception {
    deliver(7, false, SPARK.session().sql("SELECT id, null AS n FROM range(5)").coalesce(1));

    assertThat(seen.toString())
        .isEqualTo(
            """

            bookings, batch 7: 5 rows
             id | n
            ----+-----
             0  | null
             1  | null
            ... and 3 more rows
            """);
  }

  @Test
  void saysThatABatchIsAReplay() throws Exception {
    deliver(7, true, SPARK.session().sql("SELECT 1 AS id"));

    assertThat(seen.toString())
        .contains("bookings, batch 7 (a replay: it may have been shown before): 1 row\n");
  }

  @Test
  void printsNothingForABatchWithoutRows() throws Exception {
    deliver(7, false, SPARK.session().sql("SELECT 1 AS id WHERE false"));

    assertThat(seen.toString()).isEmpty();
  }

  @Test
  void evaluatesTheRowsOnceAndLetsTheirMetricsBeSeen() throws Exception {
    try (Observed observed = Observed.by(SPARK.session(), "decode")) {
      Dataset<Row> counted =
          SPARK
              .session()
              .range(5)
              .toDF()
              .observe("decode", functions.count(functions.lit(1)).as("changes"));
      counted.createOrReplaceTempView("changes");
      deliver(7, false, SPARK.session().sql("SELECT id FROM changes WHERE id > 1"));

      assertThat(observed.metrics().orElseThrow().<Long>getAs("changes")).isEqualTo(5);
    }
  }

  @Test
  void doesNotWaitForMetricsThatTheOptimizerHasRemoved() throws Exception {
    try (Observed observed = Observed.by(SPARK.session(), "decode")) {
      Dataset<Row> counted =
          SPARK.session().range(5).toDF().observe("decode", functions.count(functions.lit(1)));
      deliver(7, false, counted.where("1 = 0"));

      assertThat(observed.metrics()).isEmpty();
    }
  }

  private void deliver(long id, boolean isReplay, Dataset<Row> rows) throws InterruptedException {
    Sink sink = new TableConsoleSink(output, 2, 80, new PrintWriter(seen));
    sink.begin("this-checkpoint", id);
    sink.deliver(new Batch(id, "this-checkpoint", isReplay, rows, rdd -> Optional.empty()));
  }
}
