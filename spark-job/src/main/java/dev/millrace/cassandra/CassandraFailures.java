package dev.millrace.cassandra;

import com.datastax.oss.driver.api.core.AllNodesFailedException;
import com.datastax.oss.driver.api.core.connection.FrameTooLongException;
import com.datastax.oss.driver.api.core.servererrors.FunctionFailureException;
import com.datastax.oss.driver.api.core.servererrors.ProtocolError;
import com.datastax.oss.driver.api.core.servererrors.ReadFailureException;
import com.datastax.oss.driver.api.core.servererrors.ServerError;
import com.datastax.oss.driver.api.core.servererrors.WriteFailureException;
import dev.millrace.error.CassandraErrors;
import dev.millrace.error.UserException;
import java.time.Duration;
import java.util.List;

/** What the last failure of a request that was retried in vain states about the cluster. Pure. */
public final class CassandraFailures {

  /**
   * Answers, in contrast to servers that are away: the same request gets them as long as its data,
   * the tables or the cluster's settings are what they are.
   */
  private static final List<Class<? extends Throwable>> ANSWERS =
      List.of(
          FrameTooLongException.class,
          FunctionFailureException.class,
          ProtocolError.class,
          ReadFailureException.class,
          ServerError.class,
          WriteFailureException.class);

  private CassandraFailures() {}

  /**
   * The error that ends a request after its retries.
   *
   * @param key of the settings, such as {@code sinks.cassandra}
   * @param waited how long the request was retried
   */
  public static UserException afterRetries(
      String key, String place, Duration waited, Throwable cause) {
    return isAnswer(cause)
        ? CassandraErrors.failing(place, waited.toSeconds(), cause)
        : CassandraErrors.silent(key, place, waited.toSeconds(), cause);
  }

  private static boolean isAnswer(Throwable cause) {
    if (cause instanceof AllNodesFailedException failed) {
      List<Throwable> errors =
          failed.getAllErrors().values().stream().flatMap(List::stream).toList();
      return !errors.isEmpty() && errors.stream().allMatch(CassandraFailures::isAnswer);
    }
    return ANSWERS.stream().anyMatch(answer -> answer.isInstance(cause));
  }
}
