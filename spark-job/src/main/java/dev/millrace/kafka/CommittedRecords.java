package dev.millrace.kafka;

import dev.millrace.error.KafkaErrors;
import dev.millrace.error.UserException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Records of committed transactions, read by a client that has no group, keeps no position and
 * creates no topic. A read ends at an offset that is known when it begins, or fails after {@link
 * #TIMEOUT} without progress; {@link #awaitMore} alone waits for new records. Driver and executors;
 * for one thread.
 *
 * <p>What goes wrong is a {@link KafkaException}, as in Kafka's own client.
 */
public final class CommittedRecords implements AutoCloseable {

  /** How long nothing may arrive although the broker has reported that there is something. */
  public static final Duration TIMEOUT = Duration.ofSeconds(60);

  /** A user waits no longer than this for the first response. */
  private static final Duration FIRST_RESPONSE_TIMEOUT = Duration.ofSeconds(10);

  /** A broker's fetch takes no longer while there is something to read. */
  private static final Duration POLL = Duration.ofMillis(200);

  private static final long FIRST_LOOK_BACK = 64;

  private static final Map<String, String> DEFAULTS =
      Map.of("max.partition.fetch.bytes", "10485760");

  private static final Map<String, String> REQUIRED =
      Map.of(
          "isolation.level", "read_committed",
          "enable.auto.commit", "false",
          "allow.auto.create.topics", "false",
          "auto.offset.reset", "earliest");

  private final Duration stallTimeout;
  private final KafkaConsumer<byte[], byte[]> consumer;

  /** Records that a broker has reported did not arrive. */
  private static final class StalledException extends TimeoutException {

    private static final long serialVersionUID = 1L;

    private final String topic;

    StalledException(String topic, Duration waited) {
      super("no message of topic %s arrived for %d s".formatted(topic, waited.toSeconds()));
      this.topic = topic;
    }
  }

  /** Opens a client whose questions may each take {@link #TIMEOUT}; no broker is asked yet. */
  public CommittedRecords(KafkaConnection connection) {
    this(connection, TIMEOUT, TIMEOUT);
  }

  private CommittedRecords(
      KafkaConnection connection, Duration responseTimeout, Duration stallTimeout) {
    this.stallTimeout = stallTimeout;
    Map<String, Object> properties = connection.client(DEFAULTS, REQUIRED);
    properties.put("request.timeout.ms", Long.toString(responseTimeout.toMillis() / 2));
    properties.put("default.api.timeout.ms", Long.toString(responseTimeout.toMillis()));
    this.consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /**
   * Reads what a user has asked for.
   *
   * @throws UserException where the brokers can't be read
   */
  public static <T> T read(KafkaConnection connection, Function<CommittedRecords, T> reading) {
    return read(connection, FIRST_RESPONSE_TIMEOUT, TIMEOUT, reading);
  }

  /**
   * Reads with other timeouts.
   *
   * @param responseTimeout how long each question to a broker may take
   * @param stallTimeout how long nothing may arrive although there is something
   */
  static <T> T read(
      KafkaConnection connection,
      Duration responseTimeout,
      Duration stallTimeout,
      Function<CommittedRecords, T> reading) {
    try (CommittedRecords records =
        new CommittedRecords(connection, responseTimeout, stallTimeout)) {
      return reading.apply(records);
    } catch (StalledException e) {
      throw KafkaErrors.silentTopic(e.topic, connection.servers(), stallTimeout);
    } catch (TimeoutException e) {
      throw KafkaErrors.silentBroker(connection.servers(), responseTimeout, e);
    } catch (KafkaException e) {
      throw KafkaErrors.unreachableBroker(connection.servers(), e);
    }
  }

  /** The partitions of a topic, in their order; empty if the topic does not exist. */
  public List<TopicPartition> partitions(String topic) {
    List<PartitionInfo> found = consumer.partitionsFor(topic);
    return found == null
        ? List.of()
        : found.stream()
            .map(each -> new TopicPartition(each.topic(), each.partition()))
            .sorted(Comparator.comparingInt(TopicPartition::partition))
            .toList();
  }

  /** What is committed in some partitions now. */
  public Map<TopicPartition, OffsetRange> ranges(Collection<TopicPartition> partitions) {
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    Map<TopicPartition, OffsetRange> ranges = new HashMap<>();
    consumer
        .beginningOffsets(partitions)
        .forEach(
            (partition, first) ->
                ranges.put(partition, new OffsetRange(first, ends.get(partition))));
    return ranges;
  }

  /**
   * Hands over the records of some ranges, those of a partition in the order of their offsets,
   * until {@code action} returns false.
   */
  public void read(
      Map<TopicPartition, OffsetRange> ranges, Predicate<ConsumerRecord<byte[], byte[]>> action) {
    consumer.assign(ranges.keySet());
    ranges.forEach((partition, range) -> consumer.seek(partition, range.first()));
    long before = -1;
    long deadline = 0;
    while (true) {
      long missing = 0;
      for (Map.Entry<TopicPartition, OffsetRange> range : ranges.entrySet()) {
        missing += Math.max(0, range.getValue().end() - consumer.position(range.getKey()));
      }
      if (missing == 0) {
        return;
      }
      if (missing != before) {
        before = missing;
        deadline = System.nanoTime() + stallTimeout.toNanos();
      } else if (System.nanoTime() > deadline) {
        throw new StalledException(ranges.keySet().iterator().next().topic(), stallTimeout);
      }
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        TopicPartition partition = new TopicPartition(record.topic(), record.partition());
        if (record.offset() < ranges.get(partition).end() && !action.test(record)) {
          return;
        }
      }
    }
  }

  /**
   * Hands over the records of some partitions up to what is committed now.
   *
   * @param from the first offset of each; what was deleted since is left out
   */
  public void forEach(
      Map<TopicPartition, Long> from, Consumer<ConsumerRecord<byte[], byte[]>> action) {
    Map<TopicPartition, OffsetRange> ranges = ranges(from.keySet());
    ranges.replaceAll(
        (partition, range) ->
            new OffsetRange(Math.max(from.get(partition), range.first()), range.end()));
    read(
        ranges,
        record -> {
          action.accept(record);
          return true;
        });
  }

  /** Hands over all records of a topic; none if it does not exist. */
  public void forEach(String topic, Consumer<ConsumerRecord<byte[], byte[]>> action) {
    Map<TopicPartition, Long> from = new HashMap<>();
    partitions(topic).forEach(partition -> from.put(partition, 0L));
    forEach(from, action);
  }

  /** The newest records of a topic by time, oldest first. */
  public List<ConsumerRecord<byte[], byte[]>> newest(String topic, int count) {
    List<ConsumerRecord<byte[], byte[]>> newest = new ArrayList<>();
    for (TopicPartition partition : partitions(topic)) {
      newest.addAll(newest(partition, count, record -> true));
    }
    newest.sort(
        Comparator.comparingLong((ConsumerRecord<byte[], byte[]> each) -> each.timestamp())
            .thenComparingInt(ConsumerRecord::partition)
            .thenComparingLong(ConsumerRecord::offset));
    return List.copyOf(newest.subList(Math.max(0, newest.size() - count), newest.size()));
  }

  /**
   * The newest records of a partition that are wanted, oldest first. Offsets have gaps, so it looks
   * back further and further until there are enough.
   */
  public Collection<ConsumerRecord<byte[], byte[]>> newest(
      TopicPartition partition, int count, Predicate<ConsumerRecord<byte[], byte[]>> isWanted) {
    OffsetRange all = ranges(List.of(partition)).get(partition);
    for (long lookBack = Math.max(FIRST_LOOK_BACK, 2L * count); ; lookBack *= 8) {
      long from = Math.max(all.first(), all.end() - lookBack);
      Deque<ConsumerRecord<byte[], byte[]>> found = new ArrayDeque<>();
      read(
          Map.of(partition, new OffsetRange(from, all.end())),
          record -> {
            if (isWanted.test(record)) {
              found.add(record);
              if (found.size() > count) {
                found.remove();
              }
            }
            return true;
          });
      if (found.size() == count || from == all.first()) {
        return found;
      }
    }
  }

  /**
   * Waits until a topic has more records than that many.
   *
   * @param isStopped asked repeatedly
   * @return whether it has; not so if {@code isStopped} was first
   */
  public boolean awaitMore(String topic, int seen, BooleanSupplier isStopped) {
    List<TopicPartition> partitions = partitions(topic);
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    int found = 0;
    while (found <= seen && !isStopped.getAsBoolean()) {
      found += consumer.poll(POLL).count();
    }
    return found > seen;
  }

  @Override
  public void close() {
    consumer.close(Duration.ZERO);
  }
}
