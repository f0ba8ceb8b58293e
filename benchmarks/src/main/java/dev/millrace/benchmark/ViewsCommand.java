package dev.millrace.benchmark;

import dev.millrace.benchmark.contender.Contender.Run;
import dev.millrace.benchmark.contender.ViewRuns;
import dev.millrace.benchmark.measure.JavaPrograms;
import dev.millrace.benchmark.report.Machine;
import dev.millrace.benchmark.report.ViewsTable;
import dev.millrace.benchmark.topic.RideTopic;
import dev.millrace.benchmark.topic.RideTopics;
import dev.millrace.stack.LocalStack;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code ./millrace benchmark views}. */
@Command(
    name = "views",
    description = {
      "From Kafka to views of the table, one view and five, with both stores of the state,",
      "next to Spark's own stateful aggregation. Writes a table into benchmarks/results."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class ViewsCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private MeasureOptions options;

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    JavaPrograms programs = new JavaPrograms(MeasureOptions.home(), options.jobFlags());
    RideTopic topic;
    Map<String, List<Run>> runs;
    try (LocalStack stack = options.startStack(out)) {
      topic =
          new RideTopics(stack.bootstrapServers())
              .fill("rides", options.messages, options.partitions, 1, options.compression);
      runs = measure(topic, stack.bootstrapServers(), programs, out);
    }
    String table =
        ViewsTable.of(
            topic,
            runs,
            Machine.thisOne(MeasureOptions.home()),
            programs.flags(),
            MeasureOptions.today(),
            options.rounds,
            options.warmUps);
    Files.createDirectories(options.resultsFolder());
    Files.writeString(options.resultsFolder().resolve(MeasureOptions.today() + "-views.md"), table);
    out.println(table);
    out.flush();
    return 0;
  }

  private Map<String, List<Run>> measure(
      RideTopic topic, String bootstrapServers, JavaPrograms programs, PrintWriter out)
      throws IOException, InterruptedException {
    Path work = MeasureOptions.home().resolve("benchmarks/target/views");
    Files.createDirectories(work);
    Path log = work.resolve("runs.log");
    Process process =
        new ProcessBuilder(
                programs.command(
                    ViewRuns.class.getName(),
                    List.of(
                        work.toString(),
                        bootstrapServers,
                        topic.name(),
                        Long.toString(topic.messages()),
                        Integer.toString(topic.partitions()),
                        Integer.toString(options.warmUps),
                        Integer.toString(options.rounds))))
            .redirectError(log.toFile())
            .start();
    Map<String, List<Run>> runs = new LinkedHashMap<>();
    ViewRuns.contenders().forEach(contender -> runs.put(contender, new ArrayList<>()));
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] words = line.split(" ", -1);
        if (!words[0].equals("run") && !words[0].equals("warm-up")) {
          continue;
        }
        Run run =
            new Run(Long.parseLong(words[2]), Long.parseLong(words[3]), Long.parseLong(words[4]));
        out.printf(
            "%-8s %-14s %,9.0f changes/s  %6.2f s%n",
            words[0], words[1], run.messages() * 1e9 / run.nanoseconds(), run.nanoseconds() / 1e9);
        out.flush();
        if (words[0].equals("run")) {
          runs.get(words[1]).add(run);
        }
      }
    }
    if (process.waitFor() != 0) {
      throw new IllegalStateException("A contender has failed. Log: " + log);
    }
    return runs;
  }
}
