package dev.millrace.benchmark.measure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How the processes of the contenders are started: all on this JDK, with the flags of the job.
 *
 * @param home the project's folder
 * @param flags of the virtual machine, heap and garbage collector among them
 */
public record JavaPrograms(Path home, List<String> flags) {

  public JavaPrograms {
    flags = List.copyOf(flags);
  }

  List<String> command(Program program) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flags);
    command.addAll(
        List.of(
            "-cp",
            program == Program.FLINK ? flinkClassPath() : jobClassPath(),
            program.mainClass()));
    command.addAll(program.arguments());
    return command;
  }

  /** A program of this module, on the job's class path. */
  public List<String> command(String mainClass, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flags);
    command.addAll(List.of("-cp", jobClassPath(), mainClass));
    command.addAll(arguments);
    return command;
  }

  /**
   * A worker of Kafka Connect on its own, without a group of workers.
   *
   * @param settings its properties file
   */
  public List<String> connectWorker(Path settings) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flags);
    command.addAll(
        List.of(
            "-Dorg.apache.logging.log4j.level=WARN",
            "-cp",
            read("local-stack/connect/target/class-path"),
            "org.apache.kafka.connect.cli.ConnectStandalone",
            settings.toString()));
    return command;
  }

  /**
   * JMH over the benchmarks of this module, with the figures of the garbage collector.
   *
   * @param data where it writes its result, as JSON
   * @param options further ones, which beat those in the code
   */
  public List<String> jmh(Path data, List<String> options) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flags);
    // After the job's own class path: only JMH is wanted of it.
    String classPath = jobClassPath() + ":" + read("benchmarks/target/class-path");
    command.addAll(List.of("-cp", classPath, "org.openjdk.jmh.Main"));
    command.addAll(List.of("-prof", "gc", "-rf", "json", "-rff", data.toString()));
    command.addAll(options);
    return command;
  }

  private String jobClassPath() {
    return String.join(
        ":",
        home.resolve("spark-job/target/millrace.jar").toString(),
        home.resolve("benchmarks/target/classes").toString(),
        simulator(),
        read("spark-job/target/spark-class-path"));
  }

  private String flinkClassPath() {
    return String.join(
        ":",
        home.resolve("benchmarks/flink/target/classes").toString(),
        home.resolve("benchmarks/target/classes").toString(),
        simulator(),
        read("benchmarks/flink/target/class-path"));
  }

  private String simulator() {
    return home.resolve("simulator/target/classes").toString();
  }

  private String read(String file) {
    try {
      return Files.readString(home.resolve(file)).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
