package dev.millrace.sink.kafka;

import dev.millrace.event.SourceRange;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * In which transactions a batch is delivered: each of a large batch's source partitions in one of
 * its own, several of a small batch's together, since a small transaction is nearly all round trips
 * to the brokers. It follows from the batch's ranges alone, so that all attempts at a batch fence
 * one another; that nothing is delivered twice rests on the marks, which are each source
 * partition's own in any transaction.
 *
 * @param units what the batch delivers, by the index of the partition of its rows
 * @param transactions by the index of the task
 */
record BatchTransactions(List<Unit> units, List<Transaction> transactions) implements Serializable {

  /** The most rows of a batch whose source partitions share transactions. */
  static final long SMALL_BATCH = 10_000;

  /** The most source partitions of a transaction: one task reads them one after the other. */
  static final int MAX_TOGETHER = 8;

  BatchTransactions {
    units = List.copyOf(units);
    transactions = List.copyOf(transactions);
  }

  /**
   * @param name what is delivered in one transaction after another: a source partition's messages,
   *     or the batches
   * @param marksTopic the topic of marks
   * @param marksPartition its partition that has this unit's marks alone
   * @param end how far the unit has come with this batch: an offset, or the batch's id
   */
  record Unit(String name, String marksTopic, int marksPartition, long end)
      implements Serializable {}

  /**
   * What one task delivers.
   *
   * @param name part of the transactional id
   * @param units indexes of {@link BatchTransactions#units}
   */
  record Transaction(String name, List<Integer> units) implements Serializable {

    Transaction {
      units = List.copyOf(units);
    }
  }

  /** A batch that is one unit. */
  static BatchTransactions whole(Unit batch) {
    return new BatchTransactions(
        List.of(batch), List.of(new Transaction(batch.name(), List.of(0))));
  }

  /**
   * A batch whose rows stem from ranges of source partitions. An empty range is delivered by none.
   *
   * @param units that of each range
   */
  static BatchTransactions of(List<SourceRange> ranges, List<Unit> units) {
    boolean isSmall =
        ranges.stream().allMatch(range -> range.mostRows() <= SMALL_BATCH)
            && ranges.stream().mapToLong(SourceRange::mostRows).sum() <= SMALL_BATCH;
    Map<String, List<Integer>> byName = new LinkedHashMap<>();
    IntStream.range(0, ranges.size())
        .boxed()
        .filter(index -> !ranges.get(index).isEmpty())
        .sorted(
            Comparator.comparing((Integer index) -> ranges.get(index).topicIndex())
                .thenComparing(index -> ranges.get(index).partition()))
        .forEach(
            index ->
                byName
                    .computeIfAbsent(
                        isSmall ? together(ranges.get(index)) : units.get(index).name(),
                        name -> new ArrayList<>())
                    .add(index));
    return new BatchTransactions(
        units,
        byName.entrySet().stream()
            .map(each -> new Transaction(each.getKey(), each.getValue()))
            .toList());
  }

  /** Of the source partition and those next to it, whether or not the batch has rows of them. */
  static String together(SourceRange range) {
    int first = range.partition() / MAX_TOGETHER * MAX_TOGETHER;
    return "%s-%d..%d".formatted(range.topic(), first, first + MAX_TOGETHER - 1);
  }
}
