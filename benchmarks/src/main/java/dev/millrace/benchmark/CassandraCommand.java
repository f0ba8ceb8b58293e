package dev.millrace.benchmark;

import dev.millrace.benchmark.contender.CassandraSinkRuns;
import dev.millrace.benchmark.measure.JavaPrograms;
import dev.millrace.benchmark.report.Machine;
import dev.millrace.stack.LocalStack;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ./millrace benchmark cassandra}. */
@Command(
    name = "cassandra",
    description = {
      "The sink cassandra alone, with several numbers of requests in flight and of rows a request,",
      "those of Spark's Cassandra connector among them. Prints a table."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class CassandraCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private MeasureOptions options;

  @Option(
      names = "--rows",
      paramLabel = "N",
      description = "Rows of each run. Default: ${DEFAULT-VALUE}.")
  private long rows = 40_000;

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    try (LocalStack stack = options.startStack(out)) {
      stack.addCassandra();
      Process process =
          new ProcessBuilder(
                  new JavaPrograms(MeasureOptions.home(), options.jobFlags())
                      .command(
                          CassandraSinkRuns.class.getName(),
                          List.of(
                              stack.connections().cassandra(),
                              Long.toString(rows),
                              Integer.toString(options.rounds))))
              .inheritIO()
              .start();
      if (process.waitFor() != 0) {
        return 1;
      }
    }
    Machine machine = Machine.thisOne(MeasureOptions.home());
    out.printf(
        "%n%d cores of %s, %d GiB, which Cassandra shares; medians of %d runs of %,d rows, after"
            + " one to warm up. %s. Commit %s.%n",
        machine.cores(),
        machine.processor(),
        machine.memoryGibibytes(),
        options.rounds,
        rows,
        machine.versions(),
        machine.commit());
    out.flush();
    return 0;
  }
}
