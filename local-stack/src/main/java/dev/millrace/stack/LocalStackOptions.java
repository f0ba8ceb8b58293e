package dev.millrace.stack;

import dev.millrace.stack.error.StackErrors;
import dev.millrace.stack.process.Component;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Consumer;

/**
 * How a {@link LocalStack} is started. Immutable; each {@code with...} gives a changed copy.
 *
 * @param home the project's folder, which holds the built modules, {@code postgres-init/} and
 *     {@code connect-config/}
 * @param dataFolder what the stack keeps: a stack that starts in it again continues where it
 *     stopped
 * @param components the servers that the stack consists of; none is allowed
 * @param lifetime whether the stack ends with the process that started it
 * @param progress is told one line for each step, from several threads
 */
public record LocalStackOptions(
    Path home,
    Path dataFolder,
    Ports ports,
    Set<Component> components,
    String postgresPassword,
    String debeziumPassword,
    Lifetime lifetime,
    Consumer<String> progress) {

  private static final Set<Component> DEFAULT_COMPONENTS =
      Set.of(Component.POSTGRES, Component.KAFKA, Component.CONNECT);

  public LocalStackOptions {
    components = Set.copyOf(components);
  }

  /** When a stack that nobody stopped ends. */
  public enum Lifetime {
    /** With the launcher: on {@code close()}, and on SIGTERM and Ctrl-C to the launcher. */
    OF_LAUNCHER,
    /** Never; another launcher may find and stop it. */
    OUTLIVES_LAUNCHER
  }

  /**
   * Free ports, Postgres, Kafka and Kafka Connect, the lifetime of the launcher, the passwords
   * {@code postgres} and {@code debezium}, the project's folder from the system property {@code
   * millrace.home}.
   */
  public static LocalStackOptions in(Path dataFolder) {
    return new LocalStackOptions(
        homeFromSystemProperty(),
        dataFolder.toAbsolutePath().normalize(),
        Ports.free(),
        DEFAULT_COMPONENTS,
        "postgres",
        "debezium",
        Lifetime.OF_LAUNCHER,
        line -> {});
  }

  public LocalStackOptions withPorts(Ports otherPorts) {
    return new LocalStackOptions(
        home,
        dataFolder,
        otherPorts,
        components,
        postgresPassword,
        debeziumPassword,
        lifetime,
        progress);
  }

  /** With Cassandra, too: it takes as long to start, and as much memory, as all the others. */
  public LocalStackOptions withCassandra() {
    Set<Component> all = EnumSet.of(Component.CASSANDRA);
    all.addAll(components);
    return withComponents(all);
  }

  /** With these servers and no others. */
  public LocalStackOptions withComponents(Set<Component> chosen) {
    return new LocalStackOptions(
        home, dataFolder, ports, chosen, postgresPassword, debeziumPassword, lifetime, progress);
  }

  public LocalStackOptions withPasswords(String ofPostgres, String ofDebezium) {
    return new LocalStackOptions(
        home, dataFolder, ports, components, ofPostgres, ofDebezium, lifetime, progress);
  }

  public LocalStackOptions withLifetime(Lifetime otherLifetime) {
    return new LocalStackOptions(
        home,
        dataFolder,
        ports,
        components,
        postgresPassword,
        debeziumPassword,
        otherLifetime,
        progress);
  }

  public LocalStackOptions withProgress(Consumer<String> otherProgress) {
    return new LocalStackOptions(
        home,
        dataFolder,
        ports,
        components,
        postgresPassword,
        debeziumPassword,
        lifetime,
        otherProgress);
  }

  /** The project's folder, which the launcher and the tests pass on. */
  public static Path homeFromSystemProperty() {
    String home = System.getProperty("millrace.home");
    if (home == null || home.isBlank()) {
      throw StackErrors.homeUnknown();
    }
    return Path.of(home).toAbsolutePath().normalize();
  }
}
