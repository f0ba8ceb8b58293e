package dev.millrace.benchmark.measure;

import dev.millrace.benchmark.contender.Contender.Run;
import dev.millrace.benchmark.contender.Contender.Task;
import dev.millrace.benchmark.contender.ContenderServer;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A contender's process, alive from the first run to the last; one order at a time. */
public final class ContenderProcess implements AutoCloseable {

  private final Process process;
  private final Path log;
  private final BufferedWriter orders;
  private final BufferedReader answers;

  private ContenderProcess(Process process, Path log) {
    this.process = process;
    this.log = log;
    this.orders =
        new BufferedWriter(
            new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
    this.answers =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  /** Starts it; returns once it takes orders. */
  public static ContenderProcess start(List<String> command, Path log) throws IOException {
    ContenderProcess started =
        new ContenderProcess(new ProcessBuilder(command).redirectError(log.toFile()).start(), log);
    started.answer("ready");
    return started;
  }

  Run run(Task task) throws IOException {
    String[] words = ask(ContenderServer.order(task), "done").split(" ", -1);
    Run run = new Run(Long.parseLong(words[1]), Long.parseLong(words[2]), Long.parseLong(words[3]));
    if (run.messages() != task.messages()) {
      throw new IllegalStateException(
          "%d of %d messages were read. Log: %s".formatted(run.messages(), task.messages(), log));
    }
    return run;
  }

  /**
   * Gives an order and waits for its answer.
   *
   * @param expected what the answer's line begins with
   * @throws IllegalStateException where the contender answers something else, or has ended
   */
  public String ask(String order, String expected) throws IOException {
    orders.write(order);
    orders.newLine();
    orders.flush();
    return answer(expected);
  }

  private String answer(String expected) throws IOException {
    String line = answers.readLine();
    if (line == null || !line.startsWith(expected)) {
      throw new IllegalStateException(
          "A contender answered %s instead of %s. Log: %s".formatted(line, expected, log));
    }
    return line;
  }

  @Override
  public void close() throws IOException {
    orders.close();
    try {
      if (!process.waitFor(20, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
