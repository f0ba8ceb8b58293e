package dev.millrace.benchmark.report;

import dev.millrace.benchmark.measure.Case;
import dev.millrace.benchmark.measure.Measured;
import dev.millrace.benchmark.report.Ratios.Ratio;
import dev.millrace.benchmark.statistics.Spread;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;

/** A result as Markdown. */
final class ResultTable {

  /** What takes part in other measurements. */
  private static final List<String> OTHERS =
      List.of("Cassandra", "Debezium", "Iceberg", "Postgres");

  private final StringBuilder text = new StringBuilder();

  private ResultTable() {}

  static String of(Setup setup, List<Measured> measured) {
    ResultTable table = new ResultTable();
    table.heading(setup);
    table.rows(measured);
    table.ratios(Ratios.of(measured));
    table.conditions(setup);
    return table.text.toString();
  }

  private void heading(Setup setup) {
    line(
        "# %s, %s",
        Character.toUpperCase(setup.what().charAt(0)) + setup.what().substring(1), setup.date());
    line("");
    line(
        "Medians of %d runs each, which took turns, after %d to warm up; in brackets the slowest"
            + " and the fastest.",
        setup.rounds(), setup.warmUps());
    line("");
    line("![Rows a second](%s.svg)", setup.name());
    line("");
  }

  private void rows(List<Measured> measured) {
    line(
        "| | contender | columns | sink | messages | partitions | bytes each | rows/s | MB/s |"
            + " rows/s per core | cores busy |");
    line("|---|---|---|---|---|---|---|---|---|---|---|");
    for (Measured each : measured) {
      Case of = each.of();
      Spread rows = each.rowsPerSecond();
      line(
          "| %s | %s | %s | %s | %,d | %d | %,.0f | **%,.0f** (%,.0f–%,.0f) | %,.0f | %,.0f | %.2f"
              + " |",
          of.name(),
          of.program().title(),
          of.columns() == 0 ? "" : of.columns(),
          of.sink().equals("none") ? "" : of.sink(),
          of.topic().messages(),
          of.topic().partitions(),
          of.topic().bytesPerMessage(),
          rows.median(),
          rows.min(),
          rows.max(),
          rows.median() * of.topic().bytesPerMessage() / 1e6,
          each.rowsPerCoreSecond().median(),
          each.coresBusy().median());
    }
    line("");
  }

  private void ratios(List<Ratio> ratios) {
    if (ratios.isEmpty()) {
      return;
    }
    line("| this job | against | times as fast |");
    line("|---|---|---|");
    ratios.forEach(
        ratio -> line("| %s | %s | **%.2f** |", ratio.job(), ratio.other(), ratio.times()));
    line("");
  }

  private void conditions(Setup setup) {
    Machine machine = setup.machine();
    line(
        "%d cores of %s, %d GiB; the broker runs on the same cores. Topic compressed with %s."
            + " Commit %s.",
        machine.cores(),
        machine.processor(),
        machine.memoryGibibytes(),
        setup.compression(),
        machine.commit());
    line("");
    new TreeMap<>(machine.versions())
        .entrySet().stream()
            .filter(version -> OTHERS.stream().noneMatch(version.getKey()::startsWith))
            .forEach(version -> line("- %s %s", version.getKey(), version.getValue()));
    line("- Flags of every contender's JVM: `%s`", String.join(" ", flags(setup)));
  }

  /** Those that say something: not what Spark needs to run on Java 17 at all. */
  private static List<String> flags(Setup setup) {
    return setup.flags().stream().filter(flag -> !flag.startsWith("--add-opens")).toList();
  }

  private void line(String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
