package dev.millrace.benchmark.latency;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class UnseenRowsTest {

  @Test
  void areTheOldestOfEveryTwentyFifthRowThatWereNotSeen() {
    UnseenRows rows = new UnseenRows();
    Times series = new Times(1_000, 101);

    assertThat(rows.of(series)).containsExactly(0, 25, 50, 75, 100);

    series.note(1_000, 1);
    series.note(1_050, 1);
    assertThat(rows.of(series)).containsExactly(25, 75, 100);
    assertThat(rows.of(new Times(2_000, 1))).containsExactly(0);
    assertThat(rows.of(new Times(3_000, 25 * 100))).hasSize(32).startsWith(0).endsWith(31 * 25);
  }
}
