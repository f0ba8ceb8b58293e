package dev.millrace.stack.process;

import dev.millrace.stack.error.StackErrors;
import dev.millrace.stack.error.StackException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;

/**
 * A process of the stack: started by this Java process, or found again by its identity.
 *
 * <p>It runs in a session of its own, so that a Ctrl-C at the terminal reaches only the launcher,
 * which then stops the stack in order. What it prints is appended to its log.
 */
public final class StackProcess {

  private static final int TAIL_LINES = 15;
  private static final Duration KILL_TIMEOUT = Duration.ofSeconds(10);

  private final String name;
  private final ProcessIdentity identity;
  private final ProcessHandle handle;
  private final Process child;
  private final Path log;

  private StackProcess(
      String name, ProcessIdentity identity, ProcessHandle handle, Process child, Path log) {
    this.name = name;
    this.identity = identity;
    this.handle = handle;
    this.child = child;
    this.log = log;
  }

  /** Where the lines go that a process prints. */
  public enum Output {
    /** Both streams to its log. */
    LOG,
    /** Its standard output to the launcher's, its errors to its log. */
    TERMINAL
  }

  /** Starts it with the launcher's environment, overlaid with {@code environment}. */
  public static StackProcess start(
      String name,
      List<String> command,
      Map<String, String> environment,
      Path workFolder,
      Path log,
      Output to) {
    List<String> inOwnSession = new ArrayList<>(command);
    inOwnSession.add(0, "setsid");
    ProcessBuilder builder =
        new ProcessBuilder(inOwnSession)
            .directory(workFolder.toFile())
            .redirectErrorStream(to == Output.LOG)
            .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .redirectOutput(
                to == Output.LOG
                    ? ProcessBuilder.Redirect.appendTo(log.toFile())
                    : ProcessBuilder.Redirect.INHERIT);
    builder.environment().putAll(environment);
    try {
      Files.createDirectories(log.getParent());
      Process process = builder.start();
      process.getOutputStream().close();
      ProcessIdentity identity =
          ProcessIdentity.of(process.pid())
              .orElseThrow(
                  () -> StackErrors.died(name, " at once", log, LogTail.of(log, TAIL_LINES)));
      return new StackProcess(name, identity, process.toHandle(), process, log);
    } catch (IOException e) {
      throw StackErrors.unwritableFolder(workFolder, e);
    }
  }

  /** A process that an earlier launcher started; it may have ended since. */
  public static StackProcess found(String name, ProcessIdentity identity, Path log) {
    return new StackProcess(name, identity, identity.handle().orElse(null), null, log);
  }

  public String name() {
    return name;
  }

  public ProcessIdentity identity() {
    return identity;
  }

  public Path log() {
    return log;
  }

  public boolean isAlive() {
    return identity.isAlive();
  }

  /** Completes when the process has ended, for any reason. */
  public CompletableFuture<StackProcess> onExit() {
    return isAlive()
        ? handle.onExit().thenApply(ended -> this)
        : CompletableFuture.completedFuture(this);
  }

  /**
   * With which exit code it ended; empty while it runs, and where another launcher had started it.
   */
  public OptionalInt exitCode() {
    return child == null || child.isAlive()
        ? OptionalInt.empty()
        : OptionalInt.of(child.exitValue());
  }

  /** What to say about its death, with the end of its log. */
  public StackException death() {
    String exit = exitCode().isPresent() ? " with exit code " + exitCode().getAsInt() : "";
    return StackErrors.died(name, exit, log, LogTail.of(log, TAIL_LINES));
  }

  /** What to say where it lives and does not answer, with the end of its log. */
  public StackException notReady(Duration waited, Throwable lastFailure) {
    return StackErrors.notReady(name, waited, lastFailure, log, LogTail.of(log, TAIL_LINES));
  }

  /**
   * Asks it to stop (SIGTERM), and kills it when it has not stopped in {@code timeout}.
   *
   * @return whether it stopped by itself
   */
  public boolean stop(Duration timeout) {
    if (isAlive()) {
      handle.destroy();
    }
    return awaitEndOrKill(timeout);
  }

  /** Waits until it has ended; kills it when it has not in {@code timeout}. */
  public boolean awaitEndOrKill(Duration timeout) {
    if (awaitEnd(timeout)) {
      return true;
    }
    kill();
    return false;
  }

  /** Kills it and its children (SIGKILL) and returns when all have ended, as after a power cut. */
  public void kill() {
    if (!isAlive()) {
      return;
    }
    List<ProcessHandle> children = handle.descendants().toList();
    List<ProcessIdentity> identities =
        children.stream().flatMap(each -> ProcessIdentity.of(each.pid()).stream()).toList();
    handle.destroyForcibly();
    children.forEach(ProcessHandle::destroyForcibly);
    awaitEnd(KILL_TIMEOUT);
    identities.forEach(each -> awaitEnd(each, KILL_TIMEOUT));
  }

  private boolean awaitEnd(Duration timeout) {
    return awaitEnd(identity, timeout);
  }

  /**
   * Polls, as Java does for processes that are not children of its own, but more often; and unlike
   * Java's, this wait is not held up by a zombie that nobody reaps.
   */
  private boolean awaitEnd(ProcessIdentity process, Duration timeout) {
    Instant end = Instant.now().plus(timeout);
    while (process.isAlive()) {
      if (Instant.now().isAfter(end)) {
        return false;
      }
      Polling.pause("stopping " + name);
    }
    return true;
  }
}
