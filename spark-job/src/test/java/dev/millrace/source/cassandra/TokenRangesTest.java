package dev.millrace.source.cassandra;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.source.cassandra.TokenRanges.TokenRange;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TokenRangesTest {

  private static final long QUARTER = 1L << 62;

  @Test
  void cutsTheRingInEqualParts() {
    assertThat(TokenRanges.parts(4, List.of()))
        .containsExactly(
            List.of(new TokenRange(Long.MIN_VALUE, -QUARTER)),
            List.of(new TokenRange(-QUARTER, 0)),
            List.of(new TokenRange(0, QUARTER)),
            List.of(new TokenRange(QUARTER, Long.MAX_VALUE)));
  }

  @Test
  void cutsAPartWhereWhatANodeHasEnds() {
    assertThat(TokenRanges.parts(2, List.of(7L, -5L, 0L, Long.MIN_VALUE, Long.MAX_VALUE)))
        .containsExactly(
            List.of(new TokenRange(Long.MIN_VALUE, -5), new TokenRange(-5, 0)),
            List.of(new TokenRange(0, 7), new TokenRange(7, Long.MAX_VALUE)));
  }

  @Test
  void leavesNoTokenOutWhateverTheRingIsLike() {
    long seed = System.nanoTime();
    System.out.printf("token ranges: seed %d%n", seed);
    Random random = new Random(seed);
    List<Long> borders = random.longs(random.nextInt(200)).boxed().toList();

    List<TokenRange> ranges =
        TokenRanges.parts(1 + random.nextInt(300), borders).stream().flatMap(List::stream).toList();

    long reached = Long.MIN_VALUE;
    for (TokenRange range : ranges) {
      assertThat(range.after()).isEqualTo(reached);
      assertThat(range.upTo()).isGreaterThan(reached);
      reached = range.upTo();
    }
    assertThat(reached).isEqualTo(Long.MAX_VALUE);
  }
}
