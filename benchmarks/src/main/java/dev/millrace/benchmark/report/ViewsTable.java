package dev.millrace.benchmark.report;

import dev.millrace.benchmark.contender.Contender.Run;
import dev.millrace.benchmark.statistics.Spread;
import dev.millrace.benchmark.topic.RideTopic;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** The result of {@code ./millrace benchmark views} as Markdown. */
public final class ViewsTable {

  private ViewsTable() {}

  /**
   * The table, with what it was measured on.
   *
   * @param runs by contender, in order: {@code rocksdb-1}, {@code memory-5} and so on, {@code
   *     spark}
   */
  public static String of(
      RideTopic topic,
      Map<String, List<Run>> runs,
      Machine machine,
      List<String> flags,
      String date,
      int rounds,
      int warmUps) {
    StringBuilder text = new StringBuilder();
    line(text, "# Views, %s%n", date);
    line(
        text,
        "%,d changes of %,.0f bytes, %d partitions, from Kafka to views as Parquet, up to 100,000"
            + " changes in a micro-batch. `values` is a view with min, max and count(DISTINCT);"
            + " `spark` is Spark's own stateful"
            + " aggregation of the first view's SQL over the changes: it counts every version of a"
            + " row and takes nothing back. Medians of %d runs each, in turn, after %d to warm up;"
            + " in brackets the slowest and the fastest.%n",
        topic.messages(),
        topic.bytesPerMessage(),
        topic.partitions(),
        rounds,
        warmUps);
    line(text, "| store | views | changes/s | changes/s per core | cores busy | CPU a change |");
    line(text, "|---|---|---|---|---|---|");
    for (Map.Entry<String, List<Run>> contender : runs.entrySet()) {
      List<Run> all = contender.getValue();
      Spread speed = spread(all, run -> run.messages() * 1e9 / run.nanoseconds());
      double micros = spread(all, run -> run.cpuNanoseconds() / 1e3 / run.messages()).median();
      int dash = contender.getKey().indexOf('-');
      line(
          text,
          "| %s | %s | **%,.0f** (%,.0f–%,.0f) | %,.0f | %.2f | %.1f µs |",
          dash < 0 ? "" : contender.getKey().substring(0, dash),
          contender.getKey().substring(dash + 1),
          speed.median(),
          speed.min(),
          speed.max(),
          spread(all, run -> run.messages() * 1e9 / run.cpuNanoseconds()).median(),
          spread(all, run -> (double) run.cpuNanoseconds() / run.nanoseconds()).median(),
          micros);
    }
    line(
        text,
        "%n%d cores of %s, %d GiB. Commit %s.%n",
        machine.cores(),
        machine.processor(),
        machine.memoryGibibytes(),
        machine.commit());
    machine.versions().keySet().stream()
        .sorted()
        .forEach(name -> line(text, "- %s %s", name, machine.versions().get(name)));
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

  private static Spread spread(List<Run> runs, ToDoubleFunction<Run> measure) {
    return Spread.of(runs.stream().mapToDouble(measure).toArray());
  }

  private static void line(StringBuilder text, String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
