package dev.millrace.benchmark;

import dev.millrace.benchmark.measure.Case;
import dev.millrace.benchmark.measure.JavaPrograms;
import dev.millrace.benchmark.measure.Measured;
import dev.millrace.benchmark.measure.Rounds;
import dev.millrace.benchmark.report.Machine;
import dev.millrace.benchmark.report.ResultFiles;
import dev.millrace.benchmark.report.Setup;
import dev.millrace.stack.LocalStack;
import dev.millrace.stack.LocalStackOptions;
import dev.millrace.stack.process.Component;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** What every measurement is told on the command line, and how it begins and ends. */
final class MeasureOptions {

  @Option(
      names = "--messages",
      paramLabel = "N",
      description = "Messages of the topic. Default: ${DEFAULT-VALUE}.")
  long messages = 1_000_000;

  @Option(names = "--partitions", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
  int partitions = 2;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description = "Runs of each contender that count. Default: ${DEFAULT-VALUE}.")
  int rounds = 5;

  @Option(
      names = "--warm-ups",
      paramLabel = "N",
      description = "Runs of each contender before. Default: ${DEFAULT-VALUE}.")
  int warmUps = 2;

  @Option(
      names = "--compression",
      paramLabel = "KIND",
      description = "Of the topic; Debezium's connector here writes ${DEFAULT-VALUE}, the default.")
  String compression = "lz4";

  @Option(
      names = "--flags",
      split = ",",
      paramLabel = "FLAG",
      description = "Further flags for the virtual machines of all contenders.")
  List<String> flags = List.of();

  @Option(
      names = "--results",
      paramLabel = "FOLDER",
      description = "Where the results go. Default: benchmarks/results.")
  Path results;

  MeasureOptions() {}

  /** Other defaults: for contenders that take longer. */
  MeasureOptions(long messages, int rounds, int warmUps) {
    this.messages = messages;
    this.rounds = rounds;
    this.warmUps = warmUps;
  }

  /** A fresh stack, in the place of an earlier one; it ends with this process. */
  LocalStack startStack(PrintWriter out) throws IOException {
    return LocalStack.start(stackOptions(out));
  }

  /** The same without Kafka Connect. */
  LocalStack startStackWithoutConnect(PrintWriter out) throws IOException {
    return LocalStack.start(
        stackOptions(out).withComponents(Set.of(Component.POSTGRES, Component.KAFKA)));
  }

  private static LocalStackOptions stackOptions(PrintWriter out) throws IOException {
    Path folder = home().resolve("benchmarks/target/stack");
    Files.createDirectories(folder);
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
    return LocalStackOptions.in(folder).withProgress(out::println);
  }

  /** Runs the cases and writes what came of it. */
  void measure(LocalStack stack, String what, List<Case> cases, PrintWriter out)
      throws IOException {
    JavaPrograms programs = new JavaPrograms(home(), jobFlags());
    Path logs = home().resolve("benchmarks/target/logs");
    List<Measured> measured =
        new Rounds(programs, stack.bootstrapServers(), logs, out).run(cases, warmUps, rounds);
    Setup setup =
        new Setup(
            today(), what, Machine.thisOne(home()), programs.flags(), rounds, warmUps, compression);
    out.println(ResultFiles.in(resultsFolder()).write(setup, measured));
  }

  Path resultsFolder() {
    return results == null ? home().resolve("benchmarks/results") : results;
  }

  /** The flags with which the launcher starts the job. */
  List<String> jobFlags() {
    return Stream.concat(System.getProperty("millrace.job-flags").lines(), flags.stream())
        .filter(flag -> !flag.isBlank())
        .toList();
  }

  static String today() {
    return LocalDate.now(ZoneOffset.UTC).toString();
  }

  static Path home() {
    return LocalStackOptions.homeFromSystemProperty();
  }
}
