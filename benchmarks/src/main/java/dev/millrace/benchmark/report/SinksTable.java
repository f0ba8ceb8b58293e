package dev.millrace.benchmark.report;

import dev.millrace.benchmark.sinks.SinkCase;
import dev.millrace.benchmark.sinks.SinkMeasured;
import dev.millrace.benchmark.sinks.SinkRuns;
import dev.millrace.benchmark.sinks.SmallBatches;
import dev.millrace.benchmark.statistics.Spread;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The result of {@code ./millrace benchmark sinks} as Markdown. */
public final class SinksTable {

  /** Goals of the project; no figure where there is none. */
  private static final List<Goal> GOALS =
      List.of(
          new Goal(SinkCase.MILLRACE_KEYED, SinkCase.DEBEZIUM, "3.0"),
          new Goal(SinkCase.MILLRACE_KEYED, SinkCase.DEBEZIUM_BEST, "1.5"),
          new Goal(SinkCase.MILLRACE_KEYED, SinkCase.DEBEZIUM_BEST_TASKS, "1.5"),
          new Goal(SinkCase.MILLRACE_MIRROR, SinkCase.DEBEZIUM, "3.0"),
          new Goal(SinkCase.MILLRACE_MIRROR, SinkCase.DEBEZIUM_BEST, "1.5"),
          new Goal(SinkCase.MILLRACE_MIRROR, SinkCase.DEBEZIUM_BEST_TASKS, "1.5"),
          new Goal(SinkCase.MILLRACE_CHANGES, SinkCase.SPARK_JDBC, ""),
          new Goal(SinkCase.MILLRACE_CHANGES, SinkCase.SPARK_JDBC_REWRITTEN, ""),
          new Goal(SinkCase.MILLRACE_ICEBERG, SinkCase.SPARK_MERGE, "1.0"),
          new Goal(SinkCase.MILLRACE_ICEBERG, SinkCase.SPARK_MERGE_ON_READ, ""));

  private static final int MAX_MILLIS = 3_000;

  private final StringBuilder text = new StringBuilder();

  private SinksTable() {}

  /** What is compared, and how many times as fast the job should be. */
  private record Goal(SinkCase job, SinkCase other, String times) {}

  /**
   * The micro-batches of few changes.
   *
   * @param tableRows of the table before
   */
  public record LargeTable(long tableRows, int changesPerBatch, List<SmallBatches> results) {

    public LargeTable {
      results = List.copyOf(results);
    }
  }

  /**
   * The table, with what it was measured on.
   *
   * @param setup names the chart's file, too
   * @param messages of the topic
   * @param loadBefore the machine's load average when the measurement began: what else it did
   */
  public static String of(
      Setup setup,
      long messages,
      int partitions,
      List<SinkMeasured> measured,
      LargeTable largeTable,
      String loadBefore) {
    SinksTable table = new SinksTable();
    table.line("# Sinks, %s%n", setup.date());
    if (!measured.isEmpty()) {
      table.heading(setup, messages, partitions);
      table.throughput(measured);
      table.differences(measured);
      table.ratios(measured);
    }
    if (!largeTable.results().isEmpty()) {
      table.largeTable(largeTable);
    }
    table.conditions(setup, loadBefore);
    return table.text.toString();
  }

  private void heading(Setup setup, long messages, int partitions) {
    line(
        "%,d changes of ride bookings, %d partitions, from Kafka into an empty table, which holds"
            + " what it should at the end unless a line below tells otherwise. About %,d changes"
            + " in a micro-batch of Spark. Medians of %d runs each, in turn, after %d to warm up; in"
            + " brackets the slowest and the fastest.%n",
        messages, partitions, SinkRuns.CHANGES_PER_BATCH, setup.rounds(), setup.warmUps());
    line("![Rows a second](%s.svg)%n", setup.name());
  }

  private void throughput(List<SinkMeasured> measured) {
    line(
        "| sink | contender | bytes each | changes/s | changes/s per core | cores busy |"
            + " Postgres' CPU a change |");
    line("|---|---|---|---|---|---|---|");
    for (SinkMeasured each : measured) {
      Spread speed = each.changesPerSecond();
      line(
          "| %s | %s | %,.0f | **%,.0f** (%,.0f–%,.0f) | %,.0f | %.2f | %s |",
          each.of().sink(),
          each.of().title(),
          each.bytesPerMessage(),
          speed.median(),
          speed.min(),
          speed.max(),
          each.changesPerCoreSecond().median(),
          each.coresBusy().median(),
          each.of().sink().equals("postgres")
              ? String.format(Locale.ROOT, "%.1f µs", each.targetMicrosPerChange().median())
              : "");
    }
    line("");
  }

  private void differences(List<SinkMeasured> measured) {
    for (SinkMeasured each : measured) {
      for (String difference : each.differences()) {
        line("**%s left another table: %s.**%n", each.of().title(), difference);
      }
    }
  }

  private void ratios(List<SinkMeasured> measured) {
    line("| this job | against | times as fast | goal |");
    line("|---|---|---|---|");
    for (Goal goal : GOALS) {
      Optional<SinkMeasured> job = find(measured, goal.job());
      Optional<SinkMeasured> other = find(measured, goal.other());
      if (job.isPresent() && other.isPresent()) {
        line(
            "| %s: %s | %s | **%.2f** | %s |",
            goal.job().sink(),
            goal.job().title(),
            goal.other().title(),
            job.get().changesPerSecond().median() / other.get().changesPerSecond().median(),
            goal.times());
      }
    }
    line("");
  }

  private static Optional<SinkMeasured> find(List<SinkMeasured> measured, SinkCase wanted) {
    return measured.stream().filter(each -> each.of() == wanted).findFirst();
  }

  private void largeTable(LargeTable large) {
    line(
        "%,d changes a micro-batch into a table of Iceberg with %,d rows: eight updates, an insert"
            + " and a delete of ten, of rows all over the table. Milliseconds of a micro-batch,"
            + " from its start to its commit; the goal for this job is at most %,d.%n",
        large.changesPerBatch(), large.tableRows(), MAX_MILLIS);
    line("| contender | micro-batches | median | p99 | longest |");
    line("|---|---|---|---|---|");
    for (SmallBatches each : large.results()) {
      line(
          "| %s | %d | **%,d** | %,d | %,d |",
          each.of().title(),
          each.millis().size(),
          each.percentile(50),
          each.percentile(99),
          each.percentile(100));
    }
    line("");
    for (SmallBatches each : large.results()) {
      if (!each.difference().isEmpty()) {
        line("**%s left another table: %s.**%n", each.of().title(), each.difference());
      }
    }
  }

  private void conditions(Setup setup, String loadBefore) {
    Machine machine = setup.machine();
    line(
        "%d cores of %s, %d GiB; the broker and Postgres run on the same cores. Topic compressed"
            + " with %s. Commit %s. The machine's load average before: %s. Latency of both sinks:"
            + " `./millrace benchmark latency --sinks postgres,iceberg`.%n",
        machine.cores(),
        machine.processor(),
        machine.memoryGibibytes(),
        setup.compression(),
        machine.commit(),
        loadBefore);
    machine.versions().keySet().stream()
        .filter(name -> !name.startsWith("Cassandra") && !name.startsWith("Flink"))
        .sorted()
        .forEach(name -> line("- %s %s", name, machine.versions().get(name)));
    line(
        "- Flags of every contender's JVM: `%s`",
        String.join(
            " ", setup.flags().stream().filter(flag -> !flag.startsWith("--add-opens")).toList()));
  }

  private void line(String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
