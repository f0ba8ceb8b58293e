package dev.millrace.simulator.command;

import dev.millrace.simulator.SimulationListener;
import dev.millrace.simulator.SimulationProgress;
import dev.millrace.simulator.SimulationSettings;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;

/** Shows the progress of a simulation of rides. */
final class ProgressReport implements SimulationListener {

  private static final int BAR_WIDTH = 10;

  private final ProgressLine line;
  private final long rides;

  ProgressReport(PrintWriter out, long rides, ProgressLine.Medium medium) {
    this.line = new ProgressLine(out, medium);
    this.rides = rides;
  }

  @Override
  public void committed(SimulationProgress progress) {
    line.update(progress.elapsed(), progress.ridesEnded() == rides, () -> line(progress, rides));
  }

  /** Leaves the line that was drawn last as it is, and begins a new one. */
  void finish() {
    line.finish();
  }

  /**
   * One line, of at most 80 characters up to millions of rides.
   *
   * <pre>
   * [###-------]  36 %  36,120/100,000 rides  9,871 changes/s  ETA 0:27
   * 36,120 rides  200 changes/s  12:37
   * </pre>
   *
   * The second is that of an endless simulation, with the time since its beginning.
   */
  static String line(SimulationProgress progress, long rides) {
    long ended = progress.ridesEnded();
    if (rides == SimulationSettings.ENDLESS) {
      return String.format(
          Locale.ROOT,
          "%,d rides  %,.0f changes/s  %s",
          ended,
          progress.changesPerSecond(),
          ProgressLine.clock(progress.elapsed()));
    }
    int filled = (int) (BAR_WIDTH * ended / rides);
    String bar = "#".repeat(filled) + "-".repeat(BAR_WIDTH - filled);
    return String.format(
        Locale.ROOT,
        "[%s] %3d %%  %,d/%,d rides  %,.0f changes/s  ETA %s",
        bar,
        100 * ended / rides,
        ended,
        rides,
        progress.changesPerSecond(),
        ended == 0 ? "?" : ProgressLine.clock(timeLeft(progress, rides)));
  }

  /** The summary at the end of a run. */
  static String summary(SimulationProgress progress) {
    return String.format(
        Locale.ROOT,
        "%,d inserted, %,d updated, %,d deleted in %.1f s: %,.0f changes/s",
        progress.inserted(),
        progress.updated(),
        progress.deleted(),
        progress.elapsed().toMillis() / 1000.0,
        progress.changesPerSecond());
  }

  private static Duration timeLeft(SimulationProgress progress, long rides) {
    double share = (double) (rides - progress.ridesEnded()) / progress.ridesEnded();
    return Duration.ofMillis(Math.round(progress.elapsed().toMillis() * share));
  }
}
