package dev.millrace.benchmark.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.benchmark.contender.Contender.Run;
import dev.millrace.benchmark.measure.Case;
import dev.millrace.benchmark.measure.Measured;
import dev.millrace.benchmark.measure.Program;
import dev.millrace.benchmark.topic.RideTopic;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xml.sax.InputSource;

class ResultFilesTest {

  private static final RideTopic TOPIC = new RideTopic("rides", 1_000, 2, 1, 1_270_000);

  private static final Setup SETUP =
      new Setup(
          "2026-01-31",
          "throughput",
          new Machine(2, "A processor", 8, "abc1234", Map.of("Spark", "3.5.7")),
          List.of("-Xmx2g", "--add-opens=java.base/java.lang=ALL-UNNAMED"),
          3,
          2,
          "lz4");

  private static final List<Measured> MEASURED =
      List.of(
          new Measured(
              new Case("b", Program.JACKSON, "b", TOPIC, 0, "none"),
              List.of(run(10), run(5), run(4))),
          new Measured(
              new Case("d-noop", Program.MILLRACE, "d", TOPIC, 24, "noop"),
              List.of(run(8), run(10), run(20))),
          new Measured(
              new Case("e24-noop", Program.GUIDE, "e24", TOPIC, 24, "noop"),
              List.of(run(100), run(125), run(200))));

  @Test
  void theTableHasMediansEndsAndRatios(@TempDir Path folder) throws IOException {
    String table = ResultFiles.in(folder).write(SETUP, MEASURED);

    assertThat(table)
        .contains(
            "| d-noop | Millrace | 24 | noop | 1,000 | 2 | 1,270 | **100,000** (50,000–125,000) |"
                + " 127 | 50,000 | 2.00 |")
        .contains("| d-noop | b | **0.50** |")
        .contains("| d-noop | e24-noop | **12.50** |")
        .contains("2 cores of A processor, 8 GiB")
        .contains("`-Xmx2g`");
    assertThat(Files.readString(folder.resolve("2026-01-31-throughput.md"))).isEqualTo(table);
  }

  @Test
  void theDataHasEveryRun(@TempDir Path folder) throws IOException {
    ResultFiles.in(folder).write(SETUP, MEASURED);

    JsonNode data =
        new ObjectMapper().readTree(folder.resolve("2026-01-31-throughput.json").toFile());
    assertThat(data.get("results").get(1).get("runs").get(2).get("nanoseconds").asLong())
        .isEqualTo(20_000_000);
    assertThat(data.get("setup").get("flags").get(0).asText()).isEqualTo("-Xmx2g");
  }

  @Test
  void theChartIsXmlWithABarForEachCase(@TempDir Path folder) throws Exception {
    ResultFiles.in(folder).write(SETUP, MEASURED);

    String chart = Files.readString(folder.resolve("2026-01-31-throughput.svg"));
    var document =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new InputSource(new StringReader(chart)));
    // The background and three bars.
    assertThat(document.getElementsByTagName("rect").getLength()).isEqualTo(4);
    assertThat(chart).contains(">100,000</text>").contains(">d-noop · Millrace, 24 columns</text>");
  }

  private static Run run(int milliseconds) {
    return new Run(1_000, milliseconds * 1_000_000L, milliseconds * 2_000_000L);
  }
}
