package dev.millrace.benchmark.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.benchmark.contender.Contender.Run;
import dev.millrace.benchmark.report.SinksTable.LargeTable;
import dev.millrace.benchmark.sinks.SinkCase;
import dev.millrace.benchmark.sinks.SinkMeasured;
import dev.millrace.benchmark.sinks.SmallBatches;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SinksTableTest {

  private static final Setup SETUP =
      new Setup(
          "2026-01-31",
          "sinks",
          new Machine(
              2, "A processor", 8, "abc1234", Map.of("Spark", "3.5.7", "Cassandra", "5.0.9")),
          List.of("-Xmx2g", "-Dmillrace.home=/home"),
          3,
          1,
          "lz4");

  private static final List<SinkMeasured> MEASURED =
      List.of(
          new SinkMeasured(
              SinkCase.MILLRACE_MIRROR,
              1_330,
              List.of(run(50, 60), run(40, 50), run(100, 120)),
              List.of(8_000_000L, 9_000_000L, 10_000_000L),
              List.of()),
          new SinkMeasured(
              SinkCase.DEBEZIUM,
              1_320,
              List.of(run(200, 100)),
              List.of(90_000_000L),
              List.of("99 rows instead of 100")),
          new SinkMeasured(
              SinkCase.MILLRACE_ICEBERG, 1_330, List.of(run(50, 60)), List.of(0L), List.of()),
          new SinkMeasured(
              SinkCase.SPARK_MERGE, 1_330, List.of(run(25, 60)), List.of(0L), List.of()));

  @Test
  void hasSpeedPerCoreAndTheGoals() {
    String table = SinksTable.of(SETUP, 1_000, 2, MEASURED, large(List.of()), "0.10");

    assertThat(table)
        .startsWith("# Sinks, 2026-01-31")
        .contains("1,000 changes of ride bookings, 2 partitions")
        .contains(
            "| postgres | Millrace, a view of the table, exactly once | 1,330 | **20,000**"
                + " (10,000–25,000) | 16,667 | 1.20 | 9.0 µs |")
        .contains(
            "| postgres: Millrace, a view of the table, exactly once | Debezium's JDBC sink,"
                + " defaults | **4.00** | 3.0 |")
        .contains("exactly once | MERGE INTO, defaults | **0.50** | 1.0 |")
        .contains("**Debezium's JDBC sink, defaults left another table: 99 rows instead of 100.**")
        .contains("load average before: 0.10")
        .contains("- Spark 3.5.7")
        .contains("`-Xmx2g`")
        .doesNotContain("Cassandra", "micro-batches | median");
  }

  @Test
  void hasTheSmallBatchesWhereTheyWereMeasured() {
    List<Long> millis = LongStream.rangeClosed(1, 20).map(i -> i * 100).boxed().toList();

    String table =
        SinksTable.of(
            SETUP,
            0,
            2,
            List.of(),
            large(
                List.of(
                    new SmallBatches(SinkCase.MILLRACE_ICEBERG, millis, ""),
                    new SmallBatches(SinkCase.SPARK_MERGE, millis, "nothing"))),
            "0.10");

    assertThat(table)
        .contains("1,000 changes a micro-batch into a table of Iceberg with 1,000,000 rows")
        .contains(
            "| Millrace, a view of the table, exactly once | 20 | **1,000** | 2,000 | 2,000 |")
        .contains("**MERGE INTO, defaults left another table: nothing.**")
        .doesNotContain("times as fast");
  }

  @Test
  void theChartHasABarForEachContender(@TempDir Path folder) throws IOException {
    ResultFiles.in(folder).writeSinks(SETUP, "the table", MEASURED);

    assertThat(Files.readString(folder.resolve("2026-01-31-sinks.md"))).isEqualTo("the table");
    assertThat(Files.readString(folder.resolve("2026-01-31-sinks.svg")))
        .contains(">iceberg · MERGE INTO, defaults</text>")
        .contains(">20,000</text>");
  }

  private static LargeTable large(List<SmallBatches> results) {
    return new LargeTable(1_000_000, 1_000, results);
  }

  private static Run run(int milliseconds, int cpuMilliseconds) {
    return new Run(1_000, milliseconds * 1_000_000L, cpuMilliseconds * 1_000_000L);
  }
}
