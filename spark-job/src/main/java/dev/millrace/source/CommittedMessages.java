package dev.millrace.source;

import dev.millrace.error.KafkaErrors;
import dev.millrace.error.UserException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Messages of committed transactions, read by a client that has no group and keeps no position.
 * Driver only.
 */
public final class CommittedMessages implements AutoCloseable {

  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final Duration FIRST_RESPONSE_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration POLL = Duration.ofMillis(500);

  private final String servers;
  private final KafkaConsumer<byte[], byte[]> consumer;

  /**
   * Opens a client; no broker is asked yet.
   *
   * @param clientProperties in Kafka's names, {@code bootstrap.servers} among them
   */
  public CommittedMessages(Map<String, Object> clientProperties) {
    Map<String, Object> properties = new HashMap<>();
    properties.put("max.partition.fetch.bytes", "10485760");
    properties.putAll(clientProperties);
    properties.put("isolation.level", "read_committed");
    properties.put("enable.auto.commit", "false");
    properties.put("allow.auto.create.topics", "false");
    properties.put("auto.offset.reset", "earliest");
    properties.put("default.api.timeout.ms", Long.toString(FIRST_RESPONSE_TIMEOUT.toMillis()));
    this.servers = clientProperties.get("bootstrap.servers").toString();
    try {
      this.consumer =
          new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    } catch (KafkaException e) {
      throw KafkaErrors.unreachableBroker(servers, e);
    }
  }

  /**
   * The partitions of a topic; none where there is no such topic.
   *
   * @throws UserException where no broker answers
   */
  public List<TopicPartition> partitions(String topic) {
    try {
      List<PartitionInfo> found = consumer.partitionsFor(topic);
      return found == null
          ? List.of()
          : found.stream()
              .map(each -> new TopicPartition(each.topic(), each.partition()))
              .sorted(Comparator.comparingInt(TopicPartition::partition))
              .toList();
    } catch (TimeoutException e) {
      throw KafkaErrors.silentBroker(servers, FIRST_RESPONSE_TIMEOUT, e);
    } catch (KafkaException e) {
      throw KafkaErrors.unreachableBroker(servers, e);
    }
  }

  /**
   * Hands over the messages of some partitions, each in the order of its offsets, up to what is
   * committed now.
   *
   * @param from the first offset of each partition; what was deleted since is left out
   */
  public void forEach(
      Map<TopicPartition, Long> from, Consumer<ConsumerRecord<byte[], byte[]>> action) {
    if (from.isEmpty()) {
      return;
    }
    Map<TopicPartition, Long> ends = consumer.endOffsets(from.keySet(), TIMEOUT);
    Map<TopicPartition, Long> beginnings = consumer.beginningOffsets(from.keySet(), TIMEOUT);
    consumer.assign(from.keySet());
    from.forEach(
        (partition, offset) ->
            consumer.seek(partition, Math.max(offset, beginnings.get(partition))));
    long before = -1;
    long deadline = 0;
    while (true) {
      long missing = 0;
      for (TopicPartition partition : from.keySet()) {
        missing += Math.max(0, ends.get(partition) - consumer.position(partition, TIMEOUT));
      }
      if (missing == 0) {
        return;
      }
      if (missing != before) {
        before = missing;
        deadline = System.nanoTime() + TIMEOUT.toNanos();
      } else if (System.nanoTime() > deadline) {
        throw KafkaErrors.silentBroker(servers, TIMEOUT, null);
      }
      for (ConsumerRecord<byte[], byte[]> message : consumer.poll(POLL)) {
        if (message.offset() < ends.get(new TopicPartition(message.topic(), message.partition()))) {
          action.accept(message);
        }
      }
    }
  }

  /** All messages of a topic; none where there is no such topic. */
  public void forEach(String topic, Consumer<ConsumerRecord<byte[], byte[]>> action) {
    Map<TopicPartition, Long> from = new LinkedHashMap<>();
    partitions(topic).forEach(partition -> from.put(partition, 0L));
    forEach(from, action);
  }

  /** The last messages of a topic by time, oldest first. */
  public List<ConsumerRecord<byte[], byte[]>> last(String topic, int count) {
    List<ConsumerRecord<byte[], byte[]>> last = new ArrayList<>();
    for (TopicPartition partition : partitions(topic)) {
      last.addAll(last(partition, count));
    }
    last.sort(
        Comparator.comparingLong((ConsumerRecord<byte[], byte[]> each) -> each.timestamp())
            .thenComparingInt(ConsumerRecord::partition)
            .thenComparingLong(ConsumerRecord::offset));
    return List.copyOf(last.subList(Math.max(0, last.size() - count), last.size()));
  }

  /** Offsets have gaps, so it looks back further until there are enough. */
  private List<ConsumerRecord<byte[], byte[]>> last(TopicPartition partition, int count) {
    long end = consumer.endOffsets(List.of(partition), TIMEOUT).get(partition);
    long beginning = consumer.beginningOffsets(List.of(partition), TIMEOUT).get(partition);
    for (long lookBack = 2L * count; ; lookBack *= 8) {
      long from = Math.max(beginning, end - lookBack);
      List<ConsumerRecord<byte[], byte[]>> found = new ArrayList<>();
      forEach(
          Map.of(partition, from),
          message -> {
            found.add(message);
            if (found.size() > count) {
              found.remove(0);
            }
          });
      if (found.size() >= count || from == beginning) {
        return found;
      }
    }
  }

  @Override
  public void close() {
    consumer.close(Duration.ZERO);
  }
}
