package dev.millrace.stack.server;

import dev.millrace.stack.error.StackErrors;
import dev.millrace.stack.process.Component;
import dev.millrace.stack.process.Readiness;
import dev.millrace.stack.process.StackProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** One Kafka Connect worker with Debezium's Postgres connector and exactly-once sources. */
public final class ConnectWorker {

  private static final Duration START_TIMEOUT = Duration.ofMinutes(2);

  private final Path classPathFile;
  private final Path pluginFolder;
  private final Path dataFolder;
  private final Path log;
  private final int port;
  private final String bootstrapServers;
  private final Map<String, String> connectorEnvironment;

  /**
   * @param connectorEnvironment what {@code ${env:NAME}} in a connector's configuration stands for
   */
  public ConnectWorker(
      Path classPathFile,
      Path pluginFolder,
      Path dataFolder,
      Path log,
      int port,
      String bootstrapServers,
      Map<String, String> connectorEnvironment) {
    this.classPathFile = classPathFile;
    this.pluginFolder = pluginFolder;
    this.dataFolder = dataFolder;
    this.log = log;
    this.port = port;
    this.bootstrapServers = bootstrapServers;
    this.connectorEnvironment = Map.copyOf(connectorEnvironment);
  }

  /** Starts it; it waits for the broker and may not answer at once. */
  public StackProcess start() {
    if (!Files.isDirectory(pluginFolder)) {
      throw StackErrors.notBuilt(pluginFolder);
    }
    Path settings = ServerFiles.write(dataFolder.resolve("connect.properties"), settings());
    return StackProcess.start(
        Component.CONNECT.title(),
        new JavaProgram(classPathFile, "org.apache.kafka.connect.cli.ConnectDistributed")
            .command(
                List.of(
                    "-Xmx512m",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-Dlog4j2.configurationFile=" + ServerFiles.logging(dataFolder)),
                List.of(settings.toString())),
        connectorEnvironment,
        dataFolder,
        log,
        StackProcess.Output.LOG);
  }

  /** Returns once the worker calls itself healthy: it has joined its group and read its topics. */
  public void awaitReady(StackProcess process) {
    Readiness.await(process, START_TIMEOUT, this::answers);
  }

  public boolean answers() throws IOException, InterruptedException {
    return new ConnectClient("http://localhost:" + port).isHealthy();
  }

  /** Lines of its settings file, {@code key=value}. */
  List<String> settings() {
    return List.of(
        "bootstrap.servers=" + bootstrapServers,
        "group.id=local-stack",
        "listeners=http://localhost:" + port,
        "rest.advertised.host.name=localhost",
        "rest.advertised.port=" + port,
        "plugin.path=" + pluginFolder,
        // The default also scans every class of every plugin, which takes longer than all the rest.
        "plugin.discovery=SERVICE_LOAD",
        "key.converter=org.apache.kafka.connect.json.JsonConverter",
        "value.converter=org.apache.kafka.connect.json.JsonConverter",
        "config.storage.topic=connect-configs",
        "config.storage.replication.factor=1",
        "offset.storage.topic=connect-offsets",
        "offset.storage.replication.factor=1",
        "offset.storage.partitions=1",
        "status.storage.topic=connect-status",
        "status.storage.replication.factor=1",
        "status.storage.partitions=1",
        "exactly.once.source.support=enabled",
        "config.providers=env",
        "config.providers.env.class=org.apache.kafka.common.config.provider.EnvVarConfigProvider",
        "config.providers.env.param.allowlist.pattern="
            + String.join("|", connectorEnvironment.keySet()),
        // A worker that was killed and started again takes up its tasks within seconds.
        "scheduled.rebalance.max.delay.ms=0",
        "session.timeout.ms=6000",
        "heartbeat.interval.ms=2000",
        // It may start next to the broker and wait for it.
        "default.api.timeout.ms=120000");
  }
}
