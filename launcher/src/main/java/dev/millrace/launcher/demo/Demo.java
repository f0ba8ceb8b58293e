package dev.millrace.launcher.demo;

import dev.millrace.launcher.demo.DemoScenario.Play;
import dev.millrace.launcher.error.LauncherErrors;
import dev.millrace.stack.LocalStack;
import dev.millrace.stack.LocalStackOptions;
import dev.millrace.stack.error.StackErrors;
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
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/** Plays a demo: starts a stack for it, waits for its end, stops everything. */
public final class Demo {

  private static final Duration PROCESSING_TIMEOUT = Duration.ofMinutes(5);

  private static final Duration FEEDER_STOP_TIMEOUT = Duration.ofSeconds(30);

  private final DemoScenario scenario;
  private final DemoSettings settings;
  private final PrintWriter out;
  private final long began = System.nanoTime();
  private final LocalStackOptions options;
  private final Path folder;
  private Optional<LocalStack> stack = Optional.empty();
  private boolean isEnding;

  /**
   * @param options its stack's, whose folder is emptied first
   */
  public Demo(
      DemoScenario scenario, DemoSettings settings, LocalStackOptions options, PrintWriter out) {
    this.scenario = scenario;
    this.settings = settings;
    this.options = options;
    this.folder = options.dataFolder();
    this.out = out;
  }

  /**
   * Runs to its end. Ctrl-C and SIGTERM end it in order, with exit code 0; any failure is thrown,
   * after everything has been stopped.
   */
  public int run() {
    Thread endOnSignal = new Thread(this::endOnSignal, "end-demo");
    Runtime.getRuntime().addShutdownHook(endOnSignal);
    try {
      play();
    } catch (RuntimeException | Error failure) {
      if (isSignalled(endOnSignal)) {
        // What fails while a signal stops the stack, fails because of that. The hook ends the
        // process.
        return 0;
      }
      stopStack(failure);
      throw failure;
    }
    stopStack();
    if (!isSignalled(endOnSignal)) {
      bidFarewell();
    }
    return 0;
  }

  /** Whether a signal is ending this process already; if not, none runs the hook from now on. */
  private static boolean isSignalled(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
      return false;
    } catch (IllegalStateException e) {
      return true;
    }
  }

  private void play() {
    String sink = settings.sink().orElse(scenario.defaultSink());
    LocalStackOptions servers =
        options.withComponents(components(scenario, sink)).withProgress(this::say);
    startAnew(servers);
    out.println(scenario.title() + ", all on this machine. Ctrl-C ends it.");
    out.println("Data, logs and output of this run, and of no earlier one: " + folder);
    if (!servers.components().isEmpty()) {
      say("Starting " + names(servers.components()));
    }
    DemoStage stage = new DemoStage(launch(servers), folder, settings, sink, this::say);
    Play play = scenario.begin(stage);
    say("Logs: " + folder.resolve("logs"));
    awaitEnd(stage, play);
    scenario.showResults(stage);
  }

  /** The servers that the data comes from, and the one that the results go to. */
  static Set<Component> components(DemoScenario scenario, String sink) {
    Set<Component> components = EnumSet.noneOf(Component.class);
    components.addAll(scenario.sources());
    if (sink.equals(DemoStage.CASSANDRA)) {
      components.add(Component.CASSANDRA);
    } else if (sink.equals(DemoStage.POSTGRES)) {
      components.add(Component.POSTGRES);
    } else if (sink.equals("kafka")) {
      components.add(Component.KAFKA);
    }
    return components;
  }

  private static String names(Set<Component> components) {
    return components.stream().sorted().map(Component::title).collect(Collectors.joining(", "));
  }

  /** Under the lock of {@link #stopStack()}: a stack is either stopped or not started at all. */
  private synchronized LocalStack launch(LocalStackOptions servers) {
    if (isEnding) {
      throw StackErrors.stopped();
    }
    LocalStack launched = LocalStack.launch(servers);
    stack = Optional.of(launched);
    return launched;
  }

  private void stopStack() {
    Optional<LocalStack> launched;
    synchronized (this) {
      isEnding = true;
      launched = stack;
    }
    launched.ifPresent(LocalStack::stop);
  }

  /** The failure of the demo is what a user has to hear about, not what follows from it. */
  private void stopStack(Throwable failure) {
    try {
      stopStack();
    } catch (RuntimeException e) {
      failure.addSuppressed(e);
    }
  }

  private void startAnew(LocalStackOptions servers) {
    LocalStack.endOrphans(servers);
    try {
      Folders.delete(folder);
    } catch (IOException e) {
      throw StackErrors.unwritableFolder(folder, e);
    }
  }

  /** Returns when the time is up or all is processed; fails when a process dies before. */
  private void awaitEnd(DemoStage stage, Play play) {
    LocalStack servers = stage.stack();
    CompletableFuture<?> end =
        CompletableFuture.anyOf(
            servers.death(),
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
      play.feeder().ifPresent(feeder -> feeder.stop(FEEDER_STOP_TIMEOUT));
      return;
    } catch (InterruptedException e) {
      throw StackErrors.interrupted("running the demo", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
    if (servers.death().isDone()) {
      throw servers.death().join();
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
    awaitProcessed(stage, play);
  }

  /** Returns when the job has processed all that it was given; fails when it cannot any more. */
  private void awaitProcessed(DemoStage stage, Play play) {
    Instant end = Instant.now().plus(PROCESSING_TIMEOUT);
    while (!scenario.hasProcessedAll(stage)) {
      if (stage.stack().death().isDone()) {
        throw stage.stack().death().join();
      }
      if (!play.job().isAlive()) {
        throw play.job().death();
      }
      if (Instant.now().isAfter(end)) {
        throw LauncherErrors.notProcessed(PROCESSING_TIMEOUT, play.job().log());
      }
      Polling.pause("waiting for the Spark job");
    }
    say("The job has processed all of it");
  }

  /** A signal ends the demo as the user wants it to end: in order, and with exit code 0. */
  private void endOnSignal() {
    stopStack();
    bidFarewell();
    Runtime.getRuntime().halt(0);
  }

  private void bidFarewell() {
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
