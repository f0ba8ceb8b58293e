package dev.millrace.benchmark;

import dev.millrace.benchmark.contender.Contender.Run;
import dev.millrace.benchmark.contender.FileSourceRuns;
import dev.millrace.benchmark.measure.JavaPrograms;
import dev.millrace.benchmark.report.FilesTable;
import dev.millrace.benchmark.report.FilesTable.Input;
import dev.millrace.benchmark.report.Machine;
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
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ./millrace benchmark files}. */
@Command(
    name = "files",
    description = {
      "CSV files to Parquet, many small ones and a few large ones: this job next to Spark's own",
      "readStream with the same options. Writes a table into benchmarks/results."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class FilesCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private MeasureOptions options;

  @Option(
      names = "--small-files",
      paramLabel = "N",
      description = "Files of 200 rows. Default: ${DEFAULT-VALUE}.")
  private int smallFiles = 2_000;

  @Option(
      names = "--large-files",
      paramLabel = "N",
      description = "Files of --large-rows rows. Default: ${DEFAULT-VALUE}.")
  private int largeFiles = 10;

  @Option(
      names = "--large-rows",
      paramLabel = "N",
      description = "Rows of a large file; the default makes about 100 MB.")
  private int largeRows = 950_000;

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    Path work = MeasureOptions.home().resolve("benchmarks/target/files");
    Files.createDirectories(work);
    List<Input> inputs = new ArrayList<>();
    for (Input input :
        List.of(new Input(smallFiles, 200, Map.of()), new Input(largeFiles, largeRows, Map.of()))) {
      if (input.files() > 0) {
        inputs.add(measure(input, work, out));
      }
    }
    JavaPrograms programs = new JavaPrograms(MeasureOptions.home(), options.jobFlags());
    String table =
        FilesTable.of(
            inputs,
            Machine.thisOne(MeasureOptions.home()),
            programs.flags(),
            MeasureOptions.today(),
            options.rounds,
            options.warmUps);
    Files.createDirectories(options.resultsFolder());
    Files.writeString(options.resultsFolder().resolve(MeasureOptions.today() + "-files.md"), table);
    out.println(table);
    out.flush();
    return 0;
  }

  private Input measure(Input input, Path work, PrintWriter out)
      throws IOException, InterruptedException {
    Path log = work.resolve("runs-" + input.files() + ".log");
    Process process =
        new ProcessBuilder(
                new JavaPrograms(MeasureOptions.home(), options.jobFlags())
                    .command(
                        FileSourceRuns.class.getName(),
                        List.of(
                            work.toString(),
                            Integer.toString(input.files()),
                            Integer.toString(input.rowsOfAFile()),
                            Integer.toString(options.warmUps),
                            Integer.toString(options.rounds))))
            .redirectError(log.toFile())
            .start();
    Map<String, List<Run>> runs = new LinkedHashMap<>();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] words = line.split(" ", -1);
        if (!words[0].equals("run") && !words[0].equals("warm-up")) {
          continue;
        }
        Run run =
            new Run(Long.parseLong(words[3]), Long.parseLong(words[4]), Long.parseLong(words[5]));
        out.printf(
            "%-8s %-9s %,6d files  %,9.0f rows/s  %6.2f s%n",
            words[0],
            words[1],
            input.files(),
            run.messages() * 1e9 / run.nanoseconds(),
            run.nanoseconds() / 1e9);
        out.flush();
        if (words[0].equals("run")) {
          runs.computeIfAbsent(words[1], any -> new ArrayList<>()).add(run);
        }
      }
    }
    if (process.waitFor() != 0) {
      throw new IllegalStateException("A contender has failed. Log: " + log);
    }
    return new Input(input.files(), input.rowsOfAFile(), runs);
  }
}
