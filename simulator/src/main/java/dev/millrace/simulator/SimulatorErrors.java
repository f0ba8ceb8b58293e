package dev.millrace.simulator;

import java.net.UnknownHostException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.regex.Pattern;
import org.postgresql.Driver;
import picocli.CommandLine.ExitCode;

/** The catalogue: every message that a user of the simulator can meet is made here. */
final class SimulatorErrors {

  /** The class of SQL states whose every member means that the connection failed. */
  private static final String CONNECTION_EXCEPTION = "08";

  private static final Pattern PASSWORD = Pattern.compile("(?i)(password=)[^&]*");

  private SimulatorErrors() {}

  /** All that is wrong with the values of the flags. */
  static SimulatorException invalidOptions(List<String> problems) {
    return new SimulatorException(
        ExitCode.USAGE, String.join(System.lineSeparator(), problems), null);
  }

  /** Every problem of the flags' values, none if all is well. */
  static List<String> problems(double rate, long rows, String jdbcUrl) {
    List<String> problems = new ArrayList<>();
    if (!(rate >= 0) || Double.isInfinite(rate)) {
      problems.add(
          "--rate: invalid value '%s'. Give the changes per second, or 0 for as fast as possible."
              .formatted(rate));
    }
    if (rows < 0) {
      problems.add(
          "--rows: invalid value '%d'. Give the number of rides, or 0 to play until Ctrl-C."
              .formatted(rows));
    }
    if (Driver.parseURL(jdbcUrl, new Properties()) == null) {
      problems.add(
          "--jdbc-url: invalid value '%s'. Expected jdbc:postgresql://HOST:PORT/DATABASE."
              .formatted(masked(jdbcUrl)));
    }
    return problems;
  }

  /** The connection could not be opened. */
  static SimulatorException cannotConnect(String jdbcUrl, String user, SQLException cause) {
    String url = masked(jdbcUrl);
    String message =
        switch (state(cause)) {
          case "28P01", "28000" ->
              "Postgres at %s refused user '%s': %s. Set POSTGRES_PASSWORD to the user's password, or choose another user with --user."
                  .formatted(url, user, detail(cause));
          case "08004" ->
              "Postgres at %s rejected the connection of user '%s': %s. Set POSTGRES_PASSWORD if the server asks for a password."
                  .formatted(url, user, detail(cause));
          case "3D000" ->
              "No such database at %s: %s. Start the stack, which creates it (./millrace stack up), or name another in --jdbc-url."
                  .formatted(url, detail(cause));
          default ->
              "Cannot reach Postgres at %s: %s. Start it (./millrace stack up), or say where it is with --jdbc-url or POSTGRES_HOST and POSTGRES_PORT."
                  .formatted(url, detail(cause));
        };
    return new SimulatorException(ExitCode.SOFTWARE, message, cause);
  }

  /** A statement or a commit failed. */
  static SimulatorException cannotWrite(String jdbcUrl, String user, SQLException cause) {
    String url = masked(jdbcUrl);
    String message =
        switch (state(cause)) {
          case "42P01", "3F000" ->
              "No table %s at %s. Create it with postgres-init/, as ./millrace stack up does, or name another database in --jdbc-url."
                  .formatted(BookingWriter.TABLE, url);
          case "42703" ->
              "Table %s at %s has other columns than the simulator writes: %s. Create it anew with postgres-init/."
                  .formatted(BookingWriter.TABLE, url, detail(cause));
          case "42501" ->
              "User '%s' may not write to %s at %s: %s. Grant INSERT, UPDATE, DELETE and SELECT on the table and USAGE on its sequence, or choose another user with --user."
                  .formatted(user, BookingWriter.TABLE, url, detail(cause));
          default ->
              isConnectionLoss(cause)
                  ? "Lost the connection to Postgres at %s: %s. What was committed is in the table; run again once it is back."
                      .formatted(url, detail(cause))
                  : "Cannot write to %s at %s: %s. --debug shows where."
                      .formatted(BookingWriter.TABLE, url, detail(cause));
        };
    return new SimulatorException(ExitCode.SOFTWARE, message, cause);
  }

  /** The last statement hangs, so the end can't be clean. */
  static String stopTimedOut(long seconds) {
    return "error: the transaction in flight did not end within %d s and is given up. Postgres keeps all of it or nothing."
        .formatted(seconds);
  }

  private static boolean isConnectionLoss(SQLException cause) {
    return state(cause).startsWith(CONNECTION_EXCEPTION) || state(cause).equals("57P01");
  }

  private static String state(SQLException cause) {
    return cause.getSQLState() == null ? "" : cause.getSQLState();
  }

  /** The first sentence that server or driver say; a batch keeps it in the exception behind. */
  private static String detail(SQLException cause) {
    if (cause.getCause() instanceof UnknownHostException unknown) {
      return "unknown host " + unknown.getMessage();
    }
    SQLException telling = cause.getNextException() == null ? cause : cause.getNextException();
    String message = String.valueOf(telling.getMessage()).lines().findFirst().orElse("");
    return masked(message.replaceFirst("^(ERROR|FATAL): ", "").replaceFirst("\\.( .*)?$", ""));
  }

  private static String masked(String text) {
    return PASSWORD.matcher(text).replaceAll("$1***");
  }
}
