package dev.millrace.stack.error;

import static dev.millrace.stack.error.StackException.RUN_TIME;
import static dev.millrace.stack.error.StackException.WRONG_INPUT;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * The catalogue: every message that a user of the local stack can meet is made here.
 *
 * <p>A message states what is wrong and where, and how to fix it. Secrets never enter a message.
 */
public final class StackErrors {

  private StackErrors() {}

  // ------------------------------------------------------------------ the machine and the build

  public static StackException homeUnknown() {
    return new StackException(
        WRONG_INPUT,
        "The project's folder is not known. Start through ./millrace, or set the system property"
            + " millrace.home to the folder that holds local-stack/ and postgres-init/.",
        null);
  }

  public static StackException unsupportedPlatform(String platform) {
    return new StackException(
        WRONG_INPUT,
        "The local stack runs on Linux on x86-64, and this machine is %s. Use a Linux machine."
            .formatted(platform),
        null);
  }

  public static StackException notBuilt(Path missing) {
    return new StackException(
        WRONG_INPUT,
        "%s is missing. Build the project first: mvn -q -DskipTests package".formatted(missing),
        null);
  }

  public static StackException rootNeedsUserNamespaces(String output) {
    return new StackException(
        RUN_TIME,
        """
        Postgres refuses to run as root, and this machine does not let root start it in a user \
        namespace (unshare -U: %s). Run as an ordinary user.\
        """
            .formatted(output.strip()),
        null);
  }

  /** A server that the stack does not know of, such as one that a user started. */
  public static StackException postgresRuns(Path cluster, String pid) {
    return new StackException(
        RUN_TIME,
        "%s: the Postgres server with the process id %s runs on this folder. End it (kill -INT %s), or use another folder with --data."
            .formatted(cluster, pid, pid),
        null);
  }

  // ------------------------------------------------------------------ ports and folders

  /** One line for each port, so that all are corrected in one go. */
  public static StackException portsInUse(List<String> ports) {
    return new StackException(
        RUN_TIME,
        "%s%nStop what holds %s, or choose others: --free-ports, or --postgres-port, --kafka-port, --connect-port, --cassandra-port."
            .formatted(
                String.join(System.lineSeparator(), ports), ports.size() == 1 ? "it" : "them"),
        null);
  }

  /** The line about one port for {@link #portsInUse}. */
  public static String portInUse(String component, int port, String holder) {
    return "Port %d, which %s needs, is in use by %s.".formatted(port, component, holder);
  }

  public static StackException folderInUse(Path dataFolder) {
    return new StackException(
        RUN_TIME,
        "Another process is starting or stopping the stack of %s. Wait for it, then try again."
            .formatted(dataFolder),
        null);
  }

  public static StackException alreadyRunning(Path dataFolder, String owner) {
    return new StackException(
        RUN_TIME,
        "The stack of %s is already running%s. Stop it first: ./millrace stack down"
            .formatted(dataFolder, owner),
        null);
  }

  public static StackException unreadableFile(Path file, Throwable cause) {
    return new StackException(
        WRONG_INPUT, "Cannot read %s: %s".formatted(file, reason(cause)), cause);
  }

  public static StackException unwritableFolder(Path folder, Throwable cause) {
    return new StackException(
        RUN_TIME,
        "Cannot write to %s: %s. Choose another folder with --data."
            .formatted(folder, reason(cause)),
        cause);
  }

  // ------------------------------------------------------------------ processes

  public static StackException died(String component, String exit, Path log, String endOfLog) {
    return new StackException(
        RUN_TIME,
        "%s died%s. The end of %s:%n%s".formatted(component, exit, log, indent(endOfLog)),
        null);
  }

  public static StackException notReady(
      String component, Duration waited, Throwable last, Path log, String endOfLog) {
    return new StackException(
        RUN_TIME,
        "%s was not ready after %d s%s. The end of %s:%n%s"
            .formatted(
                component,
                waited.toSeconds(),
                last == null ? "" : " (" + reason(last) + ")",
                log,
                indent(endOfLog)),
        last);
  }

  public static StackException commandFailed(String command, int exitCode, String output) {
    return new StackException(
        RUN_TIME,
        "%s failed with exit code %d:%n%s".formatted(command, exitCode, indent(output)),
        null);
  }

  public static StackException interrupted(String what, InterruptedException cause) {
    Thread.currentThread().interrupt();
    return new StackException(RUN_TIME, "Interrupted while " + what + ".", cause);
  }

  /** For a thread that would start something while the stack is being stopped. */
  public static StackException stopped() {
    return new StackException(RUN_TIME, "The stack is being stopped.", null);
  }

  // ------------------------------------------------------------------ Postgres

  public static StackException wrongPostgresPassword(Path dataFolder, Throwable cause) {
    return new StackException(
        WRONG_INPUT,
        "Postgres refuses the password of user postgres: %s was made with another one. Set POSTGRES_PASSWORD to it, or delete the folder to start over."
            .formatted(dataFolder),
        cause);
  }

  public static StackException postgresRefused(String what, Throwable cause) {
    return new StackException(
        RUN_TIME, "Postgres refuses to %s: %s".formatted(what, reason(cause)), cause);
  }

  /** In Postgres' own words, with its hint and the place in the statement. */
  public static StackException statementRefused(Throwable cause) {
    return new StackException(RUN_TIME, "Postgres: " + reason(cause), cause);
  }

  public static StackException initializationFailed(Path file, Throwable cause) {
    return new StackException(
        WRONG_INPUT, "Postgres refuses %s: %s".formatted(file, reason(cause)), cause);
  }

  // ------------------------------------------------------------------ Connect

  public static StackException invalidConnector(Path file, String problem) {
    return new StackException(
        WRONG_INPUT,
        "%s is not a connector: %s. Expected {\"name\": \"...\", \"config\": {\"key\": \"value\", ...}}."
            .formatted(file, problem),
        null);
  }

  public static StackException connectRefused(String request, int status, String message) {
    return new StackException(
        RUN_TIME,
        "Kafka Connect refuses %s (HTTP %d): %s".formatted(request, status, message),
        null);
  }

  public static StackException connectUnreachable(String url, Throwable cause) {
    return new StackException(
        RUN_TIME, "Kafka Connect does not answer at %s: %s".formatted(url, reason(cause)), cause);
  }

  public static StackException connectorFailed(String connector, String trace) {
    return new StackException(
        RUN_TIME, "Connector %s failed:%n%s".formatted(connector, indent(trace)), null);
  }

  public static StackException connectorNotReady(String connector, Duration waited, String state) {
    return new StackException(
        RUN_TIME,
        "Connector %s did not deliver a row within %d s: %s. See the log of Kafka Connect."
            .formatted(connector, waited.toSeconds(), state),
        null);
  }

  // ------------------------------------------------------------------ Kafka

  public static StackException kafkaRefused(String what, Throwable cause) {
    return new StackException(
        RUN_TIME, "Kafka refuses to %s: %s".formatted(what, reason(cause)), cause);
  }

  public static StackException recordLost(String topic) {
    return new StackException(
        RUN_TIME,
        "Kafka took a record for topic %s and does not hand it back. See its log.".formatted(topic),
        null);
  }

  // ------------------------------------------------------------------ Cassandra

  public static StackException cassandraUnreachable(String contactPoint, Throwable cause) {
    return new StackException(
        RUN_TIME,
        "Cassandra does not answer at %s: %s".formatted(contactPoint, reason(cause)),
        cause);
  }

  /** In Cassandra's own words. */
  public static StackException cqlRefused(Throwable cause) {
    return new StackException(RUN_TIME, "Cassandra: " + reason(cause), cause);
  }

  private static String reason(Throwable cause) {
    String message = cause.getMessage();
    return message == null || message.isBlank() ? cause.getClass().getSimpleName() : message;
  }

  private static String indent(String text) {
    return text.isBlank() ? "    (empty)" : text.stripTrailing().indent(4).stripTrailing();
  }
}
