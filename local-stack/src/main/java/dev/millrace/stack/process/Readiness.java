package dev.millrace.stack.process;

import dev.millrace.stack.error.StackErrors;
import dev.millrace.stack.error.StackException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;

/** Waits until a process does what it is for, or reports why it does not. */
public final class Readiness {

  private Readiness() {}

  /**
   * Asks {@code probe} repeatedly until it answers true. A probe that throws has answered false; a
   * {@link StackException} ends the wait.
   */
  public static void await(StackProcess process, Duration timeout, Callable<Boolean> probe) {
    Instant end = Instant.now().plus(timeout);
    Exception last = null;
    while (Instant.now().isBefore(end)) {
      if (!process.isAlive()) {
        throw process.death();
      }
      try {
        if (probe.call()) {
          return;
        }
      } catch (StackException e) {
        throw e;
      } catch (InterruptedException e) {
        throw StackErrors.interrupted("waiting for " + process.name(), e);
      } catch (Exception e) {
        last = e;
      }
      Polling.pause("waiting for " + process.name());
    }
    throw process.notReady(timeout, last);
  }
}
