package dev.millrace.stack.server;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * A command line tool of Kafka's own, run from the broker's class path.
 *
 * @param name as in {@code kafka-NAME.sh} of Kafka's distribution
 */
public record KafkaTool(String name, String mainClass) {

  private static final String BOOTSTRAP_SERVER = "--bootstrap-server";
  private static final Map<String, String> MAIN_CLASSES =
      new TreeMap<>(
          Map.of(
              "topics", "org.apache.kafka.tools.TopicCommand",
              "console-producer", "org.apache.kafka.tools.ConsoleProducer",
              "console-consumer", "org.apache.kafka.tools.consumer.ConsoleConsumer",
              "consumer-groups", "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
              "configs", "kafka.admin.ConfigCommand",
              "get-offsets", "org.apache.kafka.tools.GetOffsetShell",
              "delete-records", "org.apache.kafka.tools.DeleteRecordsCommand",
              "transactions", "org.apache.kafka.tools.TransactionsCommand",
              "log-dirs", "org.apache.kafka.tools.LogDirsCommand",
              "metadata-quorum", "org.apache.kafka.tools.MetadataQuorumCommand"));

  /** Empty where Kafka has no such tool, or none that is of use on one node. */
  public static Optional<KafkaTool> named(String name) {
    return Optional.ofNullable(MAIN_CLASSES.get(name))
        .map(mainClass -> new KafkaTool(name, mainClass));
  }

  public static Set<String> names() {
    return MAIN_CLASSES.keySet();
  }

  /** Whether the arguments leave open which broker is meant. */
  public static boolean lacksBootstrapServer(List<String> arguments) {
    return arguments.stream()
        .noneMatch(
            argument ->
                argument.equals(BOOTSTRAP_SERVER) || argument.startsWith(BOOTSTRAP_SERVER + "="));
  }

  /** The arguments with the broker added in front. */
  public static List<String> withBootstrapServer(List<String> arguments, String server) {
    List<String> complete = new ArrayList<>(List.of(BOOTSTRAP_SERVER, server));
    complete.addAll(arguments);
    return complete;
  }

  /**
   * The command that runs it.
   *
   * @param home the project's folder
   * @param scratch a folder for the tool's settings
   */
  public List<String> command(Path home, Path scratch, List<String> arguments) {
    return new JavaProgram(KafkaBroker.classPathFile(home), mainClass)
        .command(
            List.of(
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dlog4j2.configurationFile=" + ServerFiles.toolLogging(scratch)),
            arguments);
  }
}
