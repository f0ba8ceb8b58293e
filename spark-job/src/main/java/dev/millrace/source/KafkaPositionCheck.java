package dev.millrace.source;

import dev.millrace.kafka.OffsetRange;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.common.TopicPartition;

/**
 * What is wrong with a position in topics as they are now. Pure.
 *
 * @param foreignTopics topics of the position that the source does not read
 * @param beyond partitions that end before the position, or are gone: a clause for each
 * @param lost messages that were deleted before they were read
 */
public record KafkaPositionCheck(Set<String> foreignTopics, List<String> beyond, List<Lost> lost) {

  /** Offsets {@code from} (inclusive) to {@code until} (exclusive) of a partition. */
  public record Lost(TopicPartition partition, long from, long until) {
    @Override
    public String toString() {
      return "%s partition %d offsets %,d to %,d"
          .formatted(partition.topic(), partition.partition(), from, until - 1);
    }
  }

  /**
   * Checks a position.
   *
   * @param next where reading continues
   * @param end the end of the batch that was begun; {@code next} if there is none
   * @param found what the source's topics have now, every partition
   */
  public static KafkaPositionCheck of(
      KafkaPosition next, KafkaPosition end, Map<TopicPartition, OffsetRange> found) {
    Set<String> read = new TreeSet<>();
    found.keySet().forEach(partition -> read.add(partition.topic()));
    Set<String> foreign = new TreeSet<>();
    List<String> beyond = new ArrayList<>();
    List<Lost> lost = new ArrayList<>();
    Map<TopicPartition, Long> furthest = new LinkedHashMap<>(next.offsets());
    end.offsets().forEach((partition, offset) -> furthest.merge(partition, offset, Math::max));
    furthest.forEach(
        (partition, offset) -> {
          OffsetRange now = found.get(partition);
          if (!read.contains(partition.topic())) {
            foreign.add(partition.topic());
          } else if (now == null) {
            beyond.add(
                "%s has no partition %d, of which %,d messages were read"
                    .formatted(partition.topic(), partition.partition(), offset));
          } else if (offset > now.end()) {
            beyond.add(
                "%s partition %d ends at offset %,d, the position is %,d"
                    .formatted(partition.topic(), partition.partition(), now.end(), offset));
          }
        });
    found.forEach(
        (partition, now) -> {
          // Spark reads a partition that is new from its first message on.
          long from = next.offsets().getOrDefault(partition, 0L);
          if (from < now.first()) {
            lost.add(new Lost(partition, from, now.first()));
          }
        });
    return new KafkaPositionCheck(foreign, List.copyOf(beyond), List.copyOf(lost));
  }

  /** How many offsets were lost; markers of transactions are among them. */
  public long lostCount() {
    return lost.stream().mapToLong(each -> each.until() - each.from()).sum();
  }
}
