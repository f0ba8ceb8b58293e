package dev.millrace.stack.server;

import dev.millrace.stack.error.StackErrors;
import dev.millrace.stack.process.Component;
import dev.millrace.stack.process.Readiness;
import dev.millrace.stack.process.Shell;
import dev.millrace.stack.process.StackProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;

/** One Kafka node, broker and KRaft controller in one process, on the loopback interface. */
public final class KafkaBroker {

  private static final Duration START_TIMEOUT = Duration.ofSeconds(90);
  private static final String CLUSTER_ID = "bWlsbHJhY2UtbG9jYWwtMQ";

  private final Path classPathFile;
  private final Path dataFolder;
  private final Path log;
  private final int port;
  private final int controllerPort;

  public KafkaBroker(Path classPathFile, Path dataFolder, Path log, int port, int controllerPort) {
    this.classPathFile = classPathFile;
    this.dataFolder = dataFolder;
    this.log = log;
    this.port = port;
    this.controllerPort = controllerPort;
  }

  /** Where the build wrote the class path of the broker and of Kafka's tools. */
  public static Path classPathFile(Path home) {
    return home.resolve("local-stack/kafka/target/class-path");
  }

  /** Starts it, on freshly formatted storage where there is none yet; it may not answer at once. */
  public StackProcess start() {
    Path settings = ServerFiles.write(dataFolder.resolve("kafka.properties"), settings());
    Path logging = ServerFiles.logging(dataFolder);
    Path storage = dataFolder.resolve("kafka");
    // Written last by the formatting, and checked by the broker.
    if (!Files.exists(storage.resolve("meta.properties"))) {
      format(storage, settings, logging);
    }
    return StackProcess.start(
        Component.KAFKA.title(),
        new JavaProgram(classPathFile, "kafka.Kafka")
            .command(
                List.of(
                    "-Xmx384m",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-Dlog4j2.configurationFile=" + logging),
                List.of(settings.toString())),
        Map.of(),
        dataFolder,
        log,
        StackProcess.Output.LOG);
  }

  /** Returns once a record was produced and read. */
  public void awaitReady(StackProcess process) {
    Readiness.await(process, START_TIMEOUT, this::answers);
    new KafkaClient("localhost:" + port).produceAndRead();
  }

  public boolean answers() throws ExecutionException, InterruptedException {
    return new KafkaClient("localhost:" + port).answers();
  }

  private void format(Path storage, Path settings, Path logging) {
    try {
      Folders.delete(storage);
    } catch (IOException e) {
      throw StackErrors.unwritableFolder(dataFolder, e);
    }
    Shell.require(
        new JavaProgram(classPathFile, "kafka.tools.StorageTool")
            .command(
                List.of(
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-Dlog4j2.configurationFile=" + logging),
                List.of("format", "--cluster-id", CLUSTER_ID, "--config", settings.toString())),
        Map.of());
  }

  /** Lines of its settings file, {@code key=value}. */
  List<String> settings() {
    return List.of(
        "process.roles=broker,controller",
        "node.id=1",
        // A static quorum: the controller's port may change from start to start.
        "controller.quorum.voters=1@localhost:" + controllerPort,
        "controller.listener.names=CONTROLLER",
        "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "listeners=PLAINTEXT://localhost:%d,CONTROLLER://localhost:%d"
            .formatted(port, controllerPort),
        "advertised.listeners=PLAINTEXT://localhost:" + port,
        "log.dirs=" + dataFolder.resolve("kafka"),
        // A misspelt topic is an error, not a new topic.
        "auto.create.topics.enable=false",
        "num.partitions=1",
        "default.replication.factor=1",
        "message.max.bytes=10485760",
        "replica.fetch.max.bytes=10485760",
        "offsets.topic.replication.factor=1",
        "offsets.topic.num.partitions=4",
        "transaction.state.log.replication.factor=1",
        "transaction.state.log.min.isr=1",
        "transaction.state.log.num.partitions=4",
        "share.coordinator.state.topic.replication.factor=1",
        "share.coordinator.state.topic.min.isr=1",
        "share.coordinator.state.topic.num.partitions=1",
        "group.initial.rebalance.delay.ms=0",
        // Only a topic with a retention.ms of its own forgets, within seconds: a stack may be down
        // for a week, and records may have old timestamps.
        "log.retention.ms=-1",
        "log.retention.check.interval.ms=5000",
        // A transaction that a killed producer left open holds back read_committed readers.
        "transaction.abort.timed.out.transaction.cleanup.interval.ms=2000");
  }
}
