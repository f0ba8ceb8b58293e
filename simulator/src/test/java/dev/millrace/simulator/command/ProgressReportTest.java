package dev.millrace.simulator.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.simulator.SimulationProgress;
import dev.millrace.simulator.SimulationSettings;
import dev.millrace.simulator.command.ProgressLine.Medium;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ProgressReportTest {

  private final StringWriter shown = new StringWriter();

  @Test
  void showsShareRateAndTimeLeft() {
    assertThat(ProgressReport.line(at(36_120, Duration.ofSeconds(15)), 100_000))
        .isEqualTo("[###-------]  36 %  36,120/100,000 rides  9,632 changes/s  ETA 0:26");
  }

  @Test
  void knowsNoTimeLeftBeforeTheFirstRideHasEnded() {
    assertThat(ProgressReport.line(at(0, Duration.ZERO), 100))
        .isEqualTo("[----------]   0 %  0/100 rides  0 changes/s  ETA ?");
  }

  @Test
  void showsTheTimePassedOfAnEndlessRun() {
    assertThat(
            ProgressReport.line(at(36_120, Duration.ofSeconds(3_725)), SimulationSettings.ENDLESS))
        .isEqualTo("36,120 rides  39 changes/s  1:02:05");
  }

  @Test
  void fitsATerminalOfEightyColumns() {
    assertThat(ProgressReport.line(at(9_999_999, Duration.ofHours(2)), 9_999_999))
        .hasSizeLessThanOrEqualTo(80);
  }

  @Test
  void sumsUp() {
    assertThat(
            ProgressReport.summary(
                new SimulationProgress(1_000, 3_201, 15, 1_000, Duration.ofMillis(21_080))))
        .isEqualTo("1,000 inserted, 3,201 updated, 15 deleted in 21.1 s: 200 changes/s");
  }

  @Test
  void writesALineEveryFiveSecondsToALog() {
    ProgressReport report = new ProgressReport(new PrintWriter(shown), 100, Medium.LOG);
    report.committed(at(1, Duration.ofSeconds(1)));
    report.committed(at(2, Duration.ofSeconds(2)));
    report.committed(at(6, Duration.ofSeconds(6)));
    report.committed(at(7, Duration.ofSeconds(7)));
    report.committed(at(100, Duration.ofSeconds(8)));
    report.finish();
    assertThat(shown.toString().lines())
        .extracting(line -> line.substring(0, line.indexOf(" rides")))
        .containsExactly(
            "[----------]   1 %  1/100",
            "[----------]   6 %  6/100", "[##########] 100 %  100/100");
  }

  @Test
  void drawsOverTheLongerLineBeforeOnATerminal() {
    ProgressReport report = new ProgressReport(new PrintWriter(shown), 100, Medium.TERMINAL);
    report.committed(new SimulationProgress(1, 998, 1, 10, Duration.ofSeconds(1)));
    report.committed(new SimulationProgress(1, 998, 1, 11, Duration.ofSeconds(2)));
    report.finish();
    assertThat(shown)
        .hasToString(
            "\r[#---------]  10 %  10/100 rides  1,000 changes/s  ETA 0:09"
                + "\r[#---------]  11 %  11/100 rides  500 changes/s  ETA 0:16  "
                + System.lineSeparator());
  }

  private static SimulationProgress at(long ridesEnded, Duration elapsed) {
    return new SimulationProgress(ridesEnded, ridesEnded * 3, 0, ridesEnded, elapsed);
  }
}
