package dev.millrace.benchmark;

import dev.millrace.benchmark.measure.Case;
import dev.millrace.benchmark.topic.RideTopics;
import dev.millrace.stack.LocalStack;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ./millrace benchmark}. */
@Command(
    name = "benchmark",
    description = {
      "Runs this job and others side by side on one topic of a local stack of its own,",
      "and writes table, chart and data into benchmarks/results."
    },
    subcommands = {
      GrowthCommand.class,
      DecoderCommand.class,
      StartUpCommand.class,
      CassandraCommand.class,
      FilesCommand.class,
      ViewsCommand.class,
      SinksCommand.class,
      LatencyCommand.class
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
public final class Benchmark implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private MeasureOptions options;

  @Option(
      names = "--only",
      split = ",",
      paramLabel = "LETTER",
      description = "Only these contenders: a, b, c, d, e, f. Default: all.")
  private List<String> only = List.of("a", "b", "c", "d", "e", "f");

  @Option(
      names = "--sinks",
      split = ",",
      paramLabel = "SINK",
      description = "Only these sinks: noop, parquet. Default: both.")
  private List<String> sinks = List.of("noop", "parquet");

  @Option(
      names = "--slow-messages",
      paramLabel = "N",
      description = {
        "How many messages e and f read: the first of the same, in a topic of their own.",
        "Default: ${DEFAULT-VALUE}."
      })
  private long slowMessages = 100_000;

  private Benchmark() {}

  /** Runs a command and exits with its code. */
  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  static CommandLine commandLine() {
    return new CommandLine(new Benchmark());
  }

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    try (LocalStack stack = options.startStack(out)) {
      RideTopics topics = new RideTopics(stack.bootstrapServers());
      List<Case> cases =
          new Contenders(only, sinks)
              .cases(
                  topics.fill(
                      "rides", options.messages, options.partitions, 1, options.compression),
                  topics.fill(
                      "rides-share",
                      Math.min(slowMessages, options.messages),
                      options.partitions,
                      1,
                      options.compression));
      options.measure(stack, "throughput", cases, out);
    }
    return 0;
  }
}
