package dev.millrace.stack.command;

import dev.millrace.stack.LocalStack;
import dev.millrace.stack.LocalStackOptions;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The whole way on one machine. The Spark job starts as soon as the broker is up, beside Connect:
 * the two take the longest.
 */
final class Demo {

  private static final String TOPIC = "business_postgres.public.business_ncr_ride_bookings";
  private static final int PARTITIONS = 3;
  private static final Duration PROCESSING_PATIENCE = Duration.ofMinutes(1);
  private static final String COLUMNS_FOR_A_TERMINAL =
      "SELECT id, op, booking_id, booking_status, vehicle_type, pickup_location, booking_value,"
          + " ride_distance, updated_at_ts FROM changes";
  private static final String FOREVER = Long.toString(Integer.MAX_VALUE);

  /**
   * What the user asked for.
   *
   * @param time when to stop; null for never
   * @param rides how many to play; null for no end
   */
  record Settings(Duration time, Long rides, int changesPerSecond, long seed, String sink) {}

  private final Settings settings;
  private final PrintWriter out;
  private final long began = System.nanoTime();
  private final AtomicBoolean hasSaidFarewell = new AtomicBoolean();
  private final Path folder = DataFolder.inProject("demo");

  Demo(Settings settings, PrintWriter out) {
    this.settings = settings;
    this.out = out;
  }

  /** Runs to its end; Ctrl-C and SIGTERM end it in order, with exit code 0. */
  int run() {
    LocalStackOptions options = DataFolder.options(folder).withProgress(this::say);
    startAnew(options);
    out.println("Postgres -> Debezium -> Kafka -> Spark, all on this machine. Ctrl-C ends it.");
    out.println("Data, logs and output of this run, and of no earlier one: " + folder);
    say("Starting Postgres, Kafka and Kafka Connect");
    LocalStack stack = LocalStack.launch(options);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> endOnSignal(stack), "end-demo"));
    try {
      stack.awaitReady(Component.KAFKA);
      stack.createTopic(TOPIC, PARTITIONS);
      say("Starting the Spark job");
      StackProcess job = startJob(stack);
      stack.awaitReady();
      stack.register(stack.connector("ride-bookings"));
      say("Connector registered, a row has crossed from Postgres to Kafka");
      StackProcess simulator = startSimulator(stack);
      say("Ride bookings arrive, %d changes a second".formatted(settings.changesPerSecond()));
      say("Logs: " + stack.log(Component.KAFKA).getParent());
      awaitEnd(stack, job, simulator);
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

  private StackProcess startJob(LocalStack stack) {
    List<String> command =
        new ArrayList<>(
            List.of(
                millrace(),
                "run",
                home().resolve("pipelines/ride-bookings.yaml").toString(),
                "--output",
                "bookings",
                "--output",
                "average-by-operation",
                "--sink",
                settings.sink()));
    if (settings.sink().equals("console")) {
      command.addAll(List.of("--set", "outputs.bookings.sql=" + COLUMNS_FOR_A_TERMINAL));
      // Time to read a batch before the next one scrolls it away.
      command.addAll(List.of("--set", "trigger.interval=3s", "--set", "sinks.console.rows=10"));
    }
    return stack.startCompanion(
        "spark-job",
        command,
        Map.of(
            "MILLRACE_BUILD", "never",
            "KAFKA_BOOTSTRAP_SERVERS", stack.bootstrapServers(),
            "KAFKA_TOPIC", TOPIC,
            "CHECKPOINT_DIR", checkpoints().toString(),
            "OUTPUT_DIR", folder.resolve("output").toString()),
        StackProcess.Output.TERMINAL);
  }

  private StackProcess startSimulator(LocalStack stack) {
    List<String> command = new ArrayList<>(List.of(millrace(), "simulate", "--quiet"));
    command.addAll(List.of("--rate", Integer.toString(settings.changesPerSecond())));
    command.addAll(List.of("--seed", Long.toString(settings.seed())));
    command.addAll(
        List.of("--rows", settings.rides() == null ? FOREVER : settings.rides().toString()));
    command.addAll(List.of("--jdbc-url", stack.jdbcUrl()));
    command.addAll(List.of("--user", stack.connections().postgresUser()));
    return stack.startCompanion(
        "simulator",
        command,
        Map.of(
            "MILLRACE_BUILD", "never", "POSTGRES_PASSWORD", stack.connections().postgresPassword()),
        StackProcess.Output.LOG);
  }

  /** Returns when the time is up or the rides are over; fails when a process dies before. */
  private void awaitEnd(LocalStack stack, StackProcess job, StackProcess simulator) {
    CompletableFuture<?> end =
        CompletableFuture.anyOf(stack.death(), job.onExit(), simulator.onExit());
    try {
      if (settings.time() == null) {
        end.join();
      } else {
        end.get(settings.time().toMillis(), TimeUnit.MILLISECONDS);
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
    if (!job.isAlive()) {
      throw job.death();
    }
    if (simulator.exitCode().orElse(0) != 0) {
      throw simulator.death();
    }
    say(LogTail.of(simulator.log(), 3).strip());
    awaitProcessed(stack);
  }

  /** Returns when the job has processed all that the simulator wrote, or not within a while. */
  private void awaitProcessed(LocalStack stack) {
    CheckpointProgress progress = new CheckpointProgress(checkpoints(), TOPIC);
    Instant end = Instant.now().plus(PROCESSING_PATIENCE);
    while (!progress.hasReached(stack.endOffsets(TOPIC))) {
      if (Instant.now().isAfter(end)) {
        say("The job has not processed all of it within " + PROCESSING_PATIENCE.toSeconds() + " s");
        return;
      }
      Polling.pause("waiting for the Spark job");
    }
    say("The job has processed all of it");
  }

  private Path checkpoints() {
    return folder.resolve("checkpoints");
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
    say(
        """
        Everything has stopped. What it wrote is in %s. Try next:
          ./millrace demo --sink parquet
          ./millrace stack up        a stack that stays, for ./millrace sql and ./millrace kafka\
        """
            .formatted(folder));
  }

  private static String millrace() {
    return home().resolve("millrace").toString();
  }

  private static Path home() {
    return LocalStackOptions.homeFromSystemProperty();
  }

  private void say(String line) {
    double seconds = Duration.ofNanos(System.nanoTime() - began).toMillis() / 1000.0;
    out.println("[%5.1f s] %s".formatted(seconds, line));
    out.flush();
  }
}
