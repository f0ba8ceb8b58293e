package dev.millrace.sink.cassandra;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.SparkTest;
import dev.millrace.StackExtension;
import dev.millrace.config.CassandraConnection;
import dev.millrace.config.OutputDefinition;
import dev.millrace.config.SinkDefinition.CassandraSink;
import dev.millrace.config.SinkDefinition.CassandraSink.Replication;
import dev.millrace.config.SinkDefinition.Create;
import dev.millrace.config.SinkDefinition.OnTruncate;
import dev.millrace.pipeline.CassandraTables;
import dev.millrace.sink.Batch;
import dev.millrace.sink.Sink;
import dev.millrace.stack.LocalStack;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Runs of one checkpoint whose machine's clock is set back between them. */
@ExtendWith(StackExtension.class)
class CassandraUpsertSinkIT {

  private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
  private static final Instant ELEVEN = NOON.minus(Duration.ofHours(1));

  @RegisterExtension static final SparkTest SPARK = new SparkTest();

  @TempDir Path folder;

  @Test
  void keepsTheAggregateOfTheLaterBatchThoughTheClockWasSetBack(LocalStack stack) throws Exception {
    CassandraTables tables = CassandraTables.of(stack);
    deliver(stack, "aggregates", NOON, 0, sql("SELECT 'Go Mini' AS name, 10L AS fare"));
    deliver(stack, "aggregates", ELEVEN, 1, sql("SELECT 'Go Mini' AS name, 20L AS fare"));

    assertThat(tables.query("SELECT name, fare FROM aggregates.averages"))
        .containsExactly(Map.of("name", "Go Mini", "fare", 20L));

    // A batch that is delivered again, by a run whose clock is ahead.
    deliver(
        stack,
        "aggregates",
        NOON.plus(Duration.ofDays(1)),
        0,
        sql("SELECT 'Go Mini' AS name, 10L AS fare"));

    assertThat(tables.query("SELECT name, fare FROM aggregates.averages"))
        .containsExactly(Map.of("name", "Go Mini", "fare", 20L));
  }

  @Test
  void keepsTheLaterOfTwoRowsOfOneBatchWhateverIsBetweenThem(LocalStack stack) throws Exception {
    CassandraTables tables = CassandraTables.of(stack);
    Dataset<Row> rows =
        sql("SELECT CASE WHEN id IN (0, 19999) THEN 'Go Mini' ELSE 'other ' || id END AS name,"
                + " 20000 - id AS fare FROM range(0, 20000, 1, 1)")
            .orderBy(functions.col("fare").desc())
            .coalesce(1);
    deliver(stack, "windows", NOON, 0, rows);

    assertThat(tables.query("SELECT fare FROM windows.averages WHERE name = 'Go Mini'"))
        .containsExactly(Map.of("fare", 1L));
  }

  @Test
  void deletesWithoutALaterWriteOfTheSameBatchBeingLost(LocalStack stack) throws Exception {
    CassandraTables tables = CassandraTables.of(stack);
    String position = ", 0 AS partition, %dL AS offset";
    deliver(
        stack,
        "returns",
        NOON,
        0,
        sql("SELECT 'Go Mini' AS name, 10L AS fare, 'c' AS op" + position.formatted(5)));
    deliver(
        stack,
        "returns",
        ELEVEN,
        1,
        sql(
            "SELECT 'Go Mini' AS name, CAST(NULL AS BIGINT) AS fare, 'd' AS op"
                + position.formatted(6)
                + " UNION ALL SELECT 'Go Mini', 30L, 'c'"
                + position.formatted(7)));

    assertThat(tables.query("SELECT fare FROM returns.averages"))
        .containsExactly(Map.of("fare", 30L));
  }

  private static Dataset<Row> sql(String sql) {
    return SPARK.session().sql(sql);
  }

  /** One batch, by a run of its own. */
  private void deliver(
      LocalStack stack, String keyspace, Instant now, long batch, Dataset<Row> rows)
      throws InterruptedException {
    CassandraSink definition =
        new CassandraSink(
            new CassandraConnection(
                "sinks.cassandra",
                List.of(stack.connections().cassandra()),
                "datacenter1",
                "",
                "",
                Duration.ofMinutes(1),
                Map.of()),
            keyspace,
            "averages",
            new Replication("SimpleStrategy", 1),
            Create.IF_MISSING,
            "local-quorum",
            List.of(),
            Map.of(),
            OnTruncate.FAIL,
            128,
            64);
    OutputDefinition output =
        new OutputDefinition(
            "averages",
            Optional.empty(),
            "rides.yaml:1: outputs.averages.sql",
            OutputDefinition.Mode.UPDATE,
            OutputDefinition.Scope.STREAM,
            Optional.empty(),
            List.of("name"),
            definition);
    CassandraClockFile file =
        new CassandraClockFile(new org.apache.hadoop.fs.Path(folder.toUri()), new Configuration());
    try (Sink sink =
        new CassandraUpsertSink(
            definition, output, new PrintWriter(Writer.nullWriter()), file, () -> now)) {
      sink.begin("checkpoint", batch);
      sink.deliver(new Batch(batch, "checkpoint", false, rows, rdd -> Optional.empty()));
    }
  }
}
