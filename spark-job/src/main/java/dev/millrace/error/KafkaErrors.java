package dev.millrace.error;

import java.time.Duration;

/** The part of the catalogue for brokers and topics of a source. */
public final class KafkaErrors {

  private static final String START_OR_NAME_A_BROKER =
      "Start one (./millrace stack up), or name another with KAFKA_BOOTSTRAP_SERVERS or --set"
          + " source.kafka.bootstrap-servers=HOST:PORT.";

  private KafkaErrors() {}

  /** A source topic that does not exist. */
  public static UserException missingTopic(String topic, String servers, boolean isOfDebezium) {
    String fix =
        isOfDebezium
            ? "Register the connector (it creates the topic with the first row)"
            : "Create it";
    return RunErrors.runTime(
        null,
        "source.kafka.topic: the broker at %s has no topic '%s'. %s, or name another with KAFKA_TOPIC or --set source.kafka.topic=NAME."
            .formatted(servers, topic, fix));
  }

  /** A topic for corrected messages that can't be made. */
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

  /**
   * One line for the progress of a run.
   *
   * @param problem a clause, such as {@link #noBroker}
   */
  public static String stillTrying(String problem, Duration retryTimeout, Duration pause) {
    return "%s; trying again in %d s, for %d s in all (source.kafka.retry-timeout)"
        .formatted(problem, pause.toSeconds(), retryTimeout.toSeconds());
  }

  /** A clause for {@link #stillTrying}. */
  public static String noBroker(String servers) {
    return "no Kafka broker answers at " + servers;
  }

  /** A clause for {@link #stillTrying}. */
  public static String noTopicYet(String topic, String servers) {
    return "there is no topic '%s' at %s yet".formatted(topic, servers);
  }

  /** A topic whose messages don't arrive, although the brokers say that there are some. */
  public static UserException silentTopic(String topic, String servers, Duration waited) {
    return RunErrors.runTime(
        null,
        "source.kafka.topic: the broker at %s has sent no message of topic '%s' for %d s, although it has some. Check that every partition has a leader (./millrace kafka topics --describe --topic %s), and run the command again."
            .formatted(servers, topic, waited.toSeconds(), topic));
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
