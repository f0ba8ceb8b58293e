package dev.millrace.stack;

import com.datastax.oss.driver.api.core.CqlSession;
import dev.millrace.stack.LocalStackOptions.Lifetime;
import dev.millrace.stack.error.StackErrors;
import dev.millrace.stack.error.StackException;
import dev.millrace.stack.process.Component;
import dev.millrace.stack.process.ProcessIdentity;
import dev.millrace.stack.process.StackProcess;
import dev.millrace.stack.server.CassandraClient;
import dev.millrace.stack.server.ConnectClient;
import dev.millrace.stack.server.ConnectorDefinition;
import dev.millrace.stack.server.ConnectorStart;
import dev.millrace.stack.server.KafkaClient;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Real Postgres, Kafka, Kafka Connect with Debezium and, where asked for, Cassandra, as processes
 * of this machine.
 *
 * <p>A stack that {@link #start} returns is ready: Postgres has answered a query and holds {@code
 * business_db} as {@code postgres-init/} makes it, the broker has handed back a record, the Connect
 * worker is healthy, Cassandra has answered a query. All listen on the loopback interface only.
 *
 * <pre>{@code
 * try (LocalStack stack = LocalStack.start(LocalStackOptions.in(Path.of("target/local-stack")))) {
 *   stack.createTopic("business_postgres.public.business_ncr_ride_bookings", 3);
 *   stack.register(stack.connector("ride-bookings"));
 *   stack.execute("INSERT INTO business_ncr_ride_bookings DEFAULT VALUES");
 * }
 * }</pre>
 *
 * <p>Safe for use by several threads, apart from {@link #kill} and {@link #restart}, which belong
 * to one.
 */
public final class LocalStack implements AutoCloseable {

  private final LocalStackOptions options;
  private final StackConnections connections;
  private final StackProcesses processes;

  private LocalStack(LocalStackOptions options, StackState state) {
    this.options = options;
    this.connections = new StackConnections(state.ports(), state.postgresPassword());
    this.processes = new StackProcesses(options, state);
  }

  /**
   * Starts a stack, after ending what an earlier launcher that was killed left running in the same
   * data folder.
   *
   * @throws StackException where the folder's stack already runs, a port is in use, or a process
   *     does not come up; nothing is left running then
   */
  public static LocalStack start(LocalStackOptions options) {
    LocalStack stack = launch(options);
    stack.awaitReady();
    return stack;
  }

  /** Like {@link #start}, but returns while the processes are still coming up. */
  public static LocalStack launch(LocalStackOptions options) {
    StackLock lock = StackLock.acquire(options.dataFolder());
    try {
      endOrphansUnderLock(options);
      StackState state =
          StackState.begun(
              ProcessIdentity.current(),
              PortAllocation.resolve(options.ports(), options.components()),
              options.postgresPassword());
      state.save(options.dataFolder());
      LocalStack stack = new LocalStack(options, state);
      stack.processes.launchAll();
      return stack;
    } finally {
      lock.close();
    }
  }

  /**
   * Ends what a launcher that was killed left running in the data folder.
   *
   * @throws StackException where the folder's stack is running and no orphan
   */
  public static void endOrphans(LocalStackOptions options) {
    StackLock lock = StackLock.acquire(options.dataFolder());
    try {
      endOrphansUnderLock(options);
    } finally {
      lock.close();
    }
  }

  private static void endOrphansUnderLock(LocalStackOptions options) {
    StackState.load(options.dataFolder())
        .ifPresent(earlier -> new StackProcesses(options, earlier).endOrphans());
  }

  /**
   * The stack that runs in a data folder, whoever started it, even if some of its processes have
   * died; empty where none does. {@link #close} leaves it running, {@link #stop} ends it.
   */
  public static Optional<LocalStack> find(LocalStackOptions options) {
    return StackState.load(options.dataFolder())
        .filter(StackState::isStanding)
        .map(
            found ->
                new LocalStack(
                    // What it consists of is what was started, also where that is nothing.
                    options
                        .withComponents(found.processes().keySet())
                        .withLifetime(Lifetime.OUTLIVES_LAUNCHER),
                    found));
  }

  /** Returns when every process is ready. */
  public void awaitReady() {
    processes.awaitAllReady();
  }

  /** Returns when this process is ready, regardless of the others. */
  public void awaitReady(Component component) {
    processes.awaitReady(component);
  }

  // ------------------------------------------------------------------ where it is reached

  public StackConnections connections() {
    return connections;
  }

  /** Without user and password; the database is {@code business_db}. */
  public String jdbcUrl() {
    return connections.jdbcUrl();
  }

  public String bootstrapServers() {
    return connections.bootstrapServers();
  }

  public String connectUrl() {
    return connections.connectUrl();
  }

  public Path dataFolder() {
    return options.dataFolder();
  }

  /** What the stack consists of. */
  public Set<Component> components() {
    return processes.components();
  }

  /** A process of the stack, alive or dead. */
  public StackProcess process(Component component) {
    return processes.process(component);
  }

  /** Whether all its processes run. */
  public boolean isWhole() {
    return components().stream()
        .map(this::process)
        .allMatch(process -> process != null && process.isAlive());
  }

  /** Starts Cassandra next to the others, where it is not there yet; returns when it is ready. */
  public void addCassandra() {
    requireAlive();
    processes.add(Component.CASSANDRA);
  }

  /** Where it prints. */
  public Path log(Component component) {
    return processes.servers().log(component);
  }

  /** Whether it does what it is for at this moment. */
  public boolean answers(Component component) {
    return processes.servers().answers(component);
  }

  /** The process that the stack ends with; empty where it outlives its launcher. */
  public Optional<ProcessIdentity> launcher() {
    return processes.launcher();
  }

  /** Completes when a process of this launcher's stack dies unasked, with what to say about it. */
  public CompletableFuture<StackException> death() {
    return processes.death();
  }

  // ------------------------------------------------------------------ using it

  /** A new session of the superuser, in auto-commit mode; the caller closes it. */
  public Connection connect() {
    requireAlive();
    return connections.connect();
  }

  /** A new session with Cassandra; the caller closes it. */
  public CqlSession connectToCassandra() {
    requireAlive();
    return CassandraClient.open(connections.cassandra());
  }

  /** Runs SQL statements as the superuser, separated by semicolons, in one transaction. */
  public void execute(String sql) {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw StackErrors.postgresRefused("run the statement", e);
    }
  }

  /** Where a {@code read_committed} reader of the topic would stop now, by partition. */
  public Map<Integer, Long> endOffsets(String topic) {
    requireAlive();
    return kafka().endOffsets(topic);
  }

  /** Creates a topic; fails where there is one of that name. */
  public void createTopic(String topic, int partitions) {
    requireAlive();
    kafka().createTopic(topic, partitions);
  }

  /**
   * What a {@code read_committed} reader sees from the topic's start to its end at this moment, in
   * the order of offsets within each partition; empty where there is no such topic.
   */
  public List<ConsumerRecord<String, String>> committedRecords(String topic) {
    requireAlive();
    return kafka().committedRecords(topic);
  }

  /**
   * The same.
   *
   * @param firstOffsets where to begin, by partition; those that are not named begin at their start
   */
  public List<ConsumerRecord<String, String>> committedRecords(
      String topic, Map<Integer, Long> firstOffsets) {
    requireAlive();
    return kafka().committedRecords(topic, firstOffsets);
  }

  /** The connector of that file name, without {@code .json}, in {@code connect-config/}. */
  public ConnectorDefinition connector(String fileName) {
    return ConnectorDefinition.load(
        options.home().resolve("connect-config").resolve(fileName + ".json"));
  }

  /**
   * Registers a connector and returns once a row written after its snapshot has crossed from
   * Postgres to its topic (a row of {@code debezium_heartbeat}, where it captures that table; else
   * once Connect calls it running).
   */
  public void register(ConnectorDefinition connector) {
    requireAlive();
    connectors().register(connector);
  }

  /**
   * Deletes a connector and its replication slot. Its topics remain, and so do its offsets, which
   * Connect keeps by name: under a new name it starts with a snapshot, under the old one it fails
   * because the slot is missing.
   */
  public void delete(ConnectorDefinition connector) {
    requireAlive();
    connectors().delete(connector);
  }

  /**
   * Starts a process that uses the stack, with the launcher's environment overlaid with {@code
   * environment}. It is stopped (SIGTERM) before the stack is, and ended with its orphans.
   */
  public StackProcess startCompanion(
      String name, List<String> command, Map<String, String> environment, StackProcess.Output to) {
    return processes.startCompanion(name, command, environment, to);
  }

  // ------------------------------------------------------------------ faults, for tests

  /** Kills a process and its children (SIGKILL); returns when they have ended. */
  public void kill(Component component) {
    processes.kill(component);
  }

  /** Starts a process again, after stopping it in order where it still runs; returns when ready. */
  public void restart(Component component) {
    processes.restart(component);
  }

  // ------------------------------------------------------------------ stopping

  /** Ends the stack that this object started; one that outlives its launcher continues. */
  @Override
  public void close() {
    if (options.lifetime() == Lifetime.OF_LAUNCHER) {
      stop();
    }
  }

  /**
   * Stops companions, Cassandra, Connect, Kafka and Postgres in order; kills what does not stop in
   * time.
   */
  public void stop() {
    processes.stop();
  }

  private void requireAlive() {
    if (death().isDone()) {
      throw death().join();
    }
  }

  private KafkaClient kafka() {
    return new KafkaClient(bootstrapServers());
  }

  private ConnectorStart connectors() {
    return new ConnectorStart(new ConnectClient(connectUrl()), kafka(), connections::connect);
  }
}
