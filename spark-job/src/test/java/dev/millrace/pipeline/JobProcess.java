package dev.millrace.pipeline;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** The job as users run it: {@code ./millrace run} in a process of its own. */
public final class JobProcess implements AutoCloseable {

  /**
   * Settings of the launcher for a job that lives for seconds: half of its CPU time would go into
   * loading and compiling classes.
   */
  public static final Map<String, String> SHORT_LIVED =
      Map.of(
          "MILLRACE_BUILD", "never",
          "MILLRACE_CLASS_ARCHIVE", "use",
          "MILLRACE_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1");

  /** A batch takes seconds, but on a machine with much else to do. */
  private static final Duration TIMEOUT = Duration.ofMinutes(4);

  private final String sink;
  private final Path checkpoints;
  private final Process process;
  private final Path log;

  private JobProcess(String sink, Path checkpoints, Process process, Path log) {
    this.sink = sink;
    this.checkpoints = checkpoints;
    this.process = process;
    this.log = log;
  }

  /** Starts a run of all outputs that continues until it is ended. */
  static JobProcess start(TestPipeline pipeline, List<String> flags) throws IOException {
    return start(pipeline, "--all-outputs", flags);
  }

  /**
   * Starts a run that continues until it is ended.
   *
   * @param outputs the flag that chooses them
   */
  static JobProcess start(TestPipeline pipeline, String outputs, List<String> flags)
      throws IOException {
    List<String> all = new ArrayList<>(List.of(outputs));
    pipeline.settings().forEach(setting -> all.addAll(List.of("--set", setting)));
    all.addAll(flags);
    return start("ride-bookings", pipeline.folder(), pipeline.sink(), pipeline.environment(), all);
  }

  /** Starts {@code ./millrace compact} for one output. */
  static JobProcess compaction(TestPipeline pipeline, String output, List<String> flags)
      throws IOException {
    List<String> all = new ArrayList<>(List.of("--output", output));
    all.addAll(flags);
    return start(
        "compact",
        "ride-bookings",
        pipeline.folder(),
        pipeline.sink(),
        pipeline.environment(),
        all);
  }

  /**
   * Starts a run of a shipped pipeline that continues until it is ended.
   *
   * @param pipeline its name, which its file has, too
   * @param folder for checkpoints and what it prints
   */
  static JobProcess start(
      String pipeline,
      Path folder,
      String sink,
      Map<String, String> environment,
      List<String> flags)
      throws IOException {
    return start("run", pipeline, folder, sink, environment, flags);
  }

  /**
   * Starts a run of a pipeline whose outputs have sinks of their own.
   *
   * @param file its definition
   */
  static JobProcess start(Path file, Path folder, Map<String, String> environment, String... flags)
      throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                System.getProperty("millrace.home") + "/millrace",
                "run",
                file.toString(),
                "--all-outputs"));
    command.addAll(List.of(flags));
    return start("", folder.resolve("checkpoints"), command, folder, environment);
  }

  private static JobProcess start(
      String subcommand,
      String pipeline,
      Path folder,
      String sink,
      Map<String, String> environment,
      List<String> flags)
      throws IOException {
    String home = System.getProperty("millrace.home");
    Path checkpoints = folder.resolve("checkpoints");
    List<String> command =
        new ArrayList<>(
            List.of(
                home + "/millrace",
                subcommand,
                home + "/pipelines/" + pipeline + ".yaml",
                "--sink",
                sink,
                "--checkpoints",
                checkpoints.toString()));
    command.addAll(flags);
    return start(sink, checkpoints.resolve(pipeline), command, folder, environment);
  }

  private static JobProcess start(
      String sink,
      Path checkpoints,
      List<String> command,
      Path folder,
      Map<String, String> environment)
      throws IOException {
    Path log = Files.createTempFile(folder, "job", ".log");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().putAll(SHORT_LIVED);
    builder.environment().put("MILLRACE_HEAP", "1g");
    builder.environment().putAll(environment);
    return new JobProcess(sink, checkpoints, builder.start(), log);
  }

  /** Waits until a batch has begun that is not committed. */
  void awaitBatchInFlight(String output) {
    Awaitility.await()
        .atMost(TIMEOUT)
        .pollInterval(Duration.ofMillis(2))
        .until(() -> requireAlive() && newest(output, "offsets") > newest(output, "commits"));
  }

  /** Waits until some batch after {@code batch} is committed. */
  void awaitCommitAfter(String output, long batch) {
    Awaitility.await()
        .atMost(TIMEOUT)
        .until(() -> requireAlive() && newest(output, "commits") > batch);
  }

  /** The highest batch in a log of the output's checkpoint; -1 where there is none. */
  long newest(String output, String checkpointLog) throws IOException {
    Path folder = checkpoints.resolve(output).resolve(sink).resolve(checkpointLog);
    if (!Files.isDirectory(folder)) {
      return -1;
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.matches("\\d+"))
          .mapToLong(Long::parseLong)
          .max()
          .orElse(-1);
    }
  }

  /**
   * SIGKILL of the job. A run is a child of the launcher: if the launcher alone were killed, the
   * system would send the job SIGTERM, and it would finish the batch in flight. Other commands take
   * the launcher's place.
   */
  void kill() throws InterruptedException {
    List<ProcessHandle> job = process.descendants().toList();
    boolean isJob = process.info().command().filter(path -> path.endsWith("/java")).isPresent();
    if (job.isEmpty() && !isJob) {
      throw new AssertionError("the job has ended before the kill:\n" + seen());
    }
    job.forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    process.waitFor();
    for (ProcessHandle each : job) {
      each.onExit().join();
    }
  }

  /** SIGTERM; returns the exit code. */
  int terminate() throws InterruptedException {
    process.destroy();
    return awaitExit();
  }

  int awaitExit() throws InterruptedException {
    if (!process.waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
      throw new AssertionError("the job did not end:\n" + seen());
    }
    return process.exitValue();
  }

  /** What a user saw so far. */
  String seen() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Fails where the job has ended; true for use in conditions. */
  boolean requireAlive() {
    if (!process.isAlive()) {
      throw new AssertionError("the job ended:\n" + seen());
    }
    return true;
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}
