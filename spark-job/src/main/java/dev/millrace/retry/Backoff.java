package dev.millrace.retry;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Ever longer pauses between attempts, until patience runs out. One outage, one thread. */
public final class Backoff {

  private static final Duration FIRST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofSeconds(15);

  private final long end;
  private Duration delay = FIRST;

  /** Patience begins to run out now. */
  public Backoff(Duration patience) {
    this.end = System.nanoTime() + patience.toNanos();
  }

  /** Whether there is patience left. */
  public boolean mayTryAgain() {
    return System.nanoTime() < end;
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
