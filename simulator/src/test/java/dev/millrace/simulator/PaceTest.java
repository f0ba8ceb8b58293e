package dev.millrace.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PaceTest {

  @Test
  void spreadsChangesEvenly() {
    Pace pace = new Pace(200);
    assertThat(pace.dueAfter(0)).isEqualTo(Duration.ZERO);
    assertThat(pace.dueAfter(1)).isEqualTo(Duration.ofMillis(5));
    assertThat(pace.dueAfter(200)).isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void countsWhatFellDueMeanwhile() {
    Pace pace = new Pace(200);
    assertThat(pace.dueWithin(Duration.ZERO)).isEqualTo(1);
    assertThat(pace.dueWithin(Duration.ofNanos(4_999_999))).isEqualTo(1);
    assertThat(pace.dueWithin(Duration.ofMillis(5))).isEqualTo(2);
    assertThat(pace.dueWithin(Duration.ofSeconds(10))).isEqualTo(2001);
  }

  @Test
  void takesFractionsOfAChangePerSecond() {
    assertThat(new Pace(0.5).dueAfter(3)).isEqualTo(Duration.ofSeconds(6));
  }

  @Test
  void letsEverythingBeDueAtOnceWhenUnlimited() {
    assertThat(Pace.UNLIMITED.dueAfter(1_000_000)).isEqualTo(Duration.ZERO);
    assertThat(Pace.UNLIMITED.dueWithin(Duration.ZERO)).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void refusesWhatIsNoRate() {
    assertThatThrownBy(() -> new Pace(-1))
        .hasMessage("changesPerSecond must be 0 or more, is -1.0");
    assertThatThrownBy(() -> new Pace(Double.NaN))
        .hasMessage("changesPerSecond must be 0 or more, is NaN");
  }
}
