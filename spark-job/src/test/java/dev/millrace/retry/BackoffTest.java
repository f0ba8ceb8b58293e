package dev.millrace.retry;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class BackoffTest {

  @Test
  void hasNoSecondAttemptWithoutARetryTimeout() {
    assertThat(new Backoff(Duration.ZERO).mayTryAgain()).isFalse();
  }

  @Test
  void hasASecondAttemptWithAnyRetryTimeoutAndNoThirdOnceItIsOver() throws InterruptedException {
    Backoff backoff = new Backoff(Duration.ofMillis(1));

    assertThat(backoff.mayTryAgain()).isTrue();
    assertThat(backoff.delay()).isEqualTo(Duration.ofSeconds(1));
    backoff.pause();
    assertThat(backoff.mayTryAgain()).isFalse();
    assertThat(backoff.delay()).isEqualTo(Duration.ofSeconds(2));
  }
}
