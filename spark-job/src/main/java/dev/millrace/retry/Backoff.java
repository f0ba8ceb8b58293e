package dev.millrace.retry;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Ever longer pauses between attempts, until the timeout expires. It begins to do so with the first
 * failure: whoever has some tries twice. One outage, one thread.
 */
public final class Backoff {

  private static final Duration FIRST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofSeconds(15);

  private final Duration retryTimeout;
  private long firstFailure;
  private boolean hasFailed;
  private Duration delay = FIRST;

  public Backoff(Duration retryTimeout) {
    this.retryTimeout = retryTimeout;
  }

  /** Whether another attempt is due; to be called after each failure. */
  public boolean mayTryAgain() {
    if (!hasFailed) {
      hasFailed = true;
      firstFailure = System.nanoTime();
      return !retryTimeout.isZero();
    }
    return System.nanoTime() - firstFailure < retryTimeout.toNanos();
  }

  /** How long the next pause is. */
  public Duration delay() {
    return delay;
  }

  /** Returns after the pause. */
  public void pause() throws InterruptedException {
    TimeUnit.MILLISECONDS.sleep(delay.toMillis());
    Duration doubled = delay.multipliedBy(2);
    delay = doubled.compareTo(LONGEST) > 0 ? LONGEST : doubled;
  }
}
