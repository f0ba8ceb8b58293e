package dev.millrace.simulator.error;

import picocli.CommandLine.ExitCode;

/** What can be wrong with Kafka. */
public final class KafkaErrors {

  private KafkaErrors() {}

  /** No broker answers. */
  public static SimulatorException cannotReach(String bootstrapServers, Throwable cause) {
    return new SimulatorException(
        ExitCode.SOFTWARE,
        "Cannot reach Kafka at %s: %s. Start it (./millrace stack up), or say where it is with --bootstrap-servers or KAFKA_BOOTSTRAP_SERVERS."
            .formatted(bootstrapServers, detail(cause)),
        cause);
  }

  /** The broker answers and does not have the topic. */
  public static SimulatorException noTopic(String bootstrapServers, String topic) {
    return new SimulatorException(
        ExitCode.SOFTWARE,
        "No topic '%s' at %s. Let it be created with --create-topic, or name another one with --topic."
            .formatted(topic, bootstrapServers),
        null);
  }

  /** Messages were not taken. */
  public static SimulatorException cannotSend(
      String bootstrapServers, String topic, Throwable cause) {
    return new SimulatorException(
        ExitCode.SOFTWARE,
        "Cannot write to topic '%s' at %s: %s. What was acknowledged is in the topic; run again once Kafka is back."
            .formatted(topic, bootstrapServers, detail(cause)),
        cause);
  }

  /** Of a chain of failures the one that tells: the others say that something failed. */
  private static String detail(Throwable cause) {
    Throwable root = rootOf(cause);
    String message =
        root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
    return message.lines().findFirst().orElse("").replaceFirst("\\.$", "");
  }

  private static Throwable rootOf(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }
}
