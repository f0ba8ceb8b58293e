package dev.millrace.sink.cassandra;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.DriverException;
import com.datastax.oss.driver.api.core.cql.Statement;
import com.datastax.oss.driver.api.core.servererrors.QueryValidationException;
import dev.millrace.cassandra.CassandraFailures;
import dev.millrace.error.CassandraErrors;
import dev.millrace.retry.Backoff;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.function.Function;

/**
 * Idempotent statements in flight, a bounded number at a time. What fails because no server
 * answers, or of its answer, is sent again until it succeeds or the timeout expires. Belongs to one
 * task.
 */
final class CassandraWrites {

  private record Failure(Statement<?> statement, Throwable cause) {}

  private final Function<Statement<?>, CompletionStage<?>> execution;
  private final String table;
  private final String place;
  private final int most;
  private final Duration retryTimeout;
  private final Semaphore free;
  private final Queue<Failure> failures = new ConcurrentLinkedQueue<>();

  CassandraWrites(CqlSession session, String table, String place, int most, Duration retryTimeout) {
    this(session::executeAsync, table, place, most, retryTimeout);
  }

  CassandraWrites(
      Function<Statement<?>, CompletionStage<?>> execution,
      String table,
      String place,
      int most,
      Duration retryTimeout) {
    this.execution = execution;
    this.table = table;
    this.place = place;
    this.most = most;
    this.retryTimeout = retryTimeout;
    this.free = new Semaphore(most);
  }

  /** Sends a statement, once fewer than the most are in flight. */
  void send(Statement<?> statement) throws InterruptedException {
    if (!failures.isEmpty()) {
      finish();
    }
    sendNow(statement);
  }

  /**
   * Returns when all that was sent is stored.
   *
   * @throws dev.millrace.error.UserException where the server refuses, or the timeout expires
   */
  void finish() throws InterruptedException {
    awaitAnswers();
    Backoff backoff = new Backoff(retryTimeout);
    while (!failures.isEmpty()) {
      List<Failure> again = new ArrayList<>();
      for (Failure each = failures.poll(); each != null; each = failures.poll()) {
        requireTransient(each.cause());
        again.add(each);
      }
      if (!backoff.mayTryAgain()) {
        throw CassandraFailures.afterRetries(
            "sinks.cassandra", place, retryTimeout, again.get(0).cause());
      }
      backoff.pause();
      for (Failure each : again) {
        sendNow(each.statement());
      }
      awaitAnswers();
    }
  }

  private void sendNow(Statement<?> statement) throws InterruptedException {
    free.acquire();
    CompletionStage<?> unused =
        execution
            .apply(statement)
            .whenComplete(
                (done, failure) -> {
                  if (failure != null) {
                    failures.add(new Failure(statement, unwrapped(failure)));
                  }
                  free.release();
                });
  }

  private void awaitAnswers() throws InterruptedException {
    free.acquire(most);
    free.release(most);
  }

  private void requireTransient(Throwable cause) {
    if (cause instanceof QueryValidationException || !(cause instanceof DriverException)) {
      throw CassandraErrors.refusedWrite(table, cause);
    }
  }

  private static Throwable unwrapped(Throwable failure) {
    return failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
  }
}
