package dev.millrace.benchmark.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.benchmark.contender.Contender.Run;
import dev.millrace.benchmark.topic.RideTopic;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ViewsTableTest {

  @Test
  void hasSpeedPerCoreForEachStore() {
    Map<String, List<Run>> runs = new LinkedHashMap<>();
    runs.put("rocksdb-1", List.of(run(50, 60), run(40, 50), run(100, 120)));
    runs.put("memory-values", List.of(run(50, 63)));
    runs.put("spark", List.of(run(25, 40)));

    String table =
        ViewsTable.of(
            new RideTopic("rides", 1_000, 2, 1, 1_270_000),
            runs,
            new Machine(2, "A processor", 8, "abc1234", Map.of("Spark", "3.5.7")),
            List.of("-Xmx2g", "--add-opens=java.base/java.lang=ALL-UNNAMED"),
            "2026-01-31",
            3,
            2);

    assertThat(table)
        .contains("1,000 changes of 1,270 bytes, 2 partitions")
        .contains("| rocksdb | 1 | **20,000** (10,000–25,000) | 16,667 | 1.20 | 60.0 µs |")
        .contains("| memory | values | **20,000** (20,000–20,000) | 15,873 | 1.26 | 63.0 µs |")
        .contains("|  | spark | **40,000** (40,000–40,000) | 25,000 | 1.60 | 40.0 µs |")
        .contains("- Spark 3.5.7")
        .contains("Flags of the JVM: `-Xmx2g`");
  }

  private static Run run(int milliseconds, int cpuMilliseconds) {
    return new Run(1_000, milliseconds * 1_000_000L, cpuMilliseconds * 1_000_000L);
  }
}
