package dev.millrace.cassandra;

import com.datastax.oss.driver.api.core.DriverException;
import com.datastax.oss.driver.api.core.servererrors.QueryValidationException;
import dev.millrace.config.CassandraConnection;
import dev.millrace.error.CassandraErrors;
import dev.millrace.error.UserException;
import dev.millrace.retry.Backoff;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Idempotent requests, each made again until the cluster answers.
 *
 * @param progress is told of every attempt that failed
 */
public record CassandraRequests(CassandraConnection connection, Consumer<String> progress) {

  /**
   * The answer to a request.
   *
   * @param refusal what to throw where the cluster answers that it will not
   * @throws UserException where it refuses, or has not answered within the connection's retry
   *     timeout
   */
  public <T> T answered(Supplier<T> request, Function<Throwable, UserException> refusal)
      throws InterruptedException {
    Backoff backoff = new Backoff(connection.retryTimeout());
    while (true) {
      try {
        return request.get();
      } catch (DriverException e) {
        if (e instanceof QueryValidationException) {
          throw refusal.apply(e);
        }
        if (!backoff.mayTryAgain()) {
          throw CassandraFailures.afterRetries(
              connection.key(), connection.place(), connection.retryTimeout(), e);
        }
        progress.accept(
            CassandraErrors.stillTrying(connection.place(), e, backoff.delay().toSeconds()));
        backoff.pause();
      }
    }
  }
}
