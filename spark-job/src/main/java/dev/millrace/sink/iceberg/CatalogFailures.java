package dev.millrace.sink.iceberg;

import dev.millrace.error.IcebergErrors;
import dev.millrace.error.UserException;
import java.io.IOException;
import java.sql.SQLException;
import java.sql.SQLTransientException;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.exceptions.ForbiddenException;
import org.apache.iceberg.exceptions.NotAuthorizedException;
import org.apache.iceberg.exceptions.ServiceFailureException;
import org.apache.iceberg.exceptions.ServiceUnavailableException;

/** What a failed request states about a catalog. Pure. */
final class CatalogFailures {

  /** Classes of SQLSTATE: no connection, conflict of transactions, no resources, system error. */
  private static final Set<String> TRANSIENT_CLASSES = Set.of("08", "40", "53", "58");

  /** A server that shuts down, has crashed, starts, or is a standby. */
  private static final Set<String> TRANSIENT = Set.of("25006", "57P01", "57P02", "57P03", "57P05");

  /** The client's own refusal: the server wants a password or no TLS, say. */
  private static final String REJECTED = "08004";

  private static final String WRONG_CREDENTIALS = "28";

  private CatalogFailures() {}

  /** Whether the same request may succeed later. */
  static boolean isTransient(Throwable failure) {
    return causes(failure).anyMatch(CatalogFailures::isTransientItself);
  }

  private static boolean isTransientItself(Throwable failure) {
    if (failure instanceof SQLException sql) {
      String state = Objects.requireNonNullElse(sql.getSQLState(), "");
      return sql instanceof SQLTransientException
          || TRANSIENT.contains(state)
          || (!state.equals(REJECTED)
              && state.length() == 5
              && TRANSIENT_CLASSES.contains(state.substring(0, 2)));
    }
    return failure instanceof CommitFailedException
        || failure instanceof CommitStateUnknownException
        || failure instanceof ServiceFailureException
        || failure instanceof ServiceUnavailableException
        || failure instanceof java.net.ConnectException
        || failure instanceof java.net.SocketTimeoutException
        || failure instanceof java.net.UnknownHostException;
  }

  /** The error that a failure ends with that is there for good. */
  static UserException refusal(String place, Throwable failure) {
    boolean areCredentialsWrong =
        causes(failure)
            .anyMatch(
                each ->
                    each instanceof NotAuthorizedException
                        || each instanceof ForbiddenException
                        || (each instanceof SQLException sql
                            && Objects.requireNonNullElse(sql.getSQLState(), "")
                                .startsWith(WRONG_CREDENTIALS)));
    if (areCredentialsWrong) {
      return IcebergErrors.wrongCredentials(place, failure);
    }
    return causes(failure).anyMatch(IOException.class::isInstance)
        ? IcebergErrors.unreadable(place, failure)
        : IcebergErrors.refused(place, failure);
  }

  private static Stream<Throwable> causes(Throwable failure) {
    return Stream.iterate(failure, Objects::nonNull, Throwable::getCause);
  }
}
