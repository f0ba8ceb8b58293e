package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.pipeline.JobProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * {@code ./millrace} as a process of its own, as a user starts it.
 *
 * @param out a file with what it prints to standard output
 * @param err a file with what it prints to standard error
 */
record LauncherProcess(Process process, Path out, Path err) {

  static final Path HOME = Path.of(System.getProperty("millrace.home"));

  /** Starts a command of the launcher in {@code home}, in a folder that keeps what it prints. */
  static LauncherProcess start(
      Path home, Path folder, Map<String, String> environment, String... arguments) {
    List<String> command = new ArrayList<>(List.of(home.resolve("millrace").toString()));
    command.addAll(List.of(arguments));
    return start(folder, environment, command);
  }

  /** Starts any command, with signals as at a terminal even where this process ignores some. */
  static LauncherProcess start(
      Path folder, Map<String, String> environment, List<String> arguments) {
    List<String> command = new ArrayList<>(List.of("setsid", "env", "--default-signal=INT"));
    command.addAll(arguments);
    try {
      Path out = Files.createTempFile(folder, "out", ".txt");
      Path err = Files.createTempFile(folder, "err", ".txt");
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .directory(folder.toFile())
              .redirectInput(new java.io.File("/dev/null"))
              .redirectOutput(out.toFile())
              .redirectError(err.toFile());
      builder.environment().putAll(JobProcess.SHORT_LIVED);
      if (!arguments.get(0).equals(HOME.resolve("millrace").toString())) {
        // An archive belongs to one home, and those of tests are gone with them.
        builder.environment().remove("MILLRACE_CLASS_ARCHIVE");
      }
      builder.environment().putAll(environment);
      return new LauncherProcess(builder.start(), out, err);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns once the shell has begun to run the launcher: before that, nothing of it is there. */
  LauncherProcess begun() {
    Path status = Path.of("/proc", Long.toString(process.pid()), "status");
    await()
        .pollInterval(Duration.ofMillis(1))
        .pollDelay(Duration.ZERO)
        .atMost(Duration.ofMinutes(1))
        .until(() -> Files.readAllLines(status).stream().anyMatch(LauncherProcess::catchesSigint));
    return this;
  }

  private static boolean catchesSigint(String line) {
    return line.startsWith("SigCgt:")
        && (Long.parseUnsignedLong(line.substring("SigCgt:".length()).strip(), 16) & 2) != 0;
  }

  /** Sends a signal to the launcher alone. */
  void signal(String signal) {
    signal(signal, Long.toString(process.pid()));
  }

  /** Sends a signal to the launcher and its children, as a terminal does. */
  void signalGroup(String signal) {
    signal(signal, "-" + process.pid());
  }

  private static void signal(String signal, String target) {
    try {
      int exitCode = new ProcessBuilder("kill", "-" + signal, "--", target).start().waitFor();
      if (exitCode != 0) {
        throw new AssertionError("kill -" + signal + " " + target + " exited with " + exitCode);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** Waits for a text as long as the process lives: how fast it gets there is up to the machine. */
  void awaitPrinted(String text, Duration timeout) {
    await().atMost(timeout).until(() -> printed().contains(text) || !process.isAlive());
    assertThat(printed()).as(complaints()).contains(text);
  }

  /** Its exit code; what does not end is killed, with its children, and fails the test. */
  int awaitExit(Duration timeout) throws InterruptedException {
    if (process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
      return process.exitValue();
    }
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    throw new AssertionError("runs after " + timeout + ": " + printed() + complaints());
  }

  String printed() {
    return text(out);
  }

  String complaints() {
    return text(err);
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Processes that work in this folder or name it on their command line. */
  static List<String> processesOf(Path folder) {
    return ProcessHandle.allProcesses()
        .filter(process -> process.pid() != ProcessHandle.current().pid())
        .map(process -> process.pid() + " " + describe(process.pid()))
        .filter(line -> line.contains(folder.toString()))
        .toList();
  }

  private static String describe(long pid) {
    Path proc = Path.of("/proc", Long.toString(pid));
    try {
      return Files.readSymbolicLink(proc.resolve("cwd"))
          + " "
          + Files.readString(proc.resolve("cmdline")).replace('\0', ' ');
    } catch (IOException e) {
      return "";
    }
  }

  /** A project's folder of its own: the launcher, and links to what it needs. */
  static Path project(Path home) throws IOException {
    Files.createDirectories(home.resolve(".local-stack"));
    Files.copy(HOME.resolve("millrace"), home.resolve("millrace"));
    for (String part :
        List.of(
            "pom.xml",
            "spark-job",
            "simulator",
            "launcher",
            "pipelines",
            "postgres-init",
            "connect-config")) {
      Files.createSymbolicLink(home.resolve(part), HOME.resolve(part));
    }
    Files.createDirectories(HOME.resolve(".local-stack/cache"));
    Files.createSymbolicLink(
        home.resolve(".local-stack/cache"), HOME.resolve(".local-stack/cache"));
    // Links to its parts, so that a test can leave one out.
    Path modules = Files.createDirectories(home.resolve("local-stack"));
    try (Stream<Path> parts = Files.list(HOME.resolve("local-stack"))) {
      for (Path part : parts.toList()) {
        Files.createSymbolicLink(modules.resolve(part.getFileName()), part);
      }
    }
    return home;
  }
}
