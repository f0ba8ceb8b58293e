package dev.millrace.benchmark.sinks;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.benchmark.contender.Contender.Run;
import dev.millrace.benchmark.measure.JavaPrograms;
import dev.millrace.benchmark.topic.RideColumns;
import dev.millrace.benchmark.topic.RideColumns.Kind;
import dev.millrace.benchmark.topic.RideColumns.RideColumn;
import dev.millrace.stack.process.Polling;
import dev.millrace.stack.server.ConnectClient;
import dev.millrace.stack.server.ConnectorDefinition;
import dev.millrace.stack.server.ConnectorStatus;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.common.ConsumerGroupState;
import org.apache.kafka.common.errors.GroupIdNotFoundException;

/**
 * Debezium's JDBC sink in a worker of Kafka Connect of its own, at least once. The worker lives
 * from the first run to the last; each run is a connector, with a consumer group of its own.
 */
final class JdbcSinkWorker implements AutoCloseable {

  private static final Duration START_TIMEOUT = Duration.ofMinutes(2);
  private static final Duration RUN_TIMEOUT = Duration.ofMinutes(60);
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
  private static final long STATUS_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Set<ConsumerGroupState> NO_CONSUMERS =
      Set.of(ConsumerGroupState.UNKNOWN, ConsumerGroupState.DEAD, ConsumerGroupState.EMPTY);

  private final Process process;
  private final Path log;
  private final ConnectClient client;
  private final Admin admin;
  private int runs;

  private JdbcSinkWorker(Process process, Path log, ConnectClient client, Admin admin) {
    this.process = process;
    this.log = log;
    this.client = client;
    this.admin = admin;
  }

  /** Starts the worker; returns once it takes connectors. */
  static JdbcSinkWorker start(JavaPrograms programs, String bootstrapServers, Path folder)
      throws IOException, InterruptedException {
    Files.createDirectories(folder);
    int port = freePort();
    Path settings =
        Files.write(
            folder.resolve("connect.properties"),
            List.of(
                "bootstrap.servers=" + bootstrapServers,
                "listeners=http://localhost:" + port,
                "plugin.path=" + programs.home().resolve("benchmarks/jdbc-sink/target/plugins"),
                "plugin.discovery=SERVICE_LOAD",
                "key.converter=org.apache.kafka.connect.json.JsonConverter",
                "value.converter=org.apache.kafka.connect.json.JsonConverter",
                "offset.storage.file.filename=" + folder.resolve("offsets")));
    Path log = folder.resolve("connect.log");
    Process process =
        new ProcessBuilder(programs.connectWorker(settings))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    JdbcSinkWorker worker =
        new JdbcSinkWorker(
            process,
            log,
            new ConnectClient("http://localhost:" + port),
            Admin.create(Map.of("bootstrap.servers", bootstrapServers)));
    worker.awaitReady();
    return worker;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private void awaitReady() throws InterruptedException {
    long deadline = System.nanoTime() + START_TIMEOUT.toNanos();
    while (!answers()) {
      requireAlive();
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("Kafka Connect does not answer. Log: " + log);
      }
      Polling.pause("starting Kafka Connect");
    }
  }

  private boolean answers() throws InterruptedException {
    try {
      return client.isHealthy();
    } catch (IOException e) {
      // It does not listen yet.
      return false;
    }
  }

  /**
   * Brings a topic into the table, from the moment that a consumer of the connector joins its group
   * until the table has the newest rows.
   *
   * @param kind {@code defaults}, {@code best} or {@code best-tasks}
   */
  Run run(String kind, SinkTopics topics, TargetDatabase database)
      throws SQLException, InterruptedException {
    String name = "jdbc-sink-" + runs++;
    client.register(
        new ConnectorDefinition(
            name,
            settings(
                kind, topics.tombstones().name(), topics.tombstones().partitions(), database)));
    try (Connection connection = database.connect()) {
      await(
          name,
          START_TIMEOUT,
          "A consumer of the connector",
          () -> hasConsumers("connect-" + name));
      long start = System.nanoTime();
      long startCpu = cpuNanoseconds();
      await(
          name,
          RUN_TIMEOUT,
          "A row",
          () -> TargetDatabase.has(connection, TableLayout.AS_SENT, topics.newest()));
      return new Run(
          topics.tombstones().messages(), System.nanoTime() - start, cpuNanoseconds() - startCpu);
    } finally {
      client.delete(name);
    }
  }

  /** What a run waits for. */
  private interface Condition {
    boolean isMet() throws SQLException, InterruptedException;
  }

  private void await(String connector, Duration timeout, String what, Condition condition)
      throws SQLException, InterruptedException {
    long deadline = System.nanoTime() + timeout.toNanos();
    long nextStatus = System.nanoTime() + STATUS_NANOS;
    while (!condition.isMet()) {
      long now = System.nanoTime();
      if (now > nextStatus) {
        requireRunning(connector);
        nextStatus = now + STATUS_NANOS;
      }
      if (now > deadline) {
        throw new IllegalStateException(
            "%s is missing after %d s. Log: %s".formatted(what, timeout.toSeconds(), log));
      }
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }

  /**
   * Whether a consumer has joined. With several tasks the first one reads while the others join, so
   * that a group which is complete would be a start that comes too late.
   */
  private boolean hasConsumers(String group) throws InterruptedException {
    try {
      ConsumerGroupDescription found =
          admin.describeConsumerGroups(List.of(group)).describedGroups().get(group).get();
      return !NO_CONSUMERS.contains(found.state());
    } catch (ExecutionException e) {
      if (e.getCause() instanceof GroupIdNotFoundException) {
        return false;
      }
      throw new IllegalStateException("The group " + group + " can't be described", e.getCause());
    }
  }

  private void requireRunning(String connector) {
    requireAlive();
    Optional<ConnectorStatus> failed = client.status(connector).filter(ConnectorStatus::hasFailed);
    if (failed.isPresent()) {
      throw new IllegalStateException("The connector has failed: " + failed.get().trace());
    }
  }

  private void requireAlive() {
    if (!process.isAlive()) {
      throw new IllegalStateException("Kafka Connect has ended. Log: " + log);
    }
  }

  private long cpuNanoseconds() {
    return process.info().totalCpuDuration().orElseThrow().toNanos();
  }

  /** The connector's configuration, without what is left at its default. */
  static Map<String, String> settings(
      String kind, String topic, int partitions, TargetDatabase database) {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("connector.class", "io.debezium.connector.jdbc.JdbcSinkConnector");
    settings.put("topics", topic);
    settings.put("connection.url", database.url());
    settings.put("connection.username", database.user());
    settings.put("connection.password", database.password());
    settings.put("collection.name.format", "mirror");
    settings.put("insert.mode", "upsert");
    settings.put("delete.enabled", "true");
    settings.put("primary.key.mode", "record_key");
    settings.put("schema.evolution", "basic");
    // The columns' names have slashes and dots.
    settings.put("quote.identifiers", "true");
    // The messages are without their schemas, so the converters are told them.
    settings.put("key.converter", "org.apache.kafka.connect.json.JsonConverter");
    settings.put("key.converter.schemas.enable", "true");
    settings.put("key.converter.schema.content", keySchema());
    settings.put("value.converter", "org.apache.kafka.connect.json.JsonConverter");
    settings.put("value.converter.schemas.enable", "true");
    settings.put("value.converter.schema.content", valueSchema());
    settings.put("tasks.max", kind.equals("best-tasks") ? Integer.toString(partitions) : "1");
    if (!kind.equals("defaults")) {
      settings.put("dialect.postgres.unnest.insert.enabled", "true");
      settings.put("use.reduction.buffer", "true");
      settings.put("batch.size", "10000");
      settings.put("consumer.override.max.poll.records", "10000");
      settings.put("consumer.override.max.partition.fetch.bytes", "10485760");
      settings.put("consumer.override.fetch.max.bytes", "52428800");
    }
    return settings;
  }

  private static String keySchema() {
    ObjectNode schema = JSON.createObjectNode().put("type", "struct").put("optional", false);
    schema.putArray("fields").add(field("id", "int64", false));
    return schema.toString();
  }

  /** The table's columns as they are sent: times stay numbers. */
  private static String valueSchema() {
    ObjectNode schema = JSON.createObjectNode().put("type", "struct").put("optional", false);
    ArrayNode fields = schema.putArray("fields");
    for (RideColumn column : RideColumns.all()) {
      boolean isNumber = column.kind() == Kind.BIGINT || column.kind() == Kind.MICROSECONDS;
      fields.add(
          field(column.field(), isNumber ? "int64" : "string", column.kind() != Kind.BIGINT));
    }
    return schema.toString();
  }

  private static ObjectNode field(String name, String type, boolean isOptional) {
    return JSON.createObjectNode().put("field", name).put("type", type).put("optional", isOptional);
  }

  @Override
  public void close() {
    admin.close();
    process.destroy();
    try {
      if (!process.waitFor(20, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
