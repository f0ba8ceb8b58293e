package dev.millrace.stack.server;

import com.datastax.oss.driver.api.core.CqlSession;
import dev.millrace.stack.error.StackException;
import dev.millrace.stack.process.Component;
import dev.millrace.stack.process.ListeningPort;
import dev.millrace.stack.process.Readiness;
import dev.millrace.stack.process.StackProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** One Cassandra node on the loopback interface, which loses no write that it has acknowledged. */
public final class CassandraServer {

  private static final Duration START_TIMEOUT = Duration.ofMinutes(3);

  private final Path classPathFile;
  private final Path dataFolder;
  private final Path log;
  private final int port;
  private final int internodePort;

  public CassandraServer(
      Path classPathFile, Path dataFolder, Path log, int port, int internodePort) {
    this.classPathFile = classPathFile;
    this.dataFolder = dataFolder;
    this.log = log;
    this.port = port;
    this.internodePort = internodePort;
  }

  /** Starts it; it may not answer at once. */
  public StackProcess start() {
    Path settings = ServerFiles.write(dataFolder.resolve("cassandra.yaml"), settings());
    Path logging =
        ServerFiles.write(
            dataFolder.resolve("cassandra-logback.xml"), ServerFiles.lines("logback.xml"));
    List<String> options = new ArrayList<>();
    options.add("@" + ServerFiles.write(dataFolder.resolve("cassandra.options"), javaOptions()));
    options.addAll(
        List.of(
            "-Xms256m",
            "-Xmx512m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Dlogback.configurationFile=" + logging,
            "-Dcassandra.config=" + settings.toUri(),
            "-Dcassandra.storagedir=" + dataFolder.resolve("cassandra"),
            "-Dcassandra.logdir=" + log.getParent()));
    return StackProcess.start(
        Component.CASSANDRA.title(),
        new JavaProgram(classPathFile, "org.apache.cassandra.service.CassandraDaemon")
            .command(options, List.of()),
        Map.of(),
        dataFolder,
        log,
        StackProcess.Output.LOG);
  }

  /** Returns once it has answered a query. */
  public void awaitReady(StackProcess process) {
    Readiness.await(process, START_TIMEOUT, this::answers);
  }

  public boolean answers() {
    // The driver takes its time to find out that nobody listens.
    if (ListeningPort.isFree(port)) {
      return false;
    }
    try (CqlSession session = CassandraClient.open("localhost:" + port)) {
      return session.execute("SELECT release_version FROM system.local").one() != null;
    } catch (StackException e) {
      return false;
    }
  }

  /** What it needs of Java 17, and what a node that is alone need not wait for. */
  static List<String> javaOptions() {
    return ServerFiles.lines("cassandra.options");
  }

  /** Lines of its settings file. */
  List<String> settings() {
    return List.of(
        "cluster_name: millrace",
        "num_tokens: 16",
        "partitioner: org.apache.cassandra.dht.Murmur3Partitioner",
        "endpoint_snitch: SimpleSnitch",
        "seed_provider:",
        "  - class_name: org.apache.cassandra.locator.SimpleSeedProvider",
        "    parameters:",
        "      - seeds: '127.0.0.1:%d'".formatted(internodePort),
        "listen_address: 127.0.0.1",
        "rpc_address: 127.0.0.1",
        "native_transport_port: " + port,
        "storage_port: " + internodePort,
        // By default a write is acknowledged before it is on disk.
        "commitlog_sync: batch",
        "commitlog_segment_size: 16MiB",
        "memtable_heap_space: 64MiB",
        "memtable_offheap_space: 64MiB",
        "key_cache_size: 16MiB",
        "concurrent_compactors: 1",
        "auto_snapshot: false");
  }
}
