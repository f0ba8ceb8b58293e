package dev.millrace.benchmark;

import dev.millrace.benchmark.measure.JavaPrograms;
import dev.millrace.benchmark.report.Machine;
import dev.millrace.benchmark.report.ResultFiles;
import dev.millrace.benchmark.report.Setup;
import dev.millrace.benchmark.report.SinksTable;
import dev.millrace.benchmark.report.SinksTable.LargeTable;
import dev.millrace.benchmark.sinks.SinkCase;
import dev.millrace.benchmark.sinks.SinkMeasured;
import dev.millrace.benchmark.sinks.SinkRuns;
import dev.millrace.benchmark.sinks.SmallBatches;
import dev.millrace.stack.LocalStack;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ./millrace benchmark sinks}. */
@Command(
    name = "sinks",
    description = {
      "From Kafka to a table of Postgres, next to Debezium's and Spark's JDBC sinks,",
      "and of Iceberg, next to MERGE INTO from foreachBatch; then few changes at a",
      "time into a large table of Iceberg. Writes into benchmarks/results."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class SinksCommand implements Callable<Integer> {

  private static final Path LOAD = Path.of("/proc/loadavg");

  @Spec private CommandSpec spec;
  @Mixin private MeasureOptions options = new MeasureOptions(500_000, 3, 2);

  @Option(
      names = "--only",
      split = ",",
      paramLabel = "CONTENDER",
      description = {
        "Only these: millrace, millrace-keyed, debezium,",
        "debezium-best, debezium-best-tasks,",
        "millrace-changes, spark-jdbc,",
        "spark-jdbc-rewritten, millrace-iceberg, spark-merge,",
        "spark-merge-on-read. Default: all."
      })
  private List<String> only = Arrays.stream(SinkCase.values()).map(SinkCase::id).toList();

  @Option(
      names = "--table-rows",
      paramLabel = "N",
      description = {"Rows of the large table; 0 leaves this part out. Default: ${DEFAULT-VALUE}."})
  private long tableRows = 1_000_000;

  @Option(
      names = "--batches",
      paramLabel = "N",
      description = "Micro-batches into the large table. Default: ${DEFAULT-VALUE}.")
  private int batches = 20;

  @Option(
      names = "--batch-changes",
      paramLabel = "N",
      description = "Changes of each of these. Default: ${DEFAULT-VALUE}.")
  private int batchChanges = 1_000;

  @Override
  public Integer call() throws IOException, SQLException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    List<SinkCase> cases = cases();
    JavaPrograms programs = new JavaPrograms(MeasureOptions.home(), options.jobFlags());
    String load = Files.readString(LOAD).split(" ", 2)[0];
    List<SinkMeasured> measured = List.of();
    List<SmallBatches> smallBatches = List.of();
    try (LocalStack stack = options.startStackWithoutConnect(out);
        SinkRuns runs =
            new SinkRuns(
                stack,
                programs,
                MeasureOptions.home().resolve("benchmarks/target/sinks"),
                options.partitions,
                options.compression,
                out)) {
      if (options.rounds > 0) {
        measured = runs.throughput(cases, options.messages, options.warmUps, options.rounds);
      }
      List<SinkCase> iceberg =
          cases.stream().filter(each -> each.sink().equals("iceberg")).toList();
      if (tableRows > 0 && !iceberg.isEmpty()) {
        smallBatches = runs.smallBatches(iceberg, tableRows, batches, batchChanges);
      }
    } finally {
      // What was measured before a failure took its time, too.
      if (!measured.isEmpty() || !smallBatches.isEmpty()) {
        write(measured, smallBatches, programs, load, out);
      }
    }
    return 0;
  }

  private List<SinkCase> cases() {
    List<SinkCase> cases = new ArrayList<>();
    for (SinkCase each : SinkCase.values()) {
      if (only.contains(each.id())) {
        cases.add(each);
      }
    }
    if (cases.size() != only.size()) {
      throw new ParameterException(
          spec.commandLine(),
          "--only %s: expected names of %s"
              .formatted(
                  String.join(",", only),
                  Arrays.stream(SinkCase.values())
                      .map(SinkCase::id)
                      .collect(Collectors.joining(", "))));
    }
    return cases;
  }

  private void write(
      List<SinkMeasured> measured,
      List<SmallBatches> smallBatches,
      JavaPrograms programs,
      String load,
      PrintWriter out)
      throws IOException {
    Setup setup =
        new Setup(
            MeasureOptions.today(),
            "sinks",
            Machine.thisOne(MeasureOptions.home()),
            programs.flags(),
            options.rounds,
            options.warmUps,
            options.compression);
    String table =
        SinksTable.of(
            setup,
            measured.isEmpty() ? 0 : measured.get(0).runs().get(0).messages(),
            options.partitions,
            measured,
            new LargeTable(tableRows, batchChanges, smallBatches),
            load);
    out.println(ResultFiles.in(options.resultsFolder()).writeSinks(setup, table, measured));
    out.flush();
  }
}
