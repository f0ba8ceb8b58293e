package dev.millrace.benchmark.contender;

import dev.millrace.benchmark.statistics.Spread;
import dev.millrace.config.CassandraConnection;
import dev.millrace.config.OutputDefinition;
import dev.millrace.config.OutputDefinition.Mode;
import dev.millrace.config.OutputDefinition.Scope;
import dev.millrace.config.SinkDefinition;
import dev.millrace.config.SinkDefinition.CassandraSink;
import dev.millrace.config.SinkDefinition.CassandraSink.ClusteringColumn;
import dev.millrace.config.SinkDefinition.CassandraSink.Replication;
import dev.millrace.config.SinkDefinition.OnTruncate;
import dev.millrace.sink.Batch;
import dev.millrace.sink.Sink;
import dev.millrace.sink.SinkContext;
import dev.millrace.sink.cassandra.CassandraConnector;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.fs.FileUtil;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * The sink {@code cassandra} of this job, with several settings in turn: rows of about a hundred
 * bytes, which are in memory, to one table where each is a partition of its own and to one where a
 * hundred make a partition. Prints a table in Markdown; what it is doing goes to standard error.
 */
public final class CassandraSinkRuns {

  private static final int TASKS = 2;
  private static final int ROWS_OF_A_PARTITION = 100;

  private final SparkSession session;
  private final String contactPoint;
  private final PrintWriter progress = new PrintWriter(System.err, true, StandardCharsets.UTF_8);

  /**
   * @param areAlone whether each row is a partition of its own
   * @param remark what the setting is known for; empty for nothing
   */
  private record Setting(boolean areAlone, int inFlight, int rowsPerRequest, String remark) {}

  private static final String CONNECTOR = "as the connector by default";
  private static final String OURS = "the default";

  private static final List<Setting> SETTINGS =
      List.of(
          new Setting(true, 1, 1, ""),
          new Setting(true, 5, 1, CONNECTOR),
          new Setting(true, 32, 1, ""),
          new Setting(true, 128, 1, OURS),
          new Setting(true, 512, 1, ""),
          new Setting(false, 5, 10, CONNECTOR + " (10 rows, about 1 KB)"),
          new Setting(false, 128, 1, ""),
          new Setting(false, 128, 10, ""),
          new Setting(false, 5, 64, ""),
          new Setting(false, 32, 64, ""),
          new Setting(false, 128, 64, OURS));

  private CassandraSinkRuns(SparkSession session, String contactPoint) {
    this.session = session;
    this.contactPoint = contactPoint;
  }

  /**
   * Measures.
   *
   * @param arguments contact point, rows, rounds
   */
  public static void main(String[] arguments) throws InterruptedException, IOException {
    long rows = Long.parseLong(arguments[1]);
    int rounds = Integer.parseInt(arguments[2]);
    try (SparkSession session = SparkStream.session()) {
      new CassandraSinkRuns(session, arguments[0]).run(rows, rounds);
    }
  }

  private void run(long count, int rounds) throws InterruptedException, IOException {
    java.nio.file.Path checkpoint = Files.createTempDirectory("millrace-benchmark-");
    Dataset<Row> rows = rows(count);
    Map<Setting, Sink> sinks = new LinkedHashMap<>();
    Map<Setting, List<Double>> measured = new LinkedHashMap<>();
    for (Setting setting : SETTINGS) {
      Sink sink =
          new CassandraConnector()
              .open(
                  output(setting),
                  new SinkContext(
                      "benchmark",
                      new Path(checkpoint.toUri()),
                      session.sparkContext().hadoopConfiguration(),
                      progress,
                      100));
      sink.begin("benchmark", 0);
      sinks.put(setting, sink);
      measured.put(setting, new ArrayList<>());
    }
    for (int round = 0; round <= rounds; round++) {
      for (Setting setting : SETTINGS) {
        long began = System.nanoTime();
        sinks
            .get(setting)
            .deliver(new Batch(round, "benchmark", false, rows, rdd -> Optional.empty()));
        double rate = count * 1e9 / (System.nanoTime() - began);
        progress.printf(Locale.ROOT, "round %d, %s: %,.0f rows/s%n", round, setting, rate);
        // The first warms up.
        if (round > 0) {
          measured.get(setting).add(rate);
        }
      }
    }
    sinks.values().forEach(Sink::close);
    FileUtil.fullyDelete(checkpoint.toFile());
    System.out.println("| a partition is | in flight | rows a request | rows/s | |");
    System.out.println("|---|---|---|---|---|");
    measured.forEach(
        (setting, rates) -> {
          Spread spread = Spread.of(rates.stream().mapToDouble(Double::doubleValue).toArray());
          System.out.printf(
              Locale.ROOT,
              "| %s | %d | %d | **%,.0f** (%,.0f–%,.0f) | %s |%n",
              setting.areAlone() ? "a row" : ROWS_OF_A_PARTITION + " rows",
              setting.inFlight(),
              setting.rowsPerRequest(),
              spread.median(),
              spread.min(),
              spread.max(),
              setting.remark());
        });
  }

  private Dataset<Row> rows(long count) {
    Dataset<Row> rows =
        session
            .range(0, count, 1, TASKS)
            .selectExpr(
                "id DIV " + ROWS_OF_A_PARTITION + " AS listener",
                "id",
                "timestamp_micros(1700000000000000 + id * 1000) AS at",
                "id * 0.25D AS value",
                "concat('a note of the row ', id, repeat('.', 20)) AS note")
            .persist();
    rows.count();
    return rows;
  }

  private OutputDefinition output(Setting setting) {
    CassandraSink sink =
        new CassandraSink(
            new CassandraConnection(
                "sinks.cassandra",
                List.of(contactPoint),
                "datacenter1",
                "",
                "",
                Duration.ofMinutes(1),
                Map.of()),
            "benchmark",
            setting.areAlone() ? "alone" : "together",
            new Replication("SimpleStrategy", 1),
            SinkDefinition.Create.IF_MISSING,
            "local-quorum",
            setting.areAlone() ? List.of() : List.of(new ClusteringColumn("id", false)),
            Map.of(),
            OnTruncate.FAIL,
            setting.inFlight(),
            setting.rowsPerRequest());
    return new OutputDefinition(
        "rows",
        Optional.empty(),
        "",
        Mode.APPEND,
        Scope.STREAM,
        Optional.empty(),
        List.of(setting.areAlone() ? "id" : "listener"),
        sink);
  }
}
