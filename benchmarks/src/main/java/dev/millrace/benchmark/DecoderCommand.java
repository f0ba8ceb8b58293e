package dev.millrace.benchmark;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.benchmark.decoder.DecoderMessages;
import dev.millrace.benchmark.measure.JavaPrograms;
import dev.millrace.benchmark.report.DecoderTable;
import dev.millrace.benchmark.report.Machine;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ./millrace benchmark decoder}. */
@Command(
    name = "decoder",
    description = "The decoder alone, on one core, by JMH; next to Jackson and from_json.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class DecoderCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private MeasureOptions options;

  @Parameters(
      arity = "0..*",
      paramLabel = "JMH-OPTION",
      description = "Passed to JMH after --, such as: -- -f 1 -wi 3")
  private List<String> jmh = List.of();

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    Path data = options.resultsFolder().resolve(MeasureOptions.today() + "-decoder.json");
    Files.createDirectories(options.resultsFolder());
    Process process =
        new ProcessBuilder(
                new JavaPrograms(MeasureOptions.home(), options.jobFlags()).jmh(data, jmh))
            .inheritIO()
            .start();
    if (process.waitFor() != 0) {
      return 1;
    }
    // Of the checkout's place, which is in the flags, results say nothing.
    String measured = Files.readString(data).replace(MeasureOptions.home().toString(), ".");
    Files.writeString(data, measured);
    JsonNode results = new ObjectMapper().readTree(measured);
    String table =
        DecoderTable.of(
            results,
            DecoderMessages.averageBytes(),
            Machine.thisOne(MeasureOptions.home()),
            MeasureOptions.today());
    Files.writeString(
        options.resultsFolder().resolve(MeasureOptions.today() + "-decoder.md"), table);
    out.println(table);
    return 0;
  }
}
