package dev.millrace.benchmark.report;

import dev.millrace.benchmark.measure.Measured;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** How many times as fast the job is as the others to the same sink; of medians. */
final class Ratios {

  private static final String JOB = "d-";

  /** What is compared with the job: a name without its sink. */
  private static final List<String> OTHERS = List.of("b", "c", "e24", "f");

  /**
   * One comparison.
   *
   * @param times rows a second of {@code job}, divided by those of {@code other}
   */
  record Ratio(String job, String other, double times) {}

  private Ratios() {}

  static List<Ratio> of(List<Measured> measured) {
    List<Ratio> ratios = new ArrayList<>();
    for (Measured job : measured) {
      if (job.of().name().startsWith(JOB)) {
        for (String other : OTHERS) {
          find(measured, other, job.of().sink()).ifPresent(found -> ratios.add(ratio(job, found)));
        }
      }
    }
    return ratios;
  }

  private static Optional<Measured> find(List<Measured> measured, String name, String sink) {
    return measured.stream()
        .filter(
            each ->
                each.of().name().equals(name + "-" + sink)
                    || (each.of().name().equals(name) && sink.equals("noop")))
        .findFirst();
  }

  private static Ratio ratio(Measured job, Measured other) {
    return new Ratio(
        job.of().name(),
        other.of().name(),
        job.rowsPerSecond().median() / other.rowsPerSecond().median());
  }
}
