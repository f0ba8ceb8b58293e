package dev.millrace.view.table;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.view.table.Moves.Move;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which rows of a batch whose keys change are held by the driver. */
class MovesTest {

  private static final Map<Move, Integer> BYTES =
      Map.of(new Move(9, 10), 40, new Move(8, 20), 50, new Move(7, 30), 10);

  @Test
  void areTheFirstInTheLogThatFit() {
    assertThat(Moves.first(BYTES, 100)).hasSize(3);
    assertThat(Moves.first(BYTES, 99)).containsExactlyInAnyOrder(new Move(9, 10), new Move(8, 20));
    assertThat(Moves.first(BYTES, 89)).containsExactly(new Move(9, 10));
    assertThat(Moves.first(BYTES, 39)).isEmpty();
  }

  @Test
  void areInTheOrderOfTheLogAndThenOfTheTransactions() {
    assertThat(new Move(1, 20)).isGreaterThan(new Move(2, 10)).isLessThan(new Move(2, 20));
  }
}
