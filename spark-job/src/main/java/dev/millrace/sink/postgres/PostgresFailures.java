package dev.millrace.sink.postgres;

import dev.millrace.error.PostgresSinkErrors;
import dev.millrace.error.UserException;
import java.sql.SQLException;
import java.util.Objects;
import java.util.Set;

/** What a failed statement or connection states about the server. Pure. */
final class PostgresFailures {

  /** Classes of SQLSTATE: no connection, conflict of transactions, no resources, system error. */
  private static final Set<String> TRANSIENT_CLASSES = Set.of("08", "40", "53", "58");

  /**
   * Also of failures that pass: a read-only standby, a lock, a cancelled statement, and a server
   * that shuts down, has crashed, starts, or ends idle sessions.
   */
  private static final Set<String> TRANSIENT =
      Set.of("25006", "55P03", "57014", "57P01", "57P02", "57P03", "57P05");

  /** The client's own refusal: the server wants a password or no TLS, say. */
  private static final String REJECTED = "08004";

  private PostgresFailures() {}

  /** Whether the same request may succeed later. */
  static boolean isTransient(SQLException failure) {
    String state = state(failure);
    return !state.equals(REJECTED)
        && state.length() == 5
        && (TRANSIENT_CLASSES.contains(state.substring(0, 2)) || TRANSIENT.contains(state));
  }

  /** The error that a failure ends with that is there for good. */
  static UserException refusal(PostgresAccess access, SQLException failure) {
    String state = state(failure);
    if (state.startsWith("28") || state.equals(REJECTED)) {
      return PostgresSinkErrors.wrongCredentials(access.url(), access.user(), failure);
    }
    return switch (state) {
      case "3D000" -> PostgresSinkErrors.missingDatabase(access.url(), failure);
      case "3F000" -> PostgresSinkErrors.missingSchema(access.schema(), access.url());
      case "42501" -> PostgresSinkErrors.missingPrivilege(access.place(), access.user(), failure);
      default -> PostgresSinkErrors.refused(access.place(), failure);
    };
  }

  /** Whether two rows of one statement have the same key. */
  static boolean isRowsOfOneKey(SQLException failure) {
    return state(failure).equals("21000");
  }

  private static String state(SQLException failure) {
    return Objects.requireNonNullElse(failure.getSQLState(), "");
  }
}
