package dev.millrace.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.kafka.OffsetRange;
import dev.millrace.source.KafkaPositionCheck.Lost;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class KafkaPositionCheckTest {

  private static final TopicPartition FIRST = new TopicPartition("orders", 0);
  private static final TopicPartition SECOND = new TopicPartition("orders", 1);

  private static KafkaPositionCheck check(
      String next, String end, Map<TopicPartition, OffsetRange> found) {
    return KafkaPositionCheck.of(KafkaPosition.parse(next), KafkaPosition.parse(end), found);
  }

  @Test
  void findsNothingWrongWithinTheTopic() {
    KafkaPositionCheck check =
        check(
            "{\"orders\":{\"0\":5,\"1\":0}}",
            "{\"orders\":{\"0\":9,\"1\":0}}",
            Map.of(FIRST, new OffsetRange(5, 9), SECOND, new OffsetRange(0, 0)));

    assertThat(check.lost()).isEmpty();
    assertThat(check.beyond()).isEmpty();
    assertThat(check.foreignTopics()).isEmpty();
  }

  @Test
  void countsWhatWasDeletedUnread() {
    KafkaPositionCheck check =
        check(
            "{\"orders\":{\"0\":5}}",
            "{\"orders\":{\"0\":5}}",
            Map.of(FIRST, new OffsetRange(8, 9), SECOND, new OffsetRange(2, 4)));

    assertThat(check.lost())
        .containsExactlyInAnyOrder(new Lost(FIRST, 5, 8), new Lost(SECOND, 0, 2));
    assertThat(check.lostCount()).isEqualTo(5);
  }

  @Test
  void seesThatAnUnfinishedBatchReachesBehindTheEnd() {
    assertThat(
            check(
                    "{\"orders\":{\"0\":5}}",
                    "{\"orders\":{\"0\":12}}",
                    Map.of(FIRST, new OffsetRange(0, 9)))
                .beyond())
        .containsExactly("orders partition 0 ends at offset 9, the position is 12");
  }

  @Test
  void seesThatAPartitionIsGone() {
    assertThat(
            check(
                    "{\"orders\":{\"0\":5,\"1\":3}}",
                    "{\"orders\":{\"0\":5,\"1\":3}}",
                    Map.of(FIRST, new OffsetRange(0, 9)))
                .beyond())
        .containsExactly("orders has no partition 1, of which 3 messages were read");
  }

  @Test
  void raisesAPositionAndAddsPartitionsThatItLacks() {
    assertThat(
            KafkaPosition.parse("{\"orders\":{\"0\":5,\"2\":9}}")
                .notBefore(Map.of(FIRST, 8L, SECOND, 2L, new TopicPartition("orders", 2), 4L))
                .toJson())
        .isEqualTo("{\"orders\":{\"0\":8,\"1\":2,\"2\":9}}");
  }
}
