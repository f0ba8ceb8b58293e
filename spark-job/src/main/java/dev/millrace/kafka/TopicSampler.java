package dev.millrace.kafka;

import dev.millrace.config.KafkaSourceDefinition;
import dev.millrace.error.UserException;
import dev.millrace.event.SampledMessage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * The oldest and the newest records of each partition of a topic, half and half: old ones show what
 * a table was like, new ones what it is like.
 */
public final class TopicSampler {

  /** Messages of ten mebibytes must not fill the driver's memory. */
  private static final long MAX_BYTES = 64L << 20;

  private final CommittedRecords topic;
  private final List<ConsumerRecord<byte[], byte[]>> sample = new ArrayList<>();
  private long bytes;

  private TopicSampler(CommittedRecords topic) {
    this.topic = topic;
  }

  /**
   * Reads a sample, in the order of time.
   *
   * @param most about how many; all of a topic that has fewer. Fewer, too, where they are large
   * @return empty where the topic has none
   * @throws UserException where the brokers can't be read
   */
  public static List<SampledMessage> sample(KafkaSourceDefinition source, int most) {
    return CommittedRecords.read(
        KafkaConnection.of(source),
        records ->
            new TopicSampler(records)
                .sample(source.topic(), most).stream()
                    .map(each -> new SampledMessage(each.key(), each.value()))
                    .toList());
  }

  private List<ConsumerRecord<byte[], byte[]>> sample(String name, int most) {
    Map<TopicPartition, OffsetRange> all = topic.ranges(topic.partitions(name));
    all.values().removeIf(range -> range.size() == 0);
    long size = all.values().stream().mapToLong(OffsetRange::size).sum();
    Map<TopicPartition, OffsetRange> oldest = new HashMap<>();
    Map<TopicPartition, OffsetRange> newest = new HashMap<>();
    all.forEach(
        (partition, range) -> {
          // Of a large topic each partition gives by its size, and at least one at either end.
          long share = size <= most ? range.size() : range.size() * most / size;
          long half = Math.max(1, (share + 1) / 2);
          long middle = Math.min(range.end(), range.first() + half);
          oldest.put(partition, new OffsetRange(range.first(), middle));
          newest.put(partition, new OffsetRange(Math.max(middle, range.end() - half), range.end()));
        });
    read(oldest, MAX_BYTES / 2);
    read(newest, MAX_BYTES);
    sample.sort(Comparator.comparingLong(ConsumerRecord::timestamp));
    return sample;
  }

  private void read(Map<TopicPartition, OffsetRange> ranges, long mostBytes) {
    if (bytes >= mostBytes) {
      return;
    }
    topic.read(
        ranges,
        record -> {
          sample.add(record);
          bytes += record.serializedKeySize() + record.serializedValueSize();
          return bytes < mostBytes;
        });
  }
}
