package dev.millrace.source;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.millrace.event.SourceRange;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BinaryOperator;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/**
 * The offsets of a micro-batch in the form in which Spark's Kafka source takes them.
 *
 * @param ranges one or more of each partition; several follow one another
 */
record BatchOffsets(List<SourceRange> ranges) {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  BatchOffsets {
    ranges = ranges.stream().filter(range -> !range.isEmpty()).toList();
  }

  boolean isEmpty() {
    return ranges.isEmpty();
  }

  /** {@code {"topic":[0,1]}}. */
  String partitions() {
    return JSON.valueToTree(
            ranges.stream()
                .collect(
                    Collectors.groupingBy(
                        SourceRange::topic,
                        TreeMap::new,
                        Collectors.mapping(
                            SourceRange::partition,
                            Collectors.collectingAndThen(
                                Collectors.toSet(), found -> found.stream().sorted().toList())))))
        .toString();
  }

  /** {@code {"topic":{"0":7,"1":12}}}: the first offset of each. */
  String starts() {
    return offsets(SourceRange::from, Math::min);
  }

  /** The same of the offset after the last. */
  String ends() {
    return offsets(SourceRange::until, Math::max);
  }

  private String offsets(ToLongFunction<SourceRange> offset, BinaryOperator<Long> merge) {
    Map<String, Map<String, Long>> offsets =
        ranges.stream()
            .collect(
                Collectors.groupingBy(
                    SourceRange::topic,
                    TreeMap::new,
                    Collectors.toMap(
                        range -> Integer.toString(range.partition()),
                        offset::applyAsLong,
                        merge,
                        TreeMap::new)));
    return JSON.valueToTree(offsets).toString();
  }
}
