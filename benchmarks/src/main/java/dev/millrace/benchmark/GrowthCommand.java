package dev.millrace.benchmark;

import dev.millrace.benchmark.measure.Case;
import dev.millrace.benchmark.measure.Program;
import dev.millrace.benchmark.topic.RideTopic;
import dev.millrace.benchmark.topic.RideTopics;
import dev.millrace.stack.LocalStack;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code ./millrace benchmark growth}. */
@Command(
    name = "growth",
    description = {
      "How the job and the plain consumers with Jackson take ten times the messages, columns",
      "or partitions. Messages of 240 columns are a tenth as many, so that the bytes are the same."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class GrowthCommand implements Callable<Integer> {

  private static final int TIMES = 10;
  private static final int COLUMNS = 24;

  @Spec private CommandSpec spec;
  @Mixin private MeasureOptions options;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    try (LocalStack stack = options.startStack(out)) {
      RideTopics topics = new RideTopics(stack.bootstrapServers());
      long messages = options.messages;
      int partitions = options.partitions;
      String compression = options.compression;
      Map<String, RideTopic> grown = new LinkedHashMap<>();
      grown.put("base", topics.fill("base", messages, partitions, 1, compression));
      grown.put("messages", topics.fill("messages", messages * TIMES, partitions, 1, compression));
      grown.put(
          "columns", topics.fill("columns", messages / TIMES, partitions, TIMES, compression));
      grown.put(
          "partitions", topics.fill("partitions", messages, partitions * TIMES, 1, compression));
      options.measure(stack, "growth", cases(grown), out);
    }
    return 0;
  }

  private static List<Case> cases(Map<String, RideTopic> grown) {
    List<Case> cases = new ArrayList<>();
    grown.forEach(
        (name, topic) -> {
          cases.add(new Case("b-" + name, Program.JACKSON, "b", topic, 0, "none"));
          cases.add(
              new Case(
                  "d-" + name,
                  Program.MILLRACE,
                  "d-" + name,
                  topic,
                  COLUMNS * topic.copies(),
                  "noop"));
        });
    return cases;
  }
}
