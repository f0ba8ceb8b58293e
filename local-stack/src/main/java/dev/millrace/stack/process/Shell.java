package dev.millrace.stack.process;

import dev.millrace.stack.error.StackErrors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** Commands that end by themselves. */
public final class Shell {

  private Shell() {}

  /**
   * The result of a command.
   *
   * @param output what it printed, to both streams
   */
  public record Outcome(int exitCode, String output) {}

  /** Runs the command to its end, successful or not. */
  public static Outcome run(List<String> command, Map<String, String> environment) {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    try {
      Process process = builder.start();
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Outcome(process.waitFor(), output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw StackErrors.interrupted("running " + command.get(0), e);
    }
  }

  /** Runs the command and fails where it fails. */
  public static void require(List<String> command, Map<String, String> environment) {
    Outcome outcome = run(command, environment);
    if (outcome.exitCode() != 0) {
      throw StackErrors.commandFailed(command.get(0), outcome.exitCode(), outcome.output());
    }
  }
}
