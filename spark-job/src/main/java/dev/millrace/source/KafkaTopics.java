package dev.millrace.source;

import dev.millrace.config.KafkaSourceDefinition;
import dev.millrace.error.KafkaErrors;
import dev.millrace.error.UserException;
import dev.millrace.source.KafkaPositionCheck.Offsets;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** The topics of a source, as the broker knows them. Driver only. */
public final class KafkaTopics implements AutoCloseable {

  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final Duration POLL_INTERVAL = Duration.ofMillis(50);

  /** What a client reports whose servers' names stand for no address. */
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
    properties.put("default.api.timeout.ms", Long.toString(TIMEOUT.toMillis()));
    properties.put("request.timeout.ms", Long.toString(TIMEOUT.toMillis() / 2));
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
   * @throws UserException where no broker answers or the topics can't be described
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
   * @throws UserException where no broker answers or a topic does not exist
   */
  public void require() {
    Optional<Missing> missing = missing();
    if (missing.isPresent()) {
      throw missing.get().error();
    }
  }

  /** How many partitions a topic has; empty where there is no such topic. */
  public OptionalInt partitions(String topic) {
    return described(topic)
        .map(found -> OptionalInt.of(found.partitions().size()))
        .orElse(OptionalInt.empty());
  }

  private Optional<TopicDescription> described(String topic) {
    try {
      return Optional.of(admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic));
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException) {
        return Optional.empty();
      }
      throw unusable(e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /**
   * Kafka's identities of the source's topics, by name: another one once a topic is deleted and
   * created again. Topics that don't exist, or whose broker has no identities, are left out.
   *
   * @throws UserException where no broker answers
   */
  public Map<String, String> ids() {
    Map<String, String> ids = new TreeMap<>();
    for (String topic : source.topics()) {
      described(topic)
          .map(TopicDescription::topicId)
          .filter(id -> !id.equals(Uuid.ZERO_UUID))
          .ifPresent(id -> ids.put(topic, id.toString()));
    }
    return ids;
  }

  /**
   * The first and the last offset of every partition of the source's topics.
   *
   * @throws UserException where no broker answers
   */
  public Map<TopicPartition, Offsets> offsets() {
    Map<TopicPartition, OffsetSpec> first = new HashMap<>();
    Map<TopicPartition, OffsetSpec> last = new HashMap<>();
    for (String topic : source.topics()) {
      for (int partition = 0; partition < partitions(topic).orElse(0); partition++) {
        first.put(new TopicPartition(topic, partition), OffsetSpec.earliest());
        last.put(new TopicPartition(topic, partition), OffsetSpec.latest());
      }
    }
    try {
      var beginnings = admin.listOffsets(first).all().get();
      var ends = admin.listOffsets(last).all().get();
      Map<TopicPartition, Offsets> offsets =
          new TreeMap<>(
              Comparator.comparing(TopicPartition::topic)
                  .thenComparingInt(TopicPartition::partition));
      beginnings.forEach(
          (partition, beginning) ->
              offsets.put(
                  partition, new Offsets(beginning.offset(), ends.get(partition).offset())));
      return offsets;
    } catch (ExecutionException e) {
      throw unusable(e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private Optional<Missing> create(String topic, int partitions) {
    if (partitions(topic).isPresent()) {
      return Optional.empty();
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
        if (e.getCause() instanceof TimeoutException) {
          throw unusable(e);
        }
        return Optional.of(
            new Missing(
                topic, KafkaErrors.missingReplayTopic(topic, source.bootstrapServers(), e)));
      }
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
    awaitKnown(topic);
    return Optional.empty();
  }

  /** The controller answers for a new topic before every broker has heard of it. */
  private void awaitKnown(String topic) {
    long deadline = System.nanoTime() + TIMEOUT.toNanos();
    try {
      while (partitions(topic).isEmpty() && System.nanoTime() < deadline) {
        TimeUnit.MILLISECONDS.sleep(POLL_INTERVAL.toMillis());
      }
    } catch (InterruptedException e) {
      throw interrupted(e);
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

  private UserException unusable(ExecutionException failure) {
    return failure.getCause() instanceof TimeoutException
        ? KafkaErrors.silentBroker(source.bootstrapServers(), TIMEOUT, failure)
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
