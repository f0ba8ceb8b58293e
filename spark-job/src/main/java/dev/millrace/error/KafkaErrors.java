package dev.millrace.error;

import java.time.Duration;

/** The part of the catalogue for brokers and topics of a source. */
public final class KafkaErrors {

  private static final String START_OR_NAME_A_BROKER =
      "Start one (./millrace stack up), or name another with KAFKA_BOOTSTRAP_SERVERS or --set"
          + " source.kafka.bootstrap-servers=HOST:PORT.";

  private KafkaErrors() {}

  /** A source topic that does not exist. */
  public static UserException missingTopic(String topic, String servers, Throwable cause) {
    return RunErrors.runTime(
        cause,
        "source.kafka.topic: the broker at "
            + servers
            + " has no topic '"
            + topic
            + "'. Expected the topic that Debezium writes: register the connector (it creates the"
            + " topic with the first row), or name another with KAFKA_TOPIC or --set"
            + " source.kafka.topic=NAME.");
  }

  /** A topic for mended messages that can't be made. */
  public static UserException missingReplayTopic(String topic, String servers, Throwable cause) {
    return RunErrors.runTime(
        cause,
        "source.kafka.replay-topic: the broker at "
            + servers
            + " has no topic '"
            + topic
            + "', and it can't be made ("
            + RunErrors.rootMessage(cause)
            + "). Create it with as many partitions as source.kafka.topic has, or remove the key"
            + " to go without replays.");
  }

  /** A broker that does not answer at all. */
  public static UserException silentBroker(String servers, Duration waited, Throwable cause) {
    return RunErrors.runTime(
        cause,
        "source.kafka.bootstrap-servers: no Kafka broker answered at "
            + servers
            + " within "
            + waited.toSeconds()
            + " s. "
            + START_OR_NAME_A_BROKER);
  }

  /** One line for the progress of a run. */
  public static String stillTrying(String servers, Duration patience, Duration pause) {
    return "no Kafka broker answers at %s; trying again in %d s, for %d s in all (source.kafka.patience)"
        .formatted(servers, pause.toSeconds(), patience.toSeconds());
  }

  /** A broker that can't be used. */
  public static UserException unreachableBroker(String servers, Throwable cause) {
    return RunErrors.runTime(
        cause,
        "source.kafka.bootstrap-servers: can't reach Kafka at "
            + servers
            + " ("
            + RunErrors.rootMessage(cause)
            + "). "
            + START_OR_NAME_A_BROKER);
  }
}
