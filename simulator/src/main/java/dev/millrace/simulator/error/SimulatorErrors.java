package dev.millrace.simulator.error;

import java.net.UnknownHostException;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Pattern;
import org.postgresql.Driver;
import picocli.CommandLine.ExitCode;

/** What a user of the simulator can meet: flags, and Postgres. */
public final class SimulatorErrors {

  /** The class of SQL states whose every member means that the connection failed. */
  private static final String CONNECTION_EXCEPTION = "08";

  private static final Pattern PASSWORD = Pattern.compile("(?i)(password=)[^&]*");

  private SimulatorErrors() {}

  /** A defect of this program's own. */
  public static SimulatorException unexpected(Throwable cause) {
    return new SimulatorException(
        ExitCode.SOFTWARE,
        "unexpected " + cause + ". This is a defect; --debug shows where.",
        cause);
  }

  /** The summary could not be printed. */
  public static SimulatorException closedOutput() {
    return new SimulatorException(
        ExitCode.SOFTWARE,
        "standard output cannot be written: it is closed, or its disk is full.",
        null);
  }

  /** All that is wrong with the values of the flags. */
  public static SimulatorException invalidOptions(List<String> problems) {
    return new SimulatorException(
        ExitCode.USAGE, String.join(System.lineSeparator(), problems), null);
  }

  /** Empty if the rate of {@code things} can be kept. */
  public static Optional<String> invalidRate(String flag, double rate, String things) {
    return rate >= 0 && !Double.isInfinite(rate)
        ? Optional.empty()
        : Optional.of(
            "%s: invalid value '%s'. Give the %s, or 0 for as fast as possible."
                .formatted(flag, rate, things));
  }

  /** Empty if so many {@code things} can be made; 0 has a meaning of its own. */
  public static Optional<String> invalidCount(
      String flag, long count, String things, String meaningOfZero) {
    return count >= 0
        ? Optional.empty()
        : Optional.of(
            "%s: invalid value '%d'. Give the number of %s, or 0 %s."
                .formatted(flag, count, things, meaningOfZero));
  }

  /** Empty if the number is from 0 to 1. */
  public static Optional<String> invalidShare(String flag, double share) {
    return share >= 0 && share <= 1
        ? Optional.empty()
        : Optional.of(
            "%s: invalid value '%s'. Give a share from 0 to 1: 0.01 is one in a hundred."
                .formatted(flag, share));
  }

  /** Empty if there is a name at all. */
  public static Optional<String> blank(String flag, String value, String meaning) {
    return value.isBlank()
        ? Optional.of("%s: is empty. Give %s.".formatted(flag, meaning))
        : Optional.empty();
  }

  /** Empty if the value is one of those. */
  public static Optional<String> notOneOf(String flag, String value, String... allowed) {
    return List.of(allowed).contains(value)
        ? Optional.empty()
        : Optional.of(
            "%s: unknown value '%s'. Use one of %s."
                .formatted(flag, value, String.join(", ", allowed)));
  }

  /** Empty if it is a URL of Postgres. */
  public static Optional<String> invalidUrl(String jdbcUrl) {
    return Driver.parseURL(jdbcUrl, new Properties()) != null
        ? Optional.empty()
        : Optional.of(
            "--jdbc-url: invalid value '%s'. Expected jdbc:postgresql://HOST:PORT/DATABASE."
                .formatted(masked(jdbcUrl)));
  }

  /** A flag that is written before the name of a command is taken for one of rides. */
  public static String misplaced(String flag, String command) {
    return "%s: stands before '%s', where it is for rides. Write: simulate %s %s ..."
        .formatted(flag, command, command, flag);
  }

  /** The connection could not be opened. */
  public static SimulatorException cannotConnect(String jdbcUrl, String user, SQLException cause) {
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
  public static SimulatorException cannotWrite(
      String table, String jdbcUrl, String user, SQLException cause) {
    String url = masked(jdbcUrl);
    String message =
        switch (state(cause)) {
          case "42P01", "3F000" ->
              "No table %s at %s. Create it with postgres-init/, as ./millrace stack up does, or name another database in --jdbc-url."
                  .formatted(table, url);
          case "42703" ->
              "Table %s at %s has other columns than the simulator writes: %s. Drop it and create it with postgres-init/."
                  .formatted(table, url, detail(cause));
          case "42501" ->
              "User '%s' may not write to %s at %s: %s. Grant INSERT, UPDATE, DELETE and SELECT on the table and USAGE on its sequence, or choose another user with --user."
                  .formatted(user, table, url, detail(cause));
          default ->
              isConnectionLoss(cause)
                  ? "Lost the connection to Postgres at %s: %s. What was committed is in the table; run again once it is back."
                      .formatted(url, detail(cause))
                  : "Cannot write to %s at %s: %s. --debug shows where."
                      .formatted(table, url, detail(cause));
        };
    return new SimulatorException(ExitCode.SOFTWARE, message, cause);
  }

  /** The last statement or the last messages hang, so the end can't be clean. */
  public static String stopTimedOut(long seconds) {
    return "error: what is in flight did not end within %d s and is given up. Postgres keeps all of a transaction or nothing; Kafka may keep some of the messages."
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
