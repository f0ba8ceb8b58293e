package dev.millrace.stack.server;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.stack.LocalStackOptions;
import dev.millrace.stack.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.NodeList;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * docker-compose.yml, connect-config/, postgres-init/, the local images and the local stack bring
 * up the same system.
 */
class ContainersTest {

  private static final Path HOME = LocalStackOptions.homeFromSystemProperty();
  private static final Pattern VARIABLE = Pattern.compile("\\$\\{(\\w+):-([^}]*)}");
  private static final Pattern FROM_ENVIRONMENT = Pattern.compile("\\$\\{env:(\\w+)}");

  private final Map<String, Map<String, Object>> services = services();

  // ------------------------------------------------------------------ versions

  @Test
  void imagesHaveTheVersionsOfThePom() {
    assertThat(defaultImage("postgres"))
        .isEqualTo("postgres:" + major("postgres-binaries.version"));
    assertThat(defaultImage("kafka")).isEqualTo("apache/kafka:" + pom("kafka.version"));
    assertThat(defaultImage("connect"))
        .isEqualTo("quay.io/debezium/connect:" + minor("debezium.version"));
    assertThat(defaultImage("spark-master")).isEqualTo(sparkImage());
    assertThat(defaultImage("cassandra")).isEqualTo("cassandra:" + minor("cassandra.version"));
  }

  @Test
  void localImagesHaveTheTagsOfTheOfficialOnes() {
    Map<String, String> local = settings(lines("docker/local/images.env"));

    assertThat(local.keySet())
        .containsExactlyInAnyOrder(
            "POSTGRES_IMAGE", "KAFKA_IMAGE", "CONNECT_IMAGE", "SPARK_IMAGE", "CASSANDRA_IMAGE");
    local.forEach(
        (variable, image) ->
            assertThat(image)
                .isEqualTo("local/" + officialImages().get(variable).replaceAll(".*/", "")));
  }

  @Test
  void exampleOfTheEnvironmentNamesEveryVariableWithItsDefault() {
    Map<String, String> example =
        settings(
            lines(".env.example").stream()
                .filter(line -> line.matches("#?[A-Z_]+=.*"))
                .map(line -> line.replaceFirst("^#", ""))
                .toList());
    Map<String, String> defaults = defaults();

    assertThat(example).containsKeys("POSTGRES_PASSWORD", "DEBEZIUM_PASSWORD");
    defaults.forEach(
        (variable, value) -> {
          // The example of a master is the one of the profile cluster; our own image has no
          // version.
          if (!Set.of("SPARK_MASTER", "MILLRACE_IMAGE").contains(variable)) {
            assertThat(example).containsEntry(variable, value);
          }
        });
  }

  @Test
  void jobImageStandsOnSparksImage() {
    assertThat(lines("docker/Dockerfile")).contains("ARG SPARK_IMAGE=" + sparkImage());
  }

  // ------------------------------------------------------------------ settings

  @Test
  void brokerHasTheSettingsOfTheLocalStack() {
    Map<String, String> container = new HashMap<>();
    environment("kafka")
        .forEach(
            (variable, value) -> {
              if (variable.startsWith("KAFKA_")) {
                container.put(property(variable, "KAFKA_"), value);
              }
            });
    Map<String, String> local =
        settings(new KafkaBroker(Path.of("."), Path.of("."), Path.of("."), 9092, 9093).settings());

    // Addresses, the heap, and what belongs to two listeners.
    Set<String> own =
        Set.of(
            "listeners",
            "advertised.listeners",
            "listener.security.protocol.map",
            "inter.broker.listener.name",
            "controller.quorum.voters",
            "log.dirs",
            "heap.opts");
    assertThat(without(container, own)).isEqualTo(without(local, own));
  }

  @Test
  void connectWorkerHasTheSettingsOfTheLocalStack() {
    Map<String, String> container = new HashMap<>();
    environment("connect")
        .forEach(
            (variable, value) -> {
              if (variable.startsWith("CONNECT_")) {
                container.put(property(variable, "CONNECT_"), value);
              } else if (variable.matches("(CONFIG|OFFSET|STATUS)_STORAGE_TOPIC|.*_CONVERTER")) {
                container.put(property(variable, ""), value);
              }
            });
    Map<String, String> local =
        settings(
            new ConnectWorker(
                    Path.of("."),
                    Path.of("."),
                    Path.of("."),
                    Path.of("."),
                    8083,
                    "localhost:9092",
                    Map.of())
                .settings());

    // Addresses, names, and how long to wait for a broker that a container waits for before.
    Set<String> own =
        Set.of(
            "bootstrap.servers",
            "group.id",
            "listeners",
            "rest.advertised.host.name",
            "rest.advertised.port",
            "plugin.path",
            "default.api.timeout.ms",
            "config.providers.env.param.allowlist.pattern");
    assertThat(without(container, own)).isEqualTo(without(local, own));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ride-bookings", "ride-bookings-envelope"})
  void connectWorkerHasTheConnectorsClassNextToDebeziums(String connector) {
    assertThat(connector(connector).setting("connector.class"))
        .isEqualTo("dev.millrace.connector.MillracePostgresConnector")
        .isEqualTo(
            text("connector/src/main/resources/META-INF/services/"
                    + "org.apache.kafka.connect.source.SourceConnector")
                .strip());
    assertThat(text("connector/pom.xml")).contains("<finalName>millrace-connector</finalName>");
    assertThat(strings(services.get("connect").get("volumes")))
        .containsExactly(
            "./connector/target/millrace-connector.jar"
                + ":/kafka/connect/debezium-connector-postgres/millrace-connector.jar:ro");
  }

  @Test
  void postgresHasTheSettingsOfTheLocalStack() {
    Map<String, String> container =
        settings(
            strings(services.get("postgres").get("command")).stream()
                .filter(word -> word.contains("="))
                .toList());
    Map<String, String> local =
        new PostgresServer(Path.of("."), Path.of("."), Path.of("."), 5432, "").settings();

    // Addresses, the log, and what is Postgres' default.
    Set<String> own =
        Set.of(
            "listen_addresses",
            "port",
            "unix_socket_directories",
            "fsync",
            "synchronous_commit",
            "log_timezone",
            "log_line_prefix");
    assertThat(without(container, own)).isEqualTo(without(local, own));
    assertThat(environment("postgres")).containsEntry("POSTGRES_DB", "business_db");
    assertThat(environment("postgres")).containsEntry("POSTGRES_USER", PostgresServer.SUPERUSER);
  }

  @Test
  void localCassandraImageHasTheSettingsOfTheLocalStack() {
    List<String> local =
        new CassandraServer(Path.of("."), Path.of("."), Path.of("."), 9042, 7000).settings();

    // Addresses and names, which the image takes from the environment.
    Set<String> own =
        Set.of(
            "cluster_name",
            "endpoint_snitch",
            "listen_address",
            "rpc_address",
            "broadcast_rpc_address",
            "- seeds");
    assertThat(without(yamlSettings(lines("docker/local/cassandra/cassandra.yaml")), own))
        .isEqualTo(without(yamlSettings(local), own));
    assertThat(lines("docker/local/cassandra/jvm17.options"))
        .containsAll(CassandraServer.javaOptions());
    assertThat(environment("cassandra"))
        .containsEntry("CASSANDRA_DC", CassandraClient.DATACENTER)
        .containsEntry("CASSANDRA_CLUSTER_NAME", "millrace");
    assertThat(strings(services.get("cassandra").get("ports")))
        .containsExactly("127.0.0.1:${CASSANDRA_PORT:-%d}:9042".formatted(9042));
    assertThat(Ports.standard().cassandra()).isEqualTo(9042);
  }

  // ------------------------------------------------------------------ names

  @ParameterizedTest
  @ValueSource(strings = {"ride-bookings", "ride-bookings-envelope"})
  void connectWorkerKnowsWhatAConnectorAsksTheEnvironmentFor(String connector) {
    Set<String> asked =
        FROM_ENVIRONMENT
            .matcher(text("connect-config/" + connector + ".json"))
            .results()
            .map(found -> found.group(1))
            .collect(Collectors.toCollection(TreeSet::new));

    assertThat(asked).isNotEmpty();
    assertThat(environment("connect")).containsKeys(asked.toArray(String[]::new));
    assertThat(
            environment("connect")
                .get("CONNECT_CONFIG_PROVIDERS_ENV_PARAM_ALLOWLIST_PATTERN")
                .split("\\|"))
        .containsExactlyInAnyOrderElementsOf(asked);
    assertThat(environment("connect")).containsEntry("POSTGRES_HOST", "postgres");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ride-bookings", "ride-bookings-envelope"})
  void connectorsFindRoleTablesAndPublicationInPostgres(String name) {
    ConnectorDefinition connector = connector(name);
    String schema =
        text("postgres-init/01-ride-bookings.sql") + text("postgres-init/02-change-capture.sql");
    Matcher publication =
        Pattern.compile("CREATE PUBLICATION (\\w+) FOR TABLE\\s+([^;]+);").matcher(schema);

    assertThat(publication.find()).isTrue();
    assertThat(connector.setting("publication.name")).contains(publication.group(1));
    assertThat(publication.group(2).split(",\\s*"))
        .containsExactlyInAnyOrder(connector.config().get("table.include.list").split(","));
    assertThat(schema).contains("CREATE ROLE " + connector.config().get("database.user") + " ");
  }

  @Test
  void topicIsMadeAsTheConnectorWouldMakeItAndThePipelineReadsIt() {
    ConnectorDefinition connector = connector("ride-bookings");
    List<String> command = strings(services.get("topics").get("command"));
    String topic = connector.config().get("topic.prefix") + ".public.business_ncr_ride_bookings";

    assertThat(command)
        .containsSubsequence("--topic", topic)
        .containsSubsequence(
            "--partitions", connector.config().get("topic.creation.default.partitions"))
        .containsSubsequence(
            "--config",
            "max.message.bytes="
                + connector.config().get("topic.creation.default.max.message.bytes"));
    assertThat(text("pipelines/ride-bookings.yaml")).contains("topic: ${KAFKA_TOPIC:-" + topic);
    assertThat(environment("kafka").get("KAFKA_ADVERTISED_LISTENERS"))
        .startsWith("INSIDE://" + environment("spark-job").get("KAFKA_BOOTSTRAP_SERVERS") + ",")
        .endsWith("OUTSIDE://localhost:${KAFKA_PORT:-9092}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ride-bookings", "ride-bookings-envelope"})
  void messagesPassUpToOneSizeFromTheConnectorToTheBroker(String name) {
    ConnectorDefinition connector = connector(name);
    String limit = environment("kafka").get("KAFKA_MESSAGE_MAX_BYTES");

    assertThat(limit).isEqualTo("10485760");
    assertThat(environment("kafka")).containsEntry("KAFKA_REPLICA_FETCH_MAX_BYTES", limit);
    assertThat(connector.setting("producer.override.max.request.size")).isEqualTo(limit);
    assertThat(connector.setting("topic.creation.default.max.message.bytes")).isEqualTo(limit);
    assertThat(Long.parseLong(connector.setting("producer.override.buffer.memory")))
        .isGreaterThan(Long.parseLong(limit));
  }

  // ------------------------------------------------------------------ promises

  @Test
  void everyServiceHasAMemoryLimitAndPortsOfTheLoopbackInterfaceAlone() {
    services.forEach(
        (name, service) -> {
          assertThat(service).as(name).containsKey("mem_limit");
          assertThat(strings(service.getOrDefault("ports", List.of())))
              .as(name)
              .allMatch(port -> port.startsWith("127.0.0.1:"));
        });
  }

  @Test
  void passwordsComeFromTheEnvironmentAndHaveNoDefault() {
    services.keySet().stream()
        .flatMap(service -> environment(service).entrySet().stream())
        .filter(variable -> variable.getKey().endsWith("PASSWORD"))
        .forEach(
            variable ->
                assertThat(variable.getValue()).startsWith("${" + variable.getKey() + ":?"));
    assertThat(environment("postgres")).containsKeys("POSTGRES_PASSWORD", "DEBEZIUM_PASSWORD");
  }

  @Test
  void workersSeeTheFoldersOfTheJobAsTheSameUser() {
    for (String worker : List.of("spark-worker-1", "spark-worker-2")) {
      assertThat(services.get(worker).get("volumes"))
          .isEqualTo(services.get("spark-job").get("volumes"));
      assertThat(services.get(worker).get("user")).isEqualTo(services.get("spark-job").get("user"));
    }
  }

  // ------------------------------------------------------------------ reading

  private static Map<String, Map<String, Object>> services() {
    Map<String, Map<String, Map<String, Object>>> file =
        new Yaml(new SafeConstructor(new LoaderOptions())).load(text("docker-compose.yml"));
    return file.get("services");
  }

  private Map<String, String> environment(String service) {
    Object environment = services.get(service).get("environment");
    return environment instanceof Map<?, ?> map
        ? map.entrySet().stream()
            .collect(
                toMap(entry -> entry.getKey().toString(), entry -> entry.getValue().toString()))
        : Map.of();
  }

  /** The image of a service where no variable names another. */
  private String defaultImage(String service) {
    Matcher image = VARIABLE.matcher(services.get(service).get("image").toString());
    assertThat(image.matches()).as(service).isTrue();
    return image.group(2);
  }

  private Map<String, String> officialImages() {
    return services.values().stream()
        .map(service -> VARIABLE.matcher(service.get("image").toString()))
        .filter(Matcher::matches)
        .collect(toMap(image -> image.group(1), image -> image.group(2), (one, other) -> one));
  }

  /** Every variable of the compose file that has a default. */
  private static Map<String, String> defaults() {
    return VARIABLE
        .matcher(text("docker-compose.yml"))
        .results()
        .collect(
            toMap(
                (MatchResult found) -> found.group(1),
                found -> found.group(2),
                (one, other) -> {
                  assertThat(one).isEqualTo(other);
                  return one;
                }));
  }

  private static String sparkImage() {
    return "apache/spark:%s-scala%s-java17-ubuntu"
        .formatted(pom("spark.version"), pom("scala.binary.version"));
  }

  private static ConnectorDefinition connector(String name) {
    return ConnectorDefinition.load(HOME.resolve("connect-config").resolve(name + ".json"));
  }

  private static String property(String variable, String prefix) {
    return variable.substring(prefix.length()).toLowerCase(Locale.ROOT).replace('_', '.');
  }

  /** Lines {@code key=value}; comments and blank lines are left out. */
  private static Map<String, String> settings(List<String> lines) {
    return lines.stream()
        .filter(line -> !line.isBlank() && !line.startsWith("#"))
        .map(line -> line.split("=", 2))
        .collect(toMap(pair -> pair[0], pair -> pair[1]));
  }

  /** Lines {@code key: value}, at any depth. */
  private static Map<String, String> yamlSettings(List<String> lines) {
    return settings(
        lines.stream()
            .map(String::strip)
            .filter(line -> !line.startsWith("#"))
            .map(line -> line.replaceFirst(": ?", "="))
            .toList());
  }

  private static Map<String, String> without(Map<String, String> settings, Set<String> keys) {
    Map<String, String> rest = new HashMap<>(settings);
    rest.keySet().removeAll(keys);
    return rest;
  }

  private static List<String> strings(Object list) {
    List<String> strings = new ArrayList<>();
    ((List<?>) list).forEach(each -> strings.add(each.toString()));
    return strings;
  }

  private static String major(String property) {
    return pom(property).split("\\.", -1)[0];
  }

  private static String minor(String property) {
    String[] parts = pom(property).split("\\.", -1);
    return parts[0] + "." + parts[1];
  }

  private static String pom(String property) {
    return POM.getProperty(property);
  }

  private static final Properties POM = pomProperties();

  private static Properties pomProperties() {
    try {
      Properties properties = new Properties();
      NodeList nodes =
          DocumentBuilderFactory.newInstance()
              .newDocumentBuilder()
              .parse(HOME.resolve("pom.xml").toFile())
              .getElementsByTagName("properties")
              .item(0)
              .getChildNodes();
      for (int i = 0; i < nodes.getLength(); i++) {
        properties.setProperty(nodes.item(i).getNodeName(), nodes.item(i).getTextContent());
      }
      return properties;
    } catch (Exception e) {
      throw new IllegalStateException("pom.xml can't be read", e);
    }
  }

  private static List<String> lines(String file) {
    return text(file).lines().toList();
  }

  private static String text(String file) {
    try {
      return Files.readString(HOME.resolve(file));
    } catch (IOException e) {
      throw new IllegalStateException(file + " can't be read", e);
    }
  }
}
