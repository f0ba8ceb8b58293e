package dev.millrace.benchmark.measure;

import dev.millrace.benchmark.contender.Contender.Run;
import dev.millrace.benchmark.statistics.Spread;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** A case and its runs, in the order in which they were made; warm-up not among them. */
public record Measured(Case of, List<Run> runs) {

  public Measured {
    runs = List.copyOf(runs);
  }

  /** By wall clock. */
  public Spread rowsPerSecond() {
    return spread(run -> run.messages() * 1e9 / run.nanoseconds());
  }

  /** By processor time: what one core would do if it did nothing else. */
  public Spread rowsPerCoreSecond() {
    return spread(run -> run.messages() * 1e9 / run.cpuNanoseconds());
  }

  /** How many cores the process kept busy. */
  public Spread coresBusy() {
    return spread(run -> (double) run.cpuNanoseconds() / run.nanoseconds());
  }

  private Spread spread(ToDoubleFunction<Run> measure) {
    return Spread.of(runs.stream().mapToDouble(measure).toArray());
  }
}
