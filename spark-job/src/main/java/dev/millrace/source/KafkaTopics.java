package dev.millrace.source;

import dev.millrace.config.KafkaSourceDefinition;
import dev.millrace.error.KafkaErrors;
import dev.millrace.error.UserException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** The topics of a source, as the broker knows them. Driver only. */
public final class KafkaTopics implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration LOOK_AGAIN = Duration.ofMillis(50);

  /** What a client says whose servers' names stand for no address. */
  private static final String UNRESOLVED = "No resolvable bootstrap urls";

  private static final String CLIENT_OPTION = "kafka.";

  private final KafkaSourceDefinition source;
  private final Admin admin;

  /**
   * Opens a client; no broker is asked yet.
   *
   * @throws UserException where the source's options are none that a client takes
   */
  public KafkaTopics(KafkaSourceDefinition source) {
    this.source = source;
    Map<String, Object> properties = clientProperties(source);
    properties.put("default.api.timeout.ms", Long.toString(PATIENCE.toMillis()));
    properties.put("request.timeout.ms", Long.toString(PATIENCE.toMillis() / 2));
    try {
      this.admin = Admin.create(properties);
    } catch (KafkaException e) {
      throw KafkaErrors.unreachableBroker(source.bootstrapServers(), e);
    }
  }

  /** What a client needs to reach the source's brokers, in Kafka's names. */
  public static Map<String, Object> clientProperties(KafkaSourceDefinition source) {
    Map<String, Object> properties = new HashMap<>();
    source
        .options()
        .forEach(
            (key, value) -> {
              if (key.startsWith(CLIENT_OPTION)) {
                properties.put(key.substring(CLIENT_OPTION.length()), value);
              }
            });
    properties.put("bootstrap.servers", source.bootstrapServers());
    return properties;
  }

  /**
   * Makes sure that every topic of the source is there. The one for mended messages is made where
   * it is missing, with as many partitions as the source's.
   *
   * @throws UserException where no broker answers or the topic does not exist
   */
  public void require() {
    int partitions =
        partitions(source.topic())
            .orElseThrow(
                () -> KafkaErrors.missingTopic(source.topic(), source.bootstrapServers(), null));
    source.replayTopic().ifPresent(topic -> create(topic, partitions));
  }

  /** How many partitions a topic has; empty where there is no such topic. */
  public OptionalInt partitions(String topic) {
    try {
      return OptionalInt.of(
          admin
              .describeTopics(List.of(topic))
              .allTopicNames()
              .get()
              .get(topic)
              .partitions()
              .size());
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException) {
        return OptionalInt.empty();
      }
      throw unusable(e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private void create(String topic, int partitions) {
    if (partitions(topic).isPresent()) {
      return;
    }
    try {
      admin
          .createTopics(
              List.of(
                  new NewTopic(topic, Optional.of(partitions), Optional.empty())
                      .configs(Map.of("retention.ms", "-1", "max.message.bytes", "16777216"))))
          .all()
          .get();
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof TopicExistsException)) {
        throw e.getCause() instanceof TimeoutException
            ? unusable(e)
            : KafkaErrors.missingReplayTopic(topic, source.bootstrapServers(), e);
      }
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
    awaitKnown(topic);
  }

  /** The controller answers for a new topic before every broker has heard of it. */
  private void awaitKnown(String topic) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    try {
      while (partitions(topic).isEmpty() && System.nanoTime() < deadline) {
        TimeUnit.MILLISECONDS.sleep(LOOK_AGAIN.toMillis());
      }
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** Whether a failure is for want of a broker: one that comes up, or gets its name, mends it. */
  static boolean isOutage(UserException failure) {
    Throwable cause = failure.getCause();
    while (cause != null
        && !(cause instanceof TimeoutException)
        && !(cause instanceof ConfigException)) {
      cause = cause.getCause();
    }
    return cause instanceof TimeoutException
        || (cause != null && String.valueOf(cause.getMessage()).contains(UNRESOLVED));
  }

  private UserException unusable(ExecutionException failure) {
    return failure.getCause() instanceof TimeoutException
        ? KafkaErrors.silentBroker(source.bootstrapServers(), PATIENCE, failure)
        : KafkaErrors.unreachableBroker(source.bootstrapServers(), failure.getCause());
  }

  private UserException interrupted(InterruptedException interruption) {
    Thread.currentThread().interrupt();
    return KafkaErrors.unreachableBroker(source.bootstrapServers(), interruption);
  }

  @Override
  public void close() {
    admin.close(Duration.ZERO);
  }
}
