package dev.millrace.benchmark.report;

import dev.millrace.benchmark.contender.Contender.Run;
import dev.millrace.benchmark.statistics.Spread;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/** The result of {@code ./millrace benchmark files} as Markdown. */
public final class FilesTable {

  private static final Map<String, String> TITLES =
      Map.of("millrace", "Millrace", "spark", "Spark's own `readStream`");

  private FilesTable() {}

  /**
   * Files of one size, and how both contenders read them.
   *
   * @param runs by contender, {@code millrace} and {@code spark}
   */
  public record Input(int files, int rowsOfAFile, Map<String, List<Run>> runs) {}

  /** The table, with what it was measured on. */
  public static String of(
      List<Input> inputs,
      Machine machine,
      List<String> flags,
      String date,
      int rounds,
      int warmUps) {
    StringBuilder text = new StringBuilder();
    line(text, "# Files, %s%n", date);
    line(
        text,
        "CSV of 21 text columns to Parquet, quoted line breaks allowed, up to 100 files in a"
            + " micro-batch. Medians of %d runs each, in turn, after %d to warm up; in brackets the"
            + " slowest and the fastest.%n",
        rounds,
        warmUps);
    line(text, "| files | rows each | contender | rows/s | rows/s per core | cores busy |");
    line(text, "|---|---|---|---|---|---|");
    for (Input input : inputs) {
      new TreeMap<>(input.runs())
          .forEach(
              (contender, runs) -> {
                Spread rows = spread(runs, run -> run.messages() * 1e9 / run.nanoseconds());
                line(
                    text,
                    "| %,d | %,d | %s | **%,.0f** (%,.0f–%,.0f) | %,.0f | %.2f |",
                    input.files(),
                    input.rowsOfAFile(),
                    TITLES.get(contender),
                    rows.median(),
                    rows.min(),
                    rows.max(),
                    spread(runs, run -> run.messages() * 1e9 / run.cpuNanoseconds()).median(),
                    spread(runs, run -> (double) run.cpuNanoseconds() / run.nanoseconds())
                        .median());
              });
    }
    line(text, "");
    line(text, "| files | Millrace against Spark, times as fast |");
    line(text, "|---|---|");
    for (Input input : inputs) {
      line(text, "| %,d | **%.2f** |", input.files(), ratio(input));
    }
    line(
        text,
        "%n%d cores of %s, %d GiB. Commit %s.%n",
        machine.cores(),
        machine.processor(),
        machine.memoryGibibytes(),
        machine.commit());
    for (String name : List.of("Java", "Spark", "System")) {
      line(text, "- %s %s", name, machine.versions().get(name));
    }
    line(
        text,
        "- Flags of the JVM: `%s`",
        String.join(
            " ",
            flags.stream()
                .filter(flag -> !flag.startsWith("--add-opens"))
                .filter(flag -> !flag.startsWith("-Dmillrace.home="))
                .toList()));
    return text.toString();
  }

  /** How many times as fast this job is; of medians. */
  static double ratio(Input input) {
    ToDoubleFunction<Run> speed = run -> run.messages() * 1e9 / run.nanoseconds();
    return spread(input.runs().get("millrace"), speed).median()
        / spread(input.runs().get("spark"), speed).median();
  }

  private static Spread spread(List<Run> runs, ToDoubleFunction<Run> measure) {
    return Spread.of(runs.stream().mapToDouble(measure).toArray());
  }

  private static void line(StringBuilder text, String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
