package dev.millrace.benchmark.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.millrace.benchmark.contender.Contender.Run;
import dev.millrace.benchmark.measure.Case;
import dev.millrace.benchmark.measure.Measured;
import dev.millrace.benchmark.report.Ratios.Ratio;
import dev.millrace.benchmark.sinks.SinkMeasured;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Writes a result's three files: {@code DATE-WHAT.json}, {@code .md} and {@code .svg}. */
public record ResultFiles(Path folder) {

  /** The whole result as data. */
  private record Result(Setup setup, List<CaseResult> results, List<Ratio> ratios) {}

  private record CaseResult(Case of, String title, double rowsPerSecond, List<Run> runs) {}

  public static ResultFiles in(Path folder) {
    return new ResultFiles(folder);
  }

  /** Writes the files and gives the table, for a person to read. */
  public String write(Setup setup, List<Measured> measured) throws IOException {
    String table = ResultTable.of(setup, measured);
    Files.createDirectories(folder);
    Files.writeString(folder.resolve(setup.name() + ".md"), table);
    Files.writeString(folder.resolve(setup.name() + ".svg"), ResultChart.of(measured));
    Files.writeString(folder.resolve(setup.name() + ".json"), json(setup, measured));
    return table;
  }

  /**
   * Writes the table and the chart of the sinks, and gives the table.
   *
   * @param measured for the chart; if it is empty, no chart is written
   */
  public String writeSinks(Setup setup, String table, List<SinkMeasured> measured)
      throws IOException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve(setup.name() + ".md"), table);
    if (!measured.isEmpty()) {
      Files.writeString(folder.resolve(setup.name() + ".svg"), ResultChart.ofSinks(measured));
    }
    return table;
  }

  private static String json(Setup setup, List<Measured> measured) throws IOException {
    List<CaseResult> results =
        measured.stream()
            .map(
                each ->
                    new CaseResult(
                        each.of(),
                        each.of().program().title(),
                        each.rowsPerSecond().median(),
                        each.runs()))
            .toList();
    return new ObjectMapper()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .writeValueAsString(new Result(setup, results, Ratios.of(measured)))
        + "\n";
  }
}
