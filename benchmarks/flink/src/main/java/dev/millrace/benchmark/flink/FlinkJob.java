package dev.millrace.benchmark.flink;

import dev.millrace.benchmark.contender.ConsumerSettings;
import dev.millrace.benchmark.contender.Contender;
import dev.millrace.benchmark.contender.ContenderServer;
import dev.millrace.benchmark.contender.Stopwatch;
import dev.millrace.benchmark.topic.RideColumns;
import dev.millrace.benchmark.topic.RideColumns.Kind;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;

/**
 * Flink SQL in this process: the format {@code json}, {@code REGEXP_REPLACE} to take the literals
 * off, {@code TRY_CAST}. A slot for each core, on a cluster that lives as long as the process.
 */
public final class FlinkJob implements Contender {

  private static final int SLOTS = Runtime.getRuntime().availableProcessors();

  private final MiniCluster cluster;

  private FlinkJob(MiniCluster cluster) {
    this.cluster = cluster;
  }

  public static void main(String[] arguments) throws Exception {
    MiniCluster cluster =
        new MiniCluster(
            new MiniClusterConfiguration.Builder()
                .setNumTaskManagers(1)
                .setNumSlotsPerTaskManager(SLOTS)
                .build());
    cluster.start();
    ContenderServer.serve(new FlinkJob(cluster));
  }

  @Override
  public Run run(Task task, Path folder) throws Exception {
    URI address = cluster.getRestAddress().get();
    Configuration configuration = new Configuration();
    configuration.setString("execution.target", "remote");
    configuration.setString("rest.address", address.getHost());
    configuration.setString("rest.port", Integer.toString(address.getPort()));
    configuration.setString("parallelism.default", Integer.toString(SLOTS));
    configuration.setString("pipeline.object-reuse", "true");
    configuration.setString("table.local-time-zone", "UTC");
    TableEnvironment flink =
        TableEnvironment.create(
            EnvironmentSettings.newInstance()
                .inStreamingMode()
                .withConfiguration(configuration)
                .build());
    flink.executeSql(source(task));
    flink.executeSql(sink(task, folder));
    Stopwatch watch = new Stopwatch();
    JobID job = flink.executeSql(query()).getJobClient().orElseThrow().getJobID();
    // Not through the client, which looks only now and then whether the job has ended.
    cluster.requestJobResult(job).get().toJobExecutionResult(getClass().getClassLoader());
    return watch.stop(task.messages());
  }

  @Override
  public void close() throws IOException {
    try {
      cluster.close();
    } catch (Exception e) {
      throw new IOException(e);
    }
  }

  private static String source(Task task) {
    String fields =
        RideColumns.all().stream()
            .map(
                column ->
                    "`" + column.field() + "` " + (isText(column.kind()) ? "STRING" : "BIGINT"))
            .collect(Collectors.joining(", "));
    String fetch =
        ConsumerSettings.FETCH.entrySet().stream()
            .map(entry -> "'properties.%s' = '%s'".formatted(entry.getKey(), entry.getValue()))
            .collect(Collectors.joining(", "));
    return """
    CREATE TABLE messages (%s, `__op` STRING) WITH (
      'connector' = 'kafka',
      'topic' = '%s',
      'properties.bootstrap.servers' = '%s',
      %s,
      'scan.startup.mode' = 'earliest-offset',
      'scan.bounded.mode' = 'latest-offset',
      'format' = 'json')
    """
        .formatted(fields, task.topic(), task.bootstrapServers(), fetch);
  }

  private static String sink(Task task, Path folder) {
    String columns =
        RideColumns.all().stream()
            .map(column -> column.name() + " " + type(column.kind()))
            .collect(Collectors.joining(", "));
    String options =
        task.sink().equals("parquet")
            ? "'connector' = 'filesystem', 'format' = 'parquet', 'path' = '"
                + folder.resolve("output").toUri()
                + "'"
            : "'connector' = 'blackhole'";
    return "CREATE TABLE changes (%s, op STRING) WITH (%s)".formatted(columns, options);
  }

  private static String query() {
    List<String> values =
        RideColumns.all().stream()
            .map(column -> value(column.kind(), "`" + column.field() + "`"))
            .toList();
    return "INSERT INTO changes SELECT " + String.join(", ", values) + ", `__op` FROM messages";
  }

  private static String value(Kind kind, String field) {
    String text =
        "REGEXP_REPLACE(REGEXP_REPLACE(REGEXP_REPLACE(%s, '^b[''\"]', ''), '[''\"]$', ''), '\"', '')"
            .formatted(field);
    return switch (kind) {
      case BIGINT -> field;
      case STRING -> text;
      case DOUBLE, DATE -> "TRY_CAST(" + text + " AS " + type(kind) + ")";
      case MICROSECONDS -> "CAST(TO_TIMESTAMP_LTZ(" + field + " / 1000, 3) AS TIMESTAMP(3))";
    };
  }

  private static String type(Kind kind) {
    return kind == Kind.MICROSECONDS ? "TIMESTAMP(3)" : kind.name();
  }

  private static boolean isText(Kind kind) {
    return kind == Kind.STRING || kind == Kind.DOUBLE || kind == Kind.DATE;
  }
}
