package dev.millrace;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.model.Container;
import com.github.dockerjava.api.model.PortBinding;
import com.github.dockerjava.api.model.Ports.Binding;
import dev.millrace.ContainerImages.MissingImage;
import dev.millrace.stack.server.KafkaClient;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.PostgreSQLContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.lifecycle.Startables;
import org.testcontainers.utility.DockerImageName;
import org.testcontainers.utility.MountableFile;

/**
 * Postgres, Kafka and Connect in containers with the commands and the environments that
 * docker-compose.yml gives them, on a network and on ports of their own.
 */
final class ContainerStack implements AutoCloseable {

  private static final String DATABASE = "business_db";
  private static final String SUPERUSER = "postgres";
  private static final String CAPTURE_ROLE = "debezium_user";
  private static final Map<String, String> PASSWORDS =
      Map.of("POSTGRES_PASSWORD", "containers-1", "DEBEZIUM_PASSWORD", "containers-2");

  /** Marks what belongs to the tests of one working copy. */
  private static final String LABEL = "dev.millrace.containers";

  private static final int CONNECT_PORT = 8083;
  private static final Duration TIMEOUT = Duration.ofMinutes(2);

  /** The images that a stack is made of. */
  record Images(DockerImageName postgres, DockerImageName kafka, DockerImageName connect) {

    static Images provide(Path home, ContainerImages images)
        throws MissingImage, InterruptedException {
      return new Images(
          images.provide(service(home, "postgres")),
          images.provide(service(home, "kafka")),
          images.provide(service(home, "connect")));
    }

    @Override
    public String toString() {
      return "%s, %s, %s".formatted(postgres, kafka, connect);
    }
  }

  private final Map<String, String> labels;
  private final Network network;
  private final PostgreSQLContainer<?> postgres;
  private final KafkaContainer kafka;
  private final GenericContainer<?> connect;

  private ContainerStack(Path home, Images images) {
    labels = Map.of(LABEL, home.toString());
    network =
        Network.builder().createNetworkCmdModifier(command -> command.withLabels(labels)).build();
    postgres = postgres(images.postgres(), service(home, "postgres"), home);
    ComposeService worker = service(home, "connect");
    kafka =
        kafka(
            images.kafka(), service(home, "kafka"), worker.environment().get("BOOTSTRAP_SERVERS"));
    connect = connect(images.connect(), worker, home);
  }

  /** Returns once all three are ready; leaves nothing behind where one does not get so. */
  static ContainerStack start(Path home, Images images) {
    ContainerStack stack = new ContainerStack(home, images);
    // What an earlier run has left that was killed.
    stack.close();
    try {
      Startables.deepStart(stack.connect).join();
    } catch (RuntimeException e) {
      stack.close();
      throw e;
    }
    return stack;
  }

  /** A session of the superuser; the caller closes it. */
  Connection connect() throws SQLException {
    return DriverManager.getConnection(
        postgres.getJdbcUrl(), login(SUPERUSER, "POSTGRES_PASSWORD"));
  }

  /** A session of the role that Debezium has; the caller closes it. */
  Connection connectAsCaptureRole() throws SQLException {
    return DriverManager.getConnection(
        postgres.getJdbcUrl(), login(CAPTURE_ROLE, "DEBEZIUM_PASSWORD"));
  }

  /** The same for the replication protocol, as Debezium's second session. */
  Connection connectForReplication() throws SQLException {
    Properties properties = login(CAPTURE_ROLE, "DEBEZIUM_PASSWORD");
    properties.setProperty("replication", "database");
    properties.setProperty("assumeMinServerVersion", "10");
    properties.setProperty("preferQueryMode", "simple");
    return DriverManager.getConnection(postgres.getJdbcUrl(), properties);
  }

  String bootstrapServers() {
    return kafka.getBootstrapServers();
  }

  KafkaClient kafka() {
    return new KafkaClient(bootstrapServers());
  }

  /** Where Connect's REST interface answers, without a slash at its end. */
  String connectUrl() {
    return "http://localhost:" + connect.getMappedPort(CONNECT_PORT);
  }

  /** Removes all that has the label of this working copy, in any state. */
  @Override
  public void close() {
    DockerClient engine = DockerClientFactory.lazyClient();
    for (Container container :
        engine.listContainersCmd().withShowAll(true).withLabelFilter(labels).exec()) {
      engine.removeContainerCmd(container.getId()).withForce(true).withRemoveVolumes(true).exec();
    }
    List<String> filter = labels.entrySet().stream().map(Object::toString).toList();
    engine
        .listNetworksCmd()
        .withFilter("label", filter)
        .exec()
        .forEach(left -> engine.removeNetworkCmd(left.getId()).exec());
  }

  private PostgreSQLContainer<?> postgres(
      DockerImageName image, ComposeService service, Path home) {
    PostgreSQLContainer<?> container =
        new PostgreSQLContainer<>(image)
            .withDatabaseName(DATABASE)
            .withUsername(SUPERUSER)
            .withPassword(PASSWORDS.get("POSTGRES_PASSWORD"))
            .withCopyToContainer(
                MountableFile.forHostPath(home.resolve("postgres-init")),
                "/docker-entrypoint-initdb.d");
    container.setCommandParts(service.command().toArray(String[]::new));
    return prepared(container, "postgres", service);
  }

  private KafkaContainer kafka(
      DockerImageName image, ComposeService service, String insideAddress) {
    return prepared(new KafkaContainer(image).withListener(insideAddress), "kafka", service);
  }

  private GenericContainer<?> connect(DockerImageName image, ComposeService service, Path home) {
    return prepared(new GenericContainer<>(image), "connect", service)
        .withCopyToContainer(
            MountableFile.forHostPath(home.resolve("connector/target/millrace-connector.jar")),
            "/kafka/connect/debezium-connector-postgres/millrace-connector.jar")
        .withExposedPorts(CONNECT_PORT)
        .waitingFor(Wait.forHttp("/health").forPort(CONNECT_PORT))
        .withStartupTimeout(TIMEOUT)
        .dependsOn(postgres, kafka);
  }

  private <C extends GenericContainer<?>> C prepared(
      C container, String name, ComposeService service) {
    // What Testcontainers has set itself, such as the broker's addresses, fits the ports it chose.
    service.environment().keySet().stream()
        .filter(variable -> !container.getEnvMap().containsKey(variable))
        .forEach(variable -> container.addEnv(variable, service.environment().get(variable)));
    container.withNetwork(network);
    container.withNetworkAliases(name);
    container.withLabels(labels);
    container.withCreateContainerCmdModifier(ContainerStack::bindToLoopback);
    return container;
  }

  private static void bindToLoopback(CreateContainerCmd command) {
    command
        .getHostConfig()
        .withPortBindings(
            Stream.of(command.getExposedPorts())
                .map(port -> new PortBinding(Binding.bindIp("127.0.0.1"), port))
                .toList());
  }

  private static Properties login(String role, String password) {
    Properties properties = new Properties();
    properties.setProperty("user", role);
    properties.setProperty("password", PASSWORDS.get(password));
    return properties;
  }

  private static ComposeService service(Path home, String name) {
    return ComposeService.load(home.resolve("docker-compose.yml"), name, PASSWORDS);
  }
}
