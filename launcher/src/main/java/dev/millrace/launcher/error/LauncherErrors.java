package dev.millrace.launcher.error;

import static dev.millrace.stack.error.StackException.RUN_TIME;
import static dev.millrace.stack.error.StackException.WRONG_INPUT;

import dev.millrace.stack.error.StackException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;

/** The messages of the commands; those of the servers are in {@code StackErrors}. */
public final class LauncherErrors {

  private LauncherErrors() {}

  public static StackException invalidPort(int port) {
    return new StackException(
        WRONG_INPUT, "%d is not a port. Use a number from 1 to 65535.".formatted(port), null);
  }

  public static StackException notRunning(Path dataFolder) {
    return new StackException(
        RUN_TIME,
        "No stack is running on %s. Start it: ./millrace stack up".formatted(dataFolder),
        null);
  }

  public static StackException ownedByLauncher(Path dataFolder, long pid) {
    return new StackException(
        RUN_TIME,
        "The stack of %s belongs to process %d (the demo, a test, or stack up --foreground) and ends with it. Stop that: kill %d"
            .formatted(dataFolder, pid, pid),
        null);
  }

  /** The stack does not have the server that a command asks. */
  public static StackException missingServer(Path dataFolder, String component) {
    return new StackException(
        RUN_TIME,
        "The stack of %s has no %s. Start one that has: ./millrace stack up%s"
            .formatted(dataFolder, component, component.equals("Cassandra") ? " --cassandra" : ""),
        null);
  }

  public static StackException unknownKafkaTool(String name, Set<String> known) {
    return new StackException(
        WRONG_INPUT,
        "Unknown tool '%s'. Use one of %s.".formatted(name, String.join(", ", known)),
        null);
  }

  /** The data was made, and the job lives and does not get to its end. */
  public static StackException notProcessed(Duration waited, Path log) {
    return new StackException(
        RUN_TIME,
        "The Spark job has not processed all rows within %d s. Its errors are in %s"
            .formatted(waited.toSeconds(), log),
        null);
  }

  /** Results of a job that are not those of its database, or could not be compared. */
  public static StackException notVerified(int exitCode, String problem) {
    return new StackException(
        RUN_TIME,
        "The comparison with Postgres failed (exit code %d):%n%s".formatted(exitCode, problem),
        null);
  }

  public static StackException closedOutput() {
    return new StackException(
        RUN_TIME,
        "Standard output cannot be written: it is closed, or its disk is full. What was printed is incomplete.",
        null);
  }

  /** A defect of this program's own. */
  public static StackException unexpected(Throwable cause) {
    return new StackException(
        RUN_TIME, "Unexpected " + cause + ". This is a defect; --debug shows where.", cause);
  }
}
