package dev.millrace.benchmark.latency;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.benchmark.statistics.Percentiles;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class TimesTest {

  @Test
  void takesPercentilesByNearestRank() {
    long[] nanos = LongStream.rangeClosed(1, 200).map(each -> (201 - each) * 1_000_000).toArray();

    assertThat(Percentiles.of(nanos, 200)).isEqualTo(new Percentiles(200, 100, 190, 198, 200));
    assertThat(Percentiles.of(new long[] {7_500_000, 0}, 1))
        .isEqualTo(new Percentiles(1, 7.5, 7.5, 7.5, 7.5));
  }

  @Test
  void countsTheFirstTimeOfARowAndOnlyRowsOfItsSeries() {
    Times committed = new Times(10, 3);
    Times seen = new Times(10, 3);
    for (int i = 0; i < 3; i++) {
      committed.note(10 + i, 1_000_000);
    }

    seen.note(10, 3_000_000);
    seen.note(10, 9_000_000);
    seen.note(12, 6_000_000);
    seen.note(13, 7_000_000);
    seen.note(9, 7_000_000);

    assertThat(seen.missing(1)).isEqualTo(1);
    assertThat(seen.missing(2)).isZero();
    assertThat(seen.since(committed, 1)).isEqualTo(new Percentiles(2, 2, 5, 5, 5));
  }

  @Test
  void readsBackTheLineOfAResult() {
    LatencyResult result =
        new LatencyResult(
            "kafka",
            "millrace",
            1000,
            new Percentiles(30, 1, 2, 3, 4),
            new Percentiles(30, 5.5, 6, 7, 8.125),
            new Percentiles(30, 9, 10, 11, 12));

    assertThat(LatencyResult.isIn(result.toLine())).isTrue();
    assertThat(LatencyResult.isIn("INFO latency")).isFalse();
    assertThat(LatencyResult.parse(result.toLine())).isEqualTo(result);
  }
}
