package dev.millrace.sink.iceberg;

import dev.millrace.config.SinkDefinition.IcebergSink;
import dev.millrace.error.IcebergErrors;
import dev.millrace.error.UserException;
import dev.millrace.retry.Backoff;
import java.util.function.Consumer;

/**
 * Requests to a catalog, each made again until it answers. Driver only.
 *
 * @param progress is told of every attempt that failed, and when the catalog answers again
 */
record CatalogRequests(IcebergSink sink, Consumer<String> progress) {

  /** What a catalog is asked for. Idempotent: whether it had an effect may be in doubt. */
  interface Request<T> {
    T run();
  }

  /**
   * The result of a request.
   *
   * @throws UserException where the catalog refuses, or has not answered within the retry timeout
   */
  <T> T answered(Request<T> request) throws InterruptedException {
    Backoff backoff = new Backoff(sink.retryTimeout());
    boolean hasFailed = false;
    while (true) {
      try {
        T result = request.run();
        if (hasFailed) {
          progress.accept(IcebergErrors.answersAgain(sink.catalog().place()));
        }
        return result;
      } catch (UserException e) {
        throw e;
      } catch (RuntimeException e) {
        if (!CatalogFailures.isTransient(e)) {
          throw CatalogFailures.refusal(sink.place(), e);
        }
        if (!backoff.mayTryAgain()) {
          throw IcebergErrors.silent(sink.place(), sink.retryTimeout().toSeconds(), e);
        }
        hasFailed = true;
        progress.accept(
            IcebergErrors.stillTrying(sink.catalog().place(), e, backoff.delay().toSeconds()));
        backoff.pause();
      }
    }
  }
}
