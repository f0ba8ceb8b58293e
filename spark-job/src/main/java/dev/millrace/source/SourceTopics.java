package dev.millrace.source;

import dev.millrace.config.KafkaSourceDefinition;
import dev.millrace.error.KafkaErrors;
import dev.millrace.error.UserException;
import dev.millrace.kafka.KafkaConnection;
import dev.millrace.kafka.KafkaTopics;
import dev.millrace.kafka.OffsetRange;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.TimeoutException;

/**
 * The topics of a source, as the broker knows them. Driver only.
 *
 * <p>Each question throws a {@link UserException} where no broker answers.
 */
public final class SourceTopics implements AutoCloseable {

  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  /** What a client reports whose servers' names stand for no address. */
  private static final String UNRESOLVED = "No resolvable bootstrap urls";

  private final KafkaSourceDefinition source;
  private final KafkaTopics topics;

  /**
   * Opens a client; no broker is asked yet.
   *
   * @throws UserException where the source's options are none that a client takes
   */
  public SourceTopics(KafkaSourceDefinition source) {
    this.source = source;
    this.topics = ask(() -> new KafkaTopics(KafkaConnection.of(source), TIMEOUT));
  }

  /**
   * A topic that does not exist.
   *
   * @param error reports it, and how to fix it
   */
  record Missing(String topic, UserException error) {}

  /**
   * Makes sure that every topic of the source exists. The replay topic is created if it is missing,
   * with as many partitions as the source's topic has.
   *
   * @return the first that is missing; empty if none is
   */
  Optional<Missing> missing() {
    OptionalInt partitions = partitions(source.topic());
    if (partitions.isEmpty()) {
      return Optional.of(
          new Missing(
              source.topic(),
              KafkaErrors.missingTopic(
                  source.topic(),
                  source.bootstrapServers(),
                  source.format() == KafkaSourceDefinition.Format.DEBEZIUM_JSON)));
    }
    return source.replayTopic().flatMap(topic -> create(topic, partitions.getAsInt()));
  }

  /**
   * The same without waiting.
   *
   * @throws UserException where a topic does not exist, too
   */
  public void require() {
    Optional<Missing> missing = missing();
    if (missing.isPresent()) {
      throw missing.get().error();
    }
  }

  /** How many partitions a topic has; empty if it does not exist. */
  public OptionalInt partitions(String topic) {
    return ask(() -> topics.described(topic))
        .map(found -> OptionalInt.of(found.partitions().size()))
        .orElse(OptionalInt.empty());
  }

  /**
   * Kafka's identities of the source's topics, by name: another one once a topic is deleted and
   * created again. Topics that don't exist, or whose broker has no identities, are left out.
   */
  public Map<String, String> ids() {
    Map<String, String> ids = new TreeMap<>();
    for (String topic : source.topics()) {
      ask(() -> topics.described(topic))
          .map(TopicDescription::topicId)
          .filter(id -> !id.equals(Uuid.ZERO_UUID))
          .ifPresent(id -> ids.put(topic, id.toString()));
    }
    return ids;
  }

  /** The offsets of every partition of the source's topics. */
  public Map<TopicPartition, OffsetRange> offsets() {
    return ask(() -> topics.offsets(source.topics()));
  }

  private Optional<Missing> create(String topic, int partitions) {
    NewTopic replays =
        new NewTopic(topic, Optional.of(partitions), Optional.empty())
            .configs(Map.of("retention.ms", "-1", "max.message.bytes", "16777216"));
    try {
      topics.existing(replays);
      return Optional.empty();
    } catch (TimeoutException e) {
      throw unusable(e);
    } catch (KafkaException e) {
      return Optional.of(
          new Missing(topic, KafkaErrors.missingReplayTopic(topic, source.bootstrapServers(), e)));
    }
  }

  /**
   * Whether a failure is due to a missing broker: one that comes up, or gets its name, fixes it.
   */
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

  private <T> T ask(Supplier<T> question) {
    try {
      return question.get();
    } catch (KafkaException e) {
      throw unusable(e);
    }
  }

  private UserException unusable(KafkaException failure) {
    return failure instanceof TimeoutException
        ? KafkaErrors.silentBroker(source.bootstrapServers(), TIMEOUT, failure)
        : KafkaErrors.unreachableBroker(source.bootstrapServers(), failure);
  }

  @Override
  public void close() {
    topics.close();
  }
}
