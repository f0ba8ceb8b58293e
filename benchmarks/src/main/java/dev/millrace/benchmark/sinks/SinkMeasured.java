package dev.millrace.benchmark.sinks;

import dev.millrace.benchmark.contender.Contender.Run;
import dev.millrace.benchmark.statistics.Spread;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * A contender and its runs.
 *
 * @param bytesPerMessage of the topic that it reads
 * @param targetCpuNanoseconds Postgres' processor time in each run
 * @param differences of each run that left a table that is not as it should be, what it holds
 */
public record SinkMeasured(
    SinkCase of,
    double bytesPerMessage,
    List<Run> runs,
    List<Long> targetCpuNanoseconds,
    List<String> differences) {

  public SinkMeasured {
    runs = List.copyOf(runs);
    targetCpuNanoseconds = List.copyOf(targetCpuNanoseconds);
    differences = List.copyOf(differences);
  }

  /** By wall clock. */
  public Spread changesPerSecond() {
    return spread(run -> run.messages() * 1e9 / run.nanoseconds());
  }

  /** By processor time of the contender's process. */
  public Spread changesPerCoreSecond() {
    return spread(run -> run.messages() * 1e9 / run.cpuNanoseconds());
  }

  /** How many cores the contender's process kept busy. */
  public Spread coresBusy() {
    return spread(run -> (double) run.cpuNanoseconds() / run.nanoseconds());
  }

  /** Postgres' processor time for each change, in microseconds. */
  public Spread targetMicrosPerChange() {
    double[] micros = new double[runs.size()];
    for (int i = 0; i < micros.length; i++) {
      micros[i] = targetCpuNanoseconds.get(i) / 1e3 / runs.get(i).messages();
    }
    return Spread.of(micros);
  }

  private Spread spread(ToDoubleFunction<Run> measure) {
    return Spread.of(runs.stream().mapToDouble(measure).toArray());
  }
}
