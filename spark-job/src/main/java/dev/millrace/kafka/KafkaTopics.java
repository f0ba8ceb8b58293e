package dev.millrace.kafka;

import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.ConcurrentTransactionsException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * The topics of a cluster, asked and administered. Driver only.
 *
 * <p>What goes wrong is a {@link KafkaException}, as in Kafka's own clients: a {@link
 * TimeoutException} where no broker answers in time, an {@link InterruptException} where the thread
 * is interrupted.
 */
public final class KafkaTopics implements AutoCloseable {

  private static final Duration POLL_INTERVAL = Duration.ofMillis(50);

  private final Duration timeout;
  private final Admin admin;

  /**
   * Opens a client; no broker is asked yet.
   *
   * @param timeout of each question
   */
  public KafkaTopics(KafkaConnection connection, Duration timeout) {
    this.timeout = timeout;
    this.admin =
        Admin.create(
            connection.client(
                Map.of(),
                Map.of(
                    "default.api.timeout.ms", Long.toString(timeout.toMillis()),
                    "request.timeout.ms", Long.toString(timeout.toMillis() / 2))));
  }

  /** The names of all topics that the user may see, except the cluster's own. */
  public Set<String> names() {
    return await(admin.listTopics().names());
  }

  /** A topic; empty where it does not exist. */
  public Optional<TopicDescription> described(String topic) {
    try {
      return Optional.of(await(admin.describeTopics(List.of(topic)).allTopicNames()).get(topic));
    } catch (UnknownTopicOrPartitionException e) {
      return Optional.empty();
    }
  }

  /**
   * A topic, created where it does not exist. It looks first: a topic that exists needs no right to
   * create one. Returns once the brokers know it.
   */
  public TopicDescription existing(NewTopic topic) {
    Optional<TopicDescription> found = described(topic.name());
    if (found.isPresent()) {
      return found.get();
    }
    try {
      await(admin.createTopics(List.of(topic)).all());
    } catch (TopicExistsException e) {
      // Another writer was quicker.
    }
    return describedOnceKnown(topic.name());
  }

  /** The controller answers for a new topic before every broker has heard of it (KRaft). */
  private TopicDescription describedOnceKnown(String topic) {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (true) {
      Optional<TopicDescription> found = described(topic);
      if (found.isPresent()) {
        return found.get();
      }
      if (System.nanoTime() > deadline) {
        throw new TimeoutException("topic " + topic + " was created and can't be found");
      }
      pause();
    }
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(POLL_INTERVAL.toMillis());
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }

  /** The value of a topic's setting, such as {@code cleanup.policy}. */
  public String setting(String topic, String name) {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    return await(admin.describeConfigs(List.of(resource)).all()).get(resource).get(name).value();
  }

  /** Every partition of some topics that exist, by topic and number. */
  public Map<TopicPartition, OffsetRange> offsets(Collection<String> topics) {
    Map<TopicPartition, OffsetSpec> first = new HashMap<>();
    Map<TopicPartition, OffsetSpec> last = new HashMap<>();
    for (String topic : topics) {
      for (TopicPartitionInfo info :
          described(topic).map(TopicDescription::partitions).orElse(List.of())) {
        TopicPartition partition = new TopicPartition(topic, info.partition());
        first.put(partition, OffsetSpec.earliest());
        last.put(partition, OffsetSpec.latest());
      }
    }
    Map<TopicPartition, ListOffsetsResultInfo> ends = await(admin.listOffsets(last).all());
    Map<TopicPartition, OffsetRange> offsets =
        new TreeMap<>(
            Comparator.comparing(TopicPartition::topic)
                .thenComparingInt(TopicPartition::partition));
    await(admin.listOffsets(first).all())
        .forEach(
            (partition, beginning) ->
                offsets.put(
                    partition, new OffsetRange(beginning.offset(), ends.get(partition).offset())));
    return offsets;
  }

  /** Adds partitions to a topic until it has that many. */
  public void growTo(String topic, int partitions) {
    await(admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(partitions))).all());
  }

  /**
   * Aborts what producers of these transactional ids have open; those producers can write no more.
   * Returns once it is aborted.
   */
  public void fence(Collection<String> transactionalIds) {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (true) {
      try {
        await(admin.fenceProducers(transactionalIds).all());
        return;
      } catch (ConcurrentTransactionsException e) {
        // This client takes a broker's answer that it is aborting for a failure (KAFKA-16570).
        if (System.nanoTime() > deadline) {
          throw e;
        }
      }
      pause();
    }
  }

  public void delete(Collection<String> topics) {
    await(admin.deleteTopics(topics).all());
  }

  private <T> T await(KafkaFuture<T> answer) {
    try {
      return answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof KafkaException failure
          ? failure
          : new KafkaException(e.getCause());
    } catch (java.util.concurrent.TimeoutException e) {
      throw new TimeoutException(e);
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }

  @Override
  public void close() {
    admin.close(Duration.ZERO);
  }
}
