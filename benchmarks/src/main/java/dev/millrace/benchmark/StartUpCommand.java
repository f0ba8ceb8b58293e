package dev.millrace.benchmark;

import dev.millrace.benchmark.statistics.Spread;
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
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code ./millrace benchmark start-up}. */
@Command(
    name = "start-up",
    description = {
      "From the start of `./millrace run` to the end of its first micro-batch, with the archive of",
      "loaded classes that the launcher makes and without it."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class StartUpCommand implements Callable<Integer> {

  private static final long MESSAGES = 1_000;

  @Spec private CommandSpec spec;
  @Mixin private MeasureOptions options;

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    try (LocalStack stack = options.startStack(out)) {
      new RideTopics(stack.bootstrapServers())
          .fill("rides", MESSAGES, options.partitions, 1, options.compression);
      Map<String, List<Double>> seconds = new TreeMap<>();
      for (int round = 0; round <= options.rounds; round++) {
        for (String archive : List.of("never", "use")) {
          double taken = firstBatch(stack.bootstrapServers(), archive);
          out.printf(Locale.ROOT, "round %d, archive %s: %.2f s%n", round, archive, taken);
          out.flush();
          // The first of each reads the jars from the disk.
          if (round > 0) {
            seconds.computeIfAbsent(archive, any -> new ArrayList<>()).add(taken);
          }
        }
      }
      seconds.forEach(
          (archive, taken) -> {
            Spread spread = Spread.of(taken.stream().mapToDouble(Double::doubleValue).toArray());
            out.printf(
                Locale.ROOT,
                "archive %s: median %.2f s (%.2f-%.2f)%n",
                archive,
                spread.median(),
                spread.min(),
                spread.max());
          });
    }
    return 0;
  }

  private static double firstBatch(String bootstrapServers, String archive)
      throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("millrace-start-up");
    ProcessBuilder builder =
        new ProcessBuilder(
            MeasureOptions.home().resolve("millrace").toString(),
            "run",
            MeasureOptions.home().resolve("pipelines/ride-bookings.yaml").toString());
    builder
        .environment()
        .putAll(
            Map.of(
                "KAFKA_BOOTSTRAP_SERVERS",
                bootstrapServers,
                "KAFKA_TOPIC",
                "rides",
                "OUTPUT_DIR",
                folder.resolve("output").toString(),
                "CHECKPOINT_DIR",
                folder.resolve("checkpoints").toString(),
                "MILLRACE_BUILD",
                "never",
                "MILLRACE_CLASS_ARCHIVE",
                archive));
    builder.redirectError(folder.resolve("log").toFile());
    long start = System.nanoTime();
    Process process = builder.start();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.contains(" read = ")) {
          return (System.nanoTime() - start) / 1e9;
        }
      }
    } finally {
      process.destroy();
      process.waitFor();
    }
    throw new IllegalStateException("The job ended before its first micro-batch. See " + folder);
  }
}
