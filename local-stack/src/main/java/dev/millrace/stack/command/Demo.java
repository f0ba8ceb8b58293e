package dev.millrace.stack.command;

import dev.millrace.stack.LocalStack;
import dev.millrace.stack.LocalStackOptions;
import dev.millrace.stack.command.DemoScenario.Play;
import dev.millrace.stack.error.StackErrors;
import dev.millrace.stack.error.StackException;
import dev.millrace.stack.process.Component;
import dev.millrace.stack.process.LogTail;
import dev.millrace.stack.process.Polling;
import dev.millrace.stack.process.StackProcess;
import dev.millrace.stack.server.Folders;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

/** Plays a demo: starts a stack for it, waits for its end, stops everything. */
final class Demo {

  private static final Duration PROCESSING_PATIENCE = Duration.ofMinutes(1);

  private final DemoScenario scenario;
  private final DemoStage.Settings settings;
  private final PrintWriter out;
  private final long began = System.nanoTime();
  private final AtomicBoolean hasSaidFarewell = new AtomicBoolean();
  private final Path folder = DataFolder.inProject("demo");

  Demo(DemoScenario scenario, DemoStage.Settings settings, PrintWriter out) {
    this.scenario = scenario;
    this.settings = settings;
    this.out = out;
  }

  /** Runs to its end; Ctrl-C and SIGTERM end it in order, with exit code 0. */
  int run() {
    LocalStackOptions options = scenario.stack(DataFolder.options(folder).withProgress(this::say));
    startAnew(options);
    out.println(scenario.title() + ", all on this machine. Ctrl-C ends it.");
    out.println("Data, logs and output of this run, and of no earlier one: " + folder);
    say("Starting the servers");
    LocalStack stack = LocalStack.launch(options);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> endOnSignal(stack), "end-demo"));
    DemoStage stage = new DemoStage(stack, folder, settings, this::say);
    try {
      Play play = scenario.begin(stage);
      say("Logs: " + stack.log(Component.KAFKA).getParent());
      awaitEnd(stage, play);
      if (!stack.isStopping()) {
        scenario.showResults(stage);
      }
    } catch (StackException e) {
      // What fails once the stack is being stopped, fails because of that.
      if (!stack.isStopping()) {
        hasSaidFarewell.set(true);
        throw e;
      }
    } finally {
      stack.stop();
    }
    sayFarewell();
    return 0;
  }

  private void startAnew(LocalStackOptions options) {
    LocalStack.endOrphans(options);
    try {
      Folders.delete(folder);
    } catch (IOException e) {
      throw StackErrors.unwritableFolder(folder, e);
    }
  }

  /** Returns when the time is up or all is processed; fails when a process dies before. */
  private void awaitEnd(DemoStage stage, Play play) {
    LocalStack stack = stage.stack();
    CompletableFuture<?> end =
        CompletableFuture.anyOf(
            stack.death(),
            play.job().onExit(),
            play.feeder().map(StackProcess::onExit).orElseGet(play.job()::onExit));
    try {
      if (settings.time().isEmpty()) {
        end.join();
      } else {
        end.get(settings.time().get().toMillis(), TimeUnit.MILLISECONDS);
      }
    } catch (TimeoutException e) {
      say("Time is up");
      return;
    } catch (InterruptedException e) {
      throw StackErrors.interrupted("running the demo", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
    if (stack.isStopping()) {
      return;
    }
    if (stack.death().isDone()) {
      throw stack.death().join();
    }
    if (play.feeder().isEmpty() && play.job().exitCode().orElse(1) == 0) {
      return;
    }
    if (!play.job().isAlive()) {
      throw play.job().death();
    }
    StackProcess feeder = play.feeder().orElseThrow();
    if (feeder.exitCode().orElse(0) != 0) {
      throw feeder.death();
    }
    say(LogTail.of(feeder.log(), 3).strip());
    awaitProcessed(stage);
  }

  /** Returns when the job has processed all that it was given, or not within a while. */
  private void awaitProcessed(DemoStage stage) {
    Instant end = Instant.now().plus(PROCESSING_PATIENCE);
    while (!scenario.hasProcessedAll(stage)) {
      if (Instant.now().isAfter(end)) {
        say("The job has not processed all of it within " + PROCESSING_PATIENCE.toSeconds() + " s");
        return;
      }
      Polling.pause("waiting for the Spark job");
    }
    say("The job has processed all of it");
  }

  /** A signal ends the demo as the user wants it to end: in order, and with exit code 0. */
  private void endOnSignal(LocalStack stack) {
    if (hasSaidFarewell.get()) {
      return;
    }
    stack.stop();
    sayFarewell();
    Runtime.getRuntime().halt(0);
  }

  private void sayFarewell() {
    if (!hasSaidFarewell.compareAndSet(false, true)) {
      return;
    }
    say("Everything has stopped. What it wrote is in %s. Try next:".formatted(folder));
    out.println(scenario.farewell());
    out.flush();
  }

  private void say(String line) {
    double seconds = Duration.ofNanos(System.nanoTime() - began).toMillis() / 1000.0;
    out.println("[%5.1f s] %s".formatted(seconds, line));
    out.flush();
  }
}
