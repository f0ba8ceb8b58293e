package dev.millrace.source;

import dev.millrace.config.KafkaSourceDefinition;
import dev.millrace.error.KafkaErrors;
import dev.millrace.event.SampledMessage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads some messages of a topic next to any query: no group, no position, committed records only.
 * Driver only.
 */
public final class KafkaSample {

  /** How long nothing may arrive although the broker has reported that there is something. */
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  /** A broker's fetch takes no longer while there is something to read. */
  private static final Duration POLL_INTERVAL = Duration.ofMillis(200);

  /** Messages of ten mebibytes must not fill the driver's memory. */
  private static final long MAX_BYTES = 64L << 20;

  private KafkaSample() {}

  /**
   * The oldest and the newest messages of each partition, half and half, in the order of time: old
   * ones show what a table was like, new ones what it is like.
   *
   * @param most about how many; all of a topic that has fewer. Fewer, too, where they are large
   * @return empty where the topic has none
   * @throws dev.millrace.error.UserException where the brokers can't be read
   */
  public static List<SampledMessage> read(KafkaSourceDefinition source, int most) {
    try (KafkaConsumer<byte[], byte[]> consumer = consumer(source)) {
      return new Reading(source, consumer, partitions(consumer, source)).read(most);
    } catch (KafkaException e) {
      throw KafkaErrors.unreachableBroker(source.bootstrapServers(), e);
    }
  }

  /**
   * Waits until a topic has more messages than that many.
   *
   * @param isStopped asked repeatedly
   * @return whether it has; not so if {@code isStopped} was first
   */
  public static boolean awaitMore(
      KafkaSourceDefinition source, int seen, BooleanSupplier isStopped) {
    try (KafkaConsumer<byte[], byte[]> consumer = consumer(source)) {
      List<TopicPartition> partitions = partitions(consumer, source);
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      int found = 0;
      while (found <= seen && !isStopped.getAsBoolean()) {
        found += consumer.poll(POLL_INTERVAL).count();
      }
      return found > seen;
    } catch (KafkaException e) {
      throw KafkaErrors.unreachableBroker(source.bootstrapServers(), e);
    }
  }

  private static KafkaConsumer<byte[], byte[]> consumer(KafkaSourceDefinition source) {
    Map<String, Object> properties = KafkaSource.clientProperties(source);
    properties.put("isolation.level", "read_committed");
    properties.put("enable.auto.commit", "false");
    properties.put("auto.offset.reset", "earliest");
    properties.put("allow.auto.create.topics", "false");
    return new KafkaConsumer<>(
        properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  private static List<TopicPartition> partitions(
      KafkaConsumer<byte[], byte[]> consumer, KafkaSourceDefinition source) {
    return consumer.partitionsFor(source.topic()).stream()
        .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
        .toList();
  }

  /** One reading of a topic. */
  private static final class Reading {

    private final KafkaSourceDefinition source;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Map<TopicPartition, Long> beginnings;
    private final Map<TopicPartition, Long> ends;
    private final Map<TopicPartition, Long> goals = new HashMap<>();
    private final List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    private long bytes;

    Reading(
        KafkaSourceDefinition source,
        KafkaConsumer<byte[], byte[]> consumer,
        List<TopicPartition> partitions) {
      this.source = source;
      this.consumer = consumer;
      this.beginnings = consumer.beginningOffsets(partitions);
      this.ends = consumer.endOffsets(partitions);
    }

    List<SampledMessage> read(int most) {
      long all = ends.keySet().stream().mapToLong(this::size).sum();
      Map<TopicPartition, Long> halves = new HashMap<>();
      for (TopicPartition partition : ends.keySet()) {
        if (size(partition) > 0) {
          // Of a large topic each partition gives by its size, and at least one at either end.
          long share = all <= most ? size(partition) : size(partition) * most / all;
          halves.put(partition, Math.max(1, (share + 1) / 2));
        }
      }
      halves.forEach(
          (partition, half) ->
              goals.put(
                  partition, Math.min(ends.get(partition), beginnings.get(partition) + half)));
      readFrom(beginnings, MAX_BYTES / 2);
      Map<TopicPartition, Long> tails = new HashMap<>();
      halves.forEach(
          (partition, half) ->
              tails.put(partition, Math.max(goals.get(partition), ends.get(partition) - half)));
      goals.putAll(ends);
      goals.keySet().retainAll(halves.keySet());
      readFrom(tails, MAX_BYTES);
      records.sort(Comparator.comparingLong(ConsumerRecord::timestamp));
      return records.stream()
          .map(message -> new SampledMessage(message.key(), message.value()))
          .toList();
    }

    private long size(TopicPartition partition) {
      return ends.get(partition) - beginnings.get(partition);
    }

    /** Reads every partition from its start to its goal, or until there are that many bytes. */
    private void readFrom(Map<TopicPartition, Long> starts, long mostBytes) {
      consumer.assign(goals.keySet());
      goals.keySet().forEach(partition -> consumer.seek(partition, starts.get(partition)));
      long before = -1;
      long deadline = 0;
      while (bytes < mostBytes && goals.entrySet().stream().anyMatch(this::isBefore)) {
        long position = goals.keySet().stream().mapToLong(consumer::position).sum();
        if (position != before) {
          before = position;
          deadline = System.nanoTime() + TIMEOUT.toNanos();
        } else if (System.nanoTime() > deadline) {
          throw KafkaErrors.silentTopic(source.topic(), source.bootstrapServers(), TIMEOUT);
        }
        for (ConsumerRecord<byte[], byte[]> message : consumer.poll(POLL_INTERVAL)) {
          TopicPartition partition = new TopicPartition(message.topic(), message.partition());
          if (message.offset() < goals.get(partition)) {
            records.add(message);
            bytes += message.serializedKeySize() + message.serializedValueSize();
          }
        }
      }
    }

    private boolean isBefore(Map.Entry<TopicPartition, Long> goal) {
      return consumer.position(goal.getKey()) < goal.getValue();
    }
  }
}
