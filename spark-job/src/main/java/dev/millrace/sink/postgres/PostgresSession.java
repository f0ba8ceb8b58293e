package dev.millrace.sink.postgres;

import dev.millrace.error.PostgresSinkErrors;
import dev.millrace.error.UserException;
import dev.millrace.retry.Backoff;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Transactions, each made again until the server answers. Keeps one connection for all of them; one
 * on which anything failed is replaced. Not thread-safe.
 */
final class PostgresSession implements AutoCloseable {

  /** What happens within one transaction. Idempotent: its commit may be in doubt. */
  interface Request<T> {
    T run(Connection connection) throws SQLException;
  }

  private final PostgresAccess access;
  private final Consumer<String> progress;
  private Connection connection;

  /**
   * @param progress is told of every attempt that failed, and when the server answers again
   */
  PostgresSession(PostgresAccess access, Consumer<String> progress) {
    this.access = access;
    this.progress = progress;
  }

  /** The result of a transaction that is committed. */
  <T> T committed(Request<T> request) throws InterruptedException {
    return committed(request, failure -> PostgresFailures.refusal(access, failure));
  }

  /**
   * The same.
   *
   * @param refusal what to throw where the server answers that it will not
   * @throws UserException where it refuses, or has not answered within the retry timeout
   */
  <T> T committed(Request<T> request, Function<SQLException, UserException> refusal)
      throws InterruptedException {
    Backoff backoff = new Backoff(access.retryTimeout());
    boolean hasFailed = false;
    while (true) {
      try {
        T result = attempt(request);
        if (hasFailed) {
          progress.accept(PostgresSinkErrors.answersAgain(access.url()));
        }
        return result;
      } catch (SQLException e) {
        if (!PostgresFailures.isTransient(e)) {
          throw refusal.apply(e);
        }
        if (!backoff.mayTryAgain()) {
          throw PostgresSinkErrors.silent(access.url(), access.retryTimeout().toSeconds(), e);
        }
        hasFailed = true;
        progress.accept(
            PostgresSinkErrors.stillTrying(access.url(), e, backoff.delay().toSeconds()));
        backoff.pause();
      }
    }
  }

  private <T> T attempt(Request<T> request) throws SQLException {
    boolean isCommitted = false;
    try {
      if (connection == null) {
        connection = access.open();
      }
      T result = request.run(connection);
      connection.commit();
      isCommitted = true;
      return result;
    } finally {
      if (!isCommitted) {
        close();
      }
    }
  }

  /** Ends the connection; the server rolls back what is not committed. */
  @Override
  public void close() {
    Connection open = connection;
    connection = null;
    if (open != null) {
      try {
        open.close();
      } catch (SQLException e) {
        progress.accept(PostgresSinkErrors.closedUncleanly(access.url(), e));
      }
    }
  }
}
