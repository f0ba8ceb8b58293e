package dev.millrace.pipeline;

import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.function.LongPredicate;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.StreamingQueryException;

/**
 * Lets a query end between two batches. Driver only.
 *
 * <p>Spark's own {@code stop} interrupts the batch in flight. So a batch passes this gate before it
 * delivers anything: once the gate is closed no batch begins to deliver, and {@link #stop} waits
 * until Spark has committed the one that had passed.
 */
final class BatchGate {

  private static final Duration POLL_INTERVAL = Duration.ofMillis(20);
  private static final long NONE = -1;

  private boolean isClosed;
  private long lastPassed = NONE;

  /** The query, once it is being stopped. */
  private StreamingQuery stopping;

  /**
   * Called by a batch before it delivers. Returns at once while the gate is open; once it is closed
   * it waits for the query's end.
   *
   * @throws InterruptedException when the query is being stopped, which Spark takes for its end
   */
  synchronized void pass(long batchId) throws InterruptedException {
    while (isClosed) {
      // Spark interrupts a query once, and the code that ran on this thread before it came here may
      // have
      // swallowed that.
      if (stopping != null && !stopping.isActive()) {
        throw new InterruptedException("query " + stopping.name() + " is being stopped");
      }
      wait(POLL_INTERVAL.toMillis());
    }
    lastPassed = batchId;
  }

  /**
   * Ends the query after the batch in flight. A query that has ended or failed by itself is left as
   * it is.
   *
   * @param isCommitted whether the query's checkpoint states that a batch is committed
   */
  void stop(StreamingQuery query, LongPredicate isCommitted) throws InterruptedException {
    close();
    long inFlight = lastPassed();
    try {
      while (inFlight != NONE && query.isActive() && !isCommitted.test(inFlight)) {
        query.awaitTermination(POLL_INTERVAL.toMillis());
      }
      noteStop(query);
      query.stop();
    } catch (StreamingQueryException e) {
      // It has ended by itself: its exception stays with the query.
      return;
    } catch (TimeoutException e) {
      throw new IllegalStateException("query " + query.name() + " did not stop", e);
    }
  }

  /** From now on no batch begins to deliver. */
  synchronized void close() {
    isClosed = true;
  }

  private synchronized void noteStop(StreamingQuery query) {
    stopping = query;
  }

  private synchronized long lastPassed() {
    return lastPassed;
  }
}
