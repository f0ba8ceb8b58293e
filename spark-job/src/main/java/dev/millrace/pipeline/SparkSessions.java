package dev.millrace.pipeline;

import static java.util.Map.entry;

import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;

/** Opens Spark with the defaults that matter here. */
public final class SparkSessions {

  /**
   * What Spark is set to unless the pipeline, spark-submit or the command line sets another value.
   */
  static final Map<String, String> DEFAULTS =
      Map.ofEntries(
          // Fixed by the first batch of a stateful query, so not left to the number of cores.
          entry("spark.sql.shuffle.partitions", "4"),
          entry(
              "spark.sql.streaming.stateStore.providerClass",
              "org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider"),
          // Each view has several compiled expressions, and every task of every batch asks for all
          // of them. With Spark's own default, 100, those of twenty views are compiled each time.
          entry("spark.sql.codegen.cache.maxEntries", "1000"),
          // How often an idle query asks the broker for more.
          entry("spark.sql.streaming.pollingDelay", "50ms"),
          // Spark's own default, INT96, is a timestamp without a zone to every other reader.
          entry("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS"),
          // Spark's own default fails at a date before 1582 or a time before 1900, in case the
          // files
          // are for, or from, a Spark 2: files that Spark 2 wrote say so and are still converted.
          entry("spark.sql.parquet.datetimeRebaseModeInWrite", "CORRECTED"),
          entry("spark.sql.parquet.datetimeRebaseModeInRead", "CORRECTED"),
          entry("spark.sql.parquet.int96RebaseModeInWrite", "CORRECTED"),
          entry("spark.sql.parquet.int96RebaseModeInRead", "CORRECTED"),
          entry("spark.sql.avro.datetimeRebaseModeInWrite", "CORRECTED"),
          entry("spark.sql.avro.datetimeRebaseModeInRead", "CORRECTED"),
          // Spark's default but for Kafka: only the newer reader tells which offsets a task has.
          entry("spark.sql.sources.useV1SourceList", "avro,csv,json,orc,parquet,text"),
          entry("spark.ui.enabled", "false"),
          entry("spark.ui.showConsoleProgress", "false"));

  /**
   * Where Spark shows its metrics, ours among them: JMX, and {@code /metrics/prometheus} of its web
   * interface where that is enabled.
   */
  private static final Map<String, String> METRICS =
      Map.of(
          "spark.metrics.namespace", "millrace",
          "spark.metrics.conf.*.sink.jmx.class", "org.apache.spark.metrics.sink.JmxSink",
          "spark.metrics.conf.*.sink.prometheusServlet.class",
              "org.apache.spark.metrics.sink.PrometheusServlet",
          "spark.metrics.conf.*.sink.prometheusServlet.path", "/metrics/prometheus");

  /** What only a run on one machine needs: no traffic but on the loopback interface. */
  private static final Map<String, String> LOCAL =
      Map.of(
          "spark.master", "local[*]",
          "spark.driver.host", "localhost",
          "spark.driver.bindAddress", "127.0.0.1");

  /** What results depend on and nobody may change; and SQL reads no file that it names itself. */
  private static final Map<String, String> FIXED =
      Map.of("spark.sql.session.timeZone", "UTC", "spark.sql.runSQLOnFiles", "false");

  private SparkSessions() {}

  /**
   * The session of a run: of spark-submit's master, or of this machine where there is none.
   *
   * @param conf the pipeline's own settings
   */
  public static SparkSession open(String application, Map<String, String> conf) {
    SparkSession.Builder builder = SparkSession.builder().appName(application);
    settings(new SparkConf(), conf).forEach(builder::config);
    return builder.getOrCreate();
  }

  /** Ours, over them what was submitted, over that the pipeline's, and what nobody may change. */
  static Map<String, String> settings(SparkConf submitted, Map<String, String> conf) {
    Map<String, String> settings = new LinkedHashMap<>(DEFAULTS);
    settings.putAll(METRICS);
    if (!submitted.contains("spark.master")) {
      settings.putAll(LOCAL);
    }
    if (submitted.get("spark.master", "local").startsWith("local")) {
      settings.putAll(LocalDisk.SETTINGS);
    }
    for (var setting : submitted.getAll()) {
      settings.put(setting._1(), setting._2());
    }
    settings.putAll(conf);
    settings.putAll(FIXED);
    return settings;
  }
}
